#pragma once
// What checking asks of a C front end for `#import c` (R1.149 to R1.151, R2.131).

#include "source/span.h"

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace sx::sema {

/// One `#import c` declaration. Headers and sources are paths as found (R1.108).
struct CUnit {
  std::vector<std::string> headers, sources;
  std::vector<std::string> defines; ///< `K=V` or `K`
  std::vector<std::string> flags;   ///< one compiler argument each
  Span span;                        ///< the whole declaration with its `;`
};

/// The C types that the mapping of R2.131 tells apart; SX_C_TYPE(Enumerator, letter of the reader's reply, sx type).
#define SX_C_TYPES(X)                                                                                                  \
  X(Void, 'v', "")                                                                                                     \
  X(U8, 'B', "u8")                                                                                                     \
  X(I16, 's', "i16")                                                                                                   \
  X(U16, 'S', "u16")                                                                                                   \
  X(I32, 'i', "i32")                                                                                                   \
  X(U32, 'I', "u32")                                                                                                   \
  X(I64, 'l', "i64")                                                                                                   \
  X(U64, 'L', "u64")                                                                                                   \
  X(F32, 'f', "f32")                                                                                                   \
  X(F64, 'd', "f64")                                                                                                   \
  X(Bytes, 'b', "[*]u8")                                                                                               \
  X(ToI16, '1', "*i16")                                                                                                \
  X(ToI32, '2', "*i32")                                                                                                \
  X(ToU32, '3', "*u32")                                                                                                \
  X(ToF32, '4', "*f32")                                                                                                \
  X(ToF64, '5', "*f64")                                                                                                \
  X(Pointer, 'p', "*void")

enum class CType : std::uint8_t {
#define SX_C_TYPE(name, letter, text) name,
  SX_C_TYPES(SX_C_TYPE)
#undef SX_C_TYPE
};

struct CParameter {
  std::string name; ///< empty: nameless
  CType type = CType::I64;
  friend bool operator==(const CParameter&, const CParameter&) = default;
};

struct CPrototype {
  std::string name;
  std::string symbol; ///< name for the linker
  CType result = CType::Void;
  std::vector<CParameter> parameters;
  bool is_variadic = false;
  friend bool operator==(const CPrototype&, const CPrototype&) = default;
};

/// Implemented above checking, where the C compiler is known. Errors are its messages, one a line.
class CReader {
public:
  virtual ~CReader() = default;
  /// The functions with external linkage that the unit's headers declare, each once, in order.
  virtual std::expected<std::vector<CPrototype>, std::string> prototypes(const CUnit& unit) = 0;
};

} // namespace sx::sema
