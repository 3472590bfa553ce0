#pragma once
// The names that a function body declares, as far as its syntax tells. The checks of phases 5d to 5g look at bodies
// that nothing may ever reach (R1.104), so they work without types of expressions.

#include "sema/checker.h"

#include <cstdint>
#include <vector>

namespace sx::sema {

/// A name declared by a statement, parameter list or header.
struct SyntaxLocal {
  enum class Kind : std::uint8_t {
    Value,         ///< variable, parameter, capture: `type` and `value` as written, either may be none
    Constant,      ///< `::` in a body: `value` may be a function, a type, an alias or an expression
    Type,          ///< type parameter
    RuntimeType,   ///< `T: Type` without `$`: a value, never a type (R5.8)
    ComptimeValue, ///< `$N: u32` (R5.9)
    Unknown,       ///< anything else: packs, `self` of a protocol default
  };
  StringId name;
  Kind kind = Kind::Value;
  AstId type;
  AstId value;
  AstId failure;           ///< the expression whose error this name holds, or none
  std::uint32_t frame = 0; ///< nesting of functions: names of outer frames are captures
  std::uint32_t id = 0;    ///< unique in one SyntaxScopes
};

/// A stack of declared names. Marks nest like the scopes they stand for.
class SyntaxScopes {
public:
  explicit SyntaxScopes(Checker& checker, const Site& site) : checker_(checker), site_(site) {}

  std::size_t mark() const { return locals_.size(); }
  void release(std::size_t mark) { locals_.resize(mark); }
  /// The innermost declaration of `name`, or null. Valid until the next declaration.
  const SyntaxLocal* find(StringId name) const;
  std::uint32_t frame() const { return frame_; }

  /// Returns the id of the new name; `_` and absent names declare nothing and give 0.
  std::uint32_t declare(syntax::Ident name, SyntaxLocal::Kind kind, AstId type = {}, AstId value = {},
                        AstId failure = {});
  /// Names of a ConstDecl, VarDecl or Destructure; nothing for other statements.
  void declare_statement(AstId statement);
  /// The constants, functions and types among the statements of a block, which are known in all of it.
  void declare_constants(std::span<const AstId> statements);
  /// Parameters, type parameters that they introduce, and named result slots of a Function, Lambda or ProtocolMethod.
  void declare_signature(AstId function);
  /// Header parameters of a StructType or ProtocolType.
  void declare_header(syntax::NodeList params);
  /// `$T` anywhere below a type.
  void declare_introductions(AstId type);
  /// Everything around `node` that syntax alone can know: headers, signatures and the declarations of blocks.
  void declare_surroundings(AstId node);

  /// A boundary: what is declared from here on belongs to a function of its own.
  void enter_function() { ++frame_; }
  void leave_function() { --frame_; }

private:
  void declare_parameters(syntax::NodeList params);
  SyntaxLocal::Kind parameter_kind(const ast::Param& param) const;

  Checker& checker_;
  Site site_;
  std::vector<SyntaxLocal> locals_;
  std::uint32_t frame_ = 0;
  std::uint32_t next_id_ = 1;
};

/// The value of the condition of an `inline if` as far as syntax and constants tell it (R7.66); nothing if unknown.
std::optional<bool> fold_inline_condition(Checker& checker, const Site& site, const SyntaxScopes& scopes,
                                          AstId condition);

} // namespace sx::sema
