#pragma once
// How values cross a C call (R2.136, R2.137). Pure classification; `signatures.h` turns it into LLVM types.

#include "codegen/targets.h"

namespace sx::codegen {

enum class PassKind : std::uint8_t {
  Ignore,    ///< void and values without bytes
  Scalar,    ///< as a scalar (or register vector) of type `Passing::type`
  Registers, ///< in registers, one part each
  Stack,     ///< by value on the stack; as a result: through a hidden pointer
  Pointer,   ///< by the address of a copy; as a result: through a hidden pointer
};

/// Class of one register that carries part of a value.
enum class PartClass : std::uint8_t { Integer, Sse, Sse16 /**< a whole 16-byte vector */ };

struct Passing {
  PassKind kind = PassKind::Ignore;
  ir::TypeId type;              ///< Scalar: the scalar's type (the only member of an aggregate on wasm)
  std::vector<PartClass> parts; ///< Registers: 8 bytes of the value each, 16 for Sse16

  std::size_t integer_registers() const;
  std::size_t sse_registers() const;
};

/// Class of a value of storable (or never) type, as if enough registers were free.
Passing classify(const ir::Module& module, Platform platform, ir::TypeId type);

} // namespace sx::codegen
