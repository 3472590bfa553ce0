#pragma once
// What checking an expression gives, before the place that asked for it decides how to use it.

#include "sema/entities.h"
#include "sema/hir.h"

#include <optional>
#include <variant>

namespace sx::sema {

/// A scalar known while checking: literals, named constants and operators over them (R10.31, R2.21, R7.66).
/// It accompanies a node that computes the same value; nothing is lost if a user ignores it.
struct Folded {
  enum class Kind : std::uint8_t { None, Integer, Float, Bool, String };
  Kind kind = Kind::None;
  bool is_literal = false;   ///< a lone (possibly negated) literal: R2.6 applies
  bool is_character = false; ///< written as a character literal
  __int128 integer = 0;      ///< Integer, Bool; enums by value
  double real = 0;
  StringId text;

  explicit operator bool() const { return kind != Kind::None; }
  bool is_integer() const { return kind == Kind::Integer; }
  bool is_float() const { return kind == Kind::Float; }
  static Folded of_integer(__int128 value) { return {.kind = Kind::Integer, .integer = value}; }
  static Folded of_float(double value) { return {.kind = Kind::Float, .real = value}; }
  static Folded of_bool(bool value) { return {.kind = Kind::Bool, .integer = value}; }
};

/// What a place or binding allows; everything but `Variable` refuses assignment with a code of its own (R3.13.9).
enum class Access : std::uint8_t {
  Variable,
  ModuleConstant, ///< E0525; survives every step but an explicit `.*`
  LocalConstant,  ///< E0529
  LoopElement,    ///< E0527 with the `(*x)` help
  Capture,        ///< E0527: cursors, match payloads, handler errors, pack elements
  Reference,      ///< E0528: by-reference loop capture, a pointer that is followed implicitly (R4.112)
  Context,        ///< E0635
  Variant,        ///< E0514: a payload of a tagged union named as a member
  InlinePayload,  ///< E0832: inside a narrowed or unwrapped optional
  Temporary,      ///< a frame slot made for an rvalue
};

struct Operand {
  enum class Kind : std::uint8_t {
    Poison,    ///< already reported; silences everything built on it (R10.55)
    Value,     ///< `node` computes it; void and noreturn expressions too
    Place,     ///< `node` denotes storage
    Property,  ///< `index` in the body checker's property table; `type` is the object's
    Type,      ///< `denoted`; a generic head without arguments has only `declaration`
    Function,  ///< `declaration` used without call; generic ones too
    Namespace, ///< `declaration`
    Pack,      ///< `index` in the body checker's pack table
    Intrinsic, ///< `name`: of the intrinsic registry
  };
  Kind kind = Kind::Poison;
  Access access = Access::Variable;
  bool narrowed = false;            ///< an optional proved present here (R6.48)
  bool context_typed = false;       ///< bare `.v`, untyped `.{}` or `.[]`: does not decide a join (R3.15.19)
  bool string_literal = false;      ///< `constant.text`; becomes a `cstring` by itself
  bool is_null = false;             ///< the literal `null`
  bool is_failable_call = false;    ///< type is Failable and the failure is still open (R6.100)
  bool explicit_deref = false;      ///< an `e.*` place
  bool is_variant_member = false;   ///< payload of a tagged union named as a member: no target by itself (R3.10.11)
  bool addresses_temporary = false; ///< `*e` of an rvalue
  hir::NodeId node;
  TypeId type;    ///< of Value and Place
  TypeId denoted; ///< Type
  DeclId declaration;
  EnvironmentId environment; ///< Function: bindings of the generic instance that owns a method
  std::uint32_t index = 0xffff'ffff;
  hir::LocalId local; ///< Place that is exactly a local
  Folded constant;
  StringId error_tag; ///< an `error.X` literal; invalid otherwise
  /// What an open failure or a fresh error value came from: its tags are known although its set is open (R6.69).
  ErrorSource error_source;
  TypeId constraint; ///< pack element: the protocol that limits its members
  Span span;
  StringId name = StringId(0); ///< the name it was written as, for messages (0 if it is no name)

  bool poisoned() const { return kind == Kind::Poison; }
  bool is_value() const { return kind == Kind::Value; }
  bool is_place() const { return kind == Kind::Place; }
  bool is_value_or_place() const { return is_value() || is_place(); }
  bool is_type() const { return kind == Kind::Type; }
  static Operand poison(Span span) {
    Operand operand;
    operand.span = span;
    return operand;
  }
};

struct ConversionSite;

/// What the place that asks wants (R2.25).
struct Expect {
  TypeId type;                          ///< ambient type, or invalid
  const ConversionSite* site = nullptr; ///< blocks convert their tail to `type` themselves, reporting so
  bool wants_value = true;              ///< false: statement position, the value is dropped
  bool accepts_failable = false;        ///< the asker handles an open failure (try, catch, or, destructure, forward)
  bool consumes_assertion = false;      ///< direct operand of `try`, `or`, `catch`: a checked cast may fail (R2.103)
  bool accepts_undefined = false;       ///< `---` is allowed here
  bool truncates = false;               ///< operand of `xx` or receiver of a cast: R2.7
  bool typing_only = false;             ///< only the type matters: joins stop before checking their arms again
  bool no_value_is_fine = false;        ///< a block without value gives void and no report
  bool function_body = false;           ///< the block is a function's body: its tail is returned (R4.14)
  bool arm_without_value = false;       ///< a missing value is E0542

  static Expect none() { return {}; }
  static Expect of(TypeId type) {
    Expect expect;
    expect.type = type;
    return expect;
  }
  static Expect statement() {
    Expect expect;
    expect.wants_value = false;
    return expect;
  }
};

/// Where a conversion happens: which code a refusal gets and which spans it shows (R10.17, E0401 to E0405).
struct ConversionSite {
  enum class Kind : std::uint8_t { Initializer, Assignment, Field, Element, Pointee, Name, Return, Other };
  Kind kind = Kind::Other;
  Span site;                ///< the innermost construct that asked: call, literal, declaration, statement
  StringId name;            ///< declared or assigned name, field name
  bool is_argument = false; ///< E0413 instead of E0405 for pointers
  bool in_literal = false;  ///< `site` is a literal that holds the value
};

} // namespace sx::sema
