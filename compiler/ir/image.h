#pragma once
// FoldImage: a constant as it will stand in the binary (design: what an evaluation gives).

#include "ir/ids.h"

#include <cstdint>
#include <vector>

namespace sx::ir {

/// A pointer-sized word of an image that is not plain bytes. The bytes under it are zero.
struct Relocation {
  enum class Kind : std::uint8_t { Object, Global, Function, Data, Extern, Frame };
  std::uint64_t offset = 0; ///< within the object
  Kind kind = Kind::Object;
  std::uint32_t target = 0; ///< object number in the image, or id of the module's table
  std::int64_t addend = 0;  ///< bytes added to the target's address
  friend bool operator==(const Relocation&, const Relocation&) = default;
};

/// One object of an image: bytes in the target's layout (padding zero) and its relocations by ascending offset.
struct ImageObject {
  std::uint32_t align = 1;
  std::vector<std::uint8_t> bytes;
  std::vector<Relocation> relocations;
  friend bool operator==(const ImageObject&, const ImageObject&) = default;
};

/// Object 0 is the value; the others are numbered in the order in which a breadth-first walk of the relocations reaches
/// them, so two engines that agree produce equal images.
struct FoldImage {
  TypeId type;
  std::vector<ImageObject> objects;
  friend bool operator==(const FoldImage&, const FoldImage&) = default;
};

} // namespace sx::ir
