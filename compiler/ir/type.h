#pragma once
// Types of the IR: what engines and back end must know to lay out and compute values, nothing more.

#include "ir/ids.h"

#include <cstdint>
#include <vector>

namespace sx::ir {

enum class TypeKind : std::uint8_t {
  Void,      ///< no value, size 0
  Never,     ///< control does not come out
  Bool,      ///< one byte, 0 or 1
  Int,       ///< `bits` 1..64; stored in 1, 2, 4 or 8 bytes, canonical (R2.107)
  Float,     ///< `bits` 32 or 64
  Pointer,   ///< data address, pointer size of the target
  Code,      ///< code address, pointer size of the target
  Array,     ///< `count` elements side by side
  Vector,    ///< `count` lanes packed from 0; size rounded up to a power of two (R2.107)
  Aggregate, ///< members at explicit offsets; members may overlap (unions)
  Signature, ///< of a function; not a storable type
};

enum class CallConv : std::uint8_t { Sx, C };

/// A member of an Aggregate.
struct Field {
  StringId name;
  TypeId type;
  std::uint64_t offset = 0;
  friend bool operator==(const Field&, const Field&) = default;
};

/// One row of the type table. Component ids are always smaller than the row's own id, so no type contains itself.
struct Type {
  TypeKind kind = TypeKind::Void;
  std::uint8_t bits = 0;    ///< Int, Float
  bool is_signed = false;   ///< Int
  bool is_variadic = false; ///< Signature: C `...` after the parameters
  CallConv conv = CallConv::Sx;
  TypeId element;             ///< Array, Vector: element; Signature: result
  std::uint64_t count = 0;    ///< Array, Vector
  std::uint64_t size = 0;     ///< Aggregate, bytes
  std::uint32_t align = 1;    ///< Aggregate, a power of two
  StringId name;              ///< Aggregate: display name
  std::vector<Field> fields;  ///< Aggregate
  std::vector<TypeId> params; ///< Signature
  friend bool operator==(const Type&, const Type&) = default;
};

/// Size and alignment of a storable type, in bytes.
struct Layout {
  std::uint64_t size = 0;
  std::uint32_t align = 1;
};

} // namespace sx::ir
