#pragma once
// The type table: every type of a program is one row, found by structure or owned by a declaration (R2.3).

#include "source/ids.h"
#include "source/interner.h"
#include "source/span.h"
#include "syntax/ast.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace sx::sema {

using TypeId = Id<struct SemaTypeTag>;
using ModuleId = Id<struct ModuleTag>;

enum class TypeKind : std::uint8_t {
  Poison, ///< what an error left behind; converts to and from everything (R10.55)
  Void,
  NoReturn,
  Bool,
  Int, ///< `bits` 1..64, `is_signed`
  USize,
  ISize,
  Float, ///< `bits` 32 or 64
  String,
  CString,
  Any,
  Type, ///< a type as a value
  Null, ///< the type of a bare `null` before it meets a target; never stored
  Pointer,
  ManyPointer,
  Slice,
  Optional, ///< `element`
  Array,
  Vector,   ///< `element`, `count`
  Function, ///< `elements` are the parameters, `element` the result, `convention`
  Closure,  ///< the same, sx convention
  Tuple,    ///< `elements`, `names` (empty, or one a slot; an unnamed slot has id 0)
  Failable, ///< result of a call that can fail: `element` is the value type (Void if none; a Tuple for several),
            ///< `error_set`
  Struct,
  Enum,
  TaggedUnion,
  Union,
  ErrorSet,
  Protocol, ///< `nominal`
};

enum class Convention : std::uint8_t { Sx, C };

/// A field of a struct or member of an untagged union.
struct FieldInfo {
  StringId name;
  TypeId type;
  Span span;                  ///< of the name
  syntax::NodeId initial;     ///< default expression in the declaring file, or none
  bool is_padding = false;    ///< written `_` (R3.2.3)
  bool is_positional = false; ///< anonymous struct field `0`, `1`, ... (R3.5.1)
  bool promotes = false;      ///< union: an unnamed struct arm whose fields are promoted (R3.11.2)
};

struct VariantInfo {
  StringId name;
  TypeId payload;         ///< Void if none
  std::int64_t value = 0; ///< value or tag (R3.9.4, R3.10.2)
  Span span;
};

/// A method of a protocol, in declaration order.
struct ProtocolMethodInfo {
  StringId name;
  bool self_by_pointer = true;
  std::vector<TypeId> params; ///< without self
  TypeId result;
  bool dispatchable = true; ///< R5.89
  syntax::NodeId node;      ///< ast::ProtocolMethod
  Span span;
};

/// What a nominal (or shape-keyed anonymous) type is made of.
struct Nominal {
  StringId name;       ///< display name (R2.118), `__anon` for anonymous shapes
  ModuleId module;     ///< where it was declared; names inside resolve there (R1.124)
  syntax::NodeId node; ///< StructType, EnumType, ... in that module's tree; none for minted types
  Span span;           ///< declared name
  std::uint32_t environment =
      0xffff'ffff; ///< generic bindings of the instance (index into the checker's table), or none
  bool anonymous = false;
  bool complete = false; ///< members are known
  bool failed = false;   ///< an error was reported in its declaration
  bool built = false;    ///< made at compile time (7.13): `complete` once it is filled in

  std::vector<FieldInfo> fields;     ///< Struct, Union
  std::vector<VariantInfo> variants; ///< Enum, TaggedUnion
  bool is_flags = false;
  TypeId backing;                              ///< Enum, TaggedUnion: tag type (i64 by default)
  bool explicit_backing = false;               ///< `backing` was written (R3.10.15)
  TypeId layout_struct;                        ///< TaggedUnion with a layout struct (R3.10.16)
  std::vector<StringId> tags;                  ///< ErrorSet
  bool inferred_set = false;                   ///< the set of a `!` function (R6.105)
  std::vector<ProtocolMethodInfo> methods;     ///< Protocol
  bool is_inline = false, is_identity = false; ///< Protocol
  std::vector<TypeId> arguments;               ///< type arguments of a generic instance or parameterised protocol
};

/// One row.
struct Type {
  TypeKind kind = TypeKind::Poison;
  std::uint8_t bits = 0;
  bool is_signed = false;
  Convention convention = Convention::Sx;
  bool is_variadic = false; ///< extern Function with a C `...` tail
  TypeId element;
  TypeId error_set;
  std::uint64_t count = 0;
  std::vector<TypeId> elements;
  std::vector<StringId> names;
  std::uint32_t nominal = 0xffff'ffff; ///< index of `Nominal`
  std::uint32_t depth = 0;             ///< levels of structure above nominal and builtin types

  friend bool operator==(const Type&, const Type&) = default;
};

struct Layout {
  std::uint64_t size = 0;
  std::uint32_t align = 1;
};

/// Where the parts of a tagged union stand (R2.109).
struct UnionLayout {
  TypeId tag;
  std::uint64_t payload_offset = 0;
  std::uint64_t payload_size = 0;
};

/// Interns structural types, owns nominal ones, computes layouts for one target.
class TypeTable {
public:
  /// Deeper structure is refused by type resolution, so walks over structural types may recurse.
  static constexpr std::uint32_t max_depth = 256;
  /// Sizes saturate here; checking refuses types that reach it.
  static constexpr std::uint64_t max_size = std::uint64_t{1} << 40;

  TypeTable(Interner& strings, std::uint32_t pointer_bytes);

  // Builtins.
  TypeId poison, void_, noreturn, bool_, i8, i16, i32, i64, u8, u16, u32, u64, usize, isize, f32, f64, string, cstring,
      any, type, null, void_pointer;
  TypeId integer(unsigned bits, bool is_signed);

  TypeId pointer(TypeId element);
  TypeId many_pointer(TypeId element);
  TypeId slice(TypeId element); ///< `[]u8` is not `string`
  TypeId optional(TypeId element);
  TypeId array(TypeId element, std::uint64_t count);
  TypeId vector(TypeId element, std::uint64_t lanes);
  TypeId function(std::vector<TypeId> params, TypeId result, Convention convention = Convention::Sx,
                  bool variadic = false);
  TypeId closure(std::vector<TypeId> params, TypeId result);
  TypeId tuple(std::vector<TypeId> elements, std::vector<StringId> names = {});
  TypeId failable(TypeId value, TypeId error_set);

  /// A new nominal type (complete it through `nominal(id)`).
  TypeId add_nominal(TypeKind kind, Nominal nominal);
  /// A type without members that `fill` completes (R7.127).
  TypeId add_built(StringId name, ModuleId module, Span span);
  /// Gives a built type that is not complete its kind (Struct, Enum, TaggedUnion or Tuple) and members; `members` are
  /// read as the kind needs them. Of a tuple the names are dropped.
  void fill(TypeId built, TypeKind kind, std::vector<FieldInfo> members);
  /// Are the members of the type, and of everything it holds by value, known and free of cycles? Only then may `layout`
  /// be asked.
  bool is_sized(TypeId id) const;
  /// Does a value of type `whole` hold one of type `part`? Members that are not known yet hold nothing.
  bool holds(TypeId whole, TypeId part) const;
  /// The anonymous struct, enum or union of this shape (R3.5.4).
  TypeId anonymous(TypeKind kind, Nominal shape);

  const Type& operator[](TypeId id) const { return types_[id.index()]; }
  TypeKind kind(TypeId id) const { return types_[id.index()].kind; }
  bool is(TypeId id, TypeKind k) const { return kind(id) == k; }
  Nominal& nominal(TypeId id) { return nominals_[types_[id.index()].nominal]; }
  const Nominal& nominal(TypeId id) const { return nominals_[types_[id.index()].nominal]; }
  std::size_t size() const { return types_.size(); }

  // Classification (sections 2.1, 2.14, 2.21).
  bool is_integer(TypeId id) const; ///< Int, USize, ISize
  bool is_numeric(TypeId id) const; ///< integers and floats
  bool is_signed(TypeId id) const;
  unsigned bit_width(TypeId id) const;        ///< of an integer, bool (1) or float
  bool is_pointer_like(TypeId id) const;      ///< Pointer, ManyPointer, CString, Function
  bool is_aggregate(TypeId id) const;         ///< R2.72
  bool is_sentinel_optional(TypeId id) const; ///< `?T` represented by a null word

  /// Bytes and alignment for the target (R2.107). The type must be complete and free of by-value cycles.
  Layout layout(TypeId id) const;
  UnionLayout union_layout(TypeId tagged_union) const;
  /// Field offsets of tuples, structs and anonymous structs.
  std::uint64_t field_offset(TypeId aggregate, std::size_t index) const;
  std::uint32_t pointer_bytes() const { return pointer_bytes_; }

  /// The name that `type_name` answers and diagnostics show (R2.118).
  std::string name(TypeId id) const;
  /// The spelling inside the name of a generic instance (R2.119).
  std::string argument_name(TypeId id) const;
  /// The run-time word (R2.4): 1..19 for the reserved types, from 100 upwards for all others, in table order.
  std::int64_t word(TypeId id) const;
  TypeId from_word(std::int64_t word) const; ///< invalid if no such type

private:
  TypeId intern(Type type);
  TypeId builtin(TypeKind kind, unsigned bits = 0, bool is_signed = false);
  TypeId wrap(TypeKind kind, TypeId element, std::uint64_t count = 0);
  Layout compute_layout(const Type& type) const;
  Layout nominal_layout(const Type& type) const;
  Layout tagged_union_layout(const Nominal& nominal, UnionLayout* parts) const;
  std::vector<TypeId> parts(TypeId id) const;
  void write_name(TypeId id, std::string& out) const;
  void write_names(const Type& type, std::string& out) const;
  Interner& strings_;
  std::uint32_t pointer_bytes_;
  std::deque<Type> types_;
  std::deque<Nominal> nominals_;
  std::unordered_multimap<std::size_t, TypeId> index_;
  std::unordered_map<std::string, TypeId> shapes_; ///< anonymous types by a key of their shape
  mutable std::vector<std::optional<Layout>> layouts_;
  mutable std::vector<bool> sized_; ///< types that `is_sized` said yes to
};

} // namespace sx::sema
