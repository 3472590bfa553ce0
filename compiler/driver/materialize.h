#pragma once
// From the value of a `#run` to a static constant (R7.23 to R7.25).

#include "ir/module.h"
#include "sema/program.h"

#include <expected>
#include <string>

namespace sx::driver {

/// Why a value cannot stand in the binary.
struct NotMaterializable {
  bool is_function = false; ///< E0909 instead of E0908
  std::string kind;         ///< in the words of the diagnostic: `slice`, `vector`, ...
};

/// The constant for `image`, a value of `type`: strings become read-only data of exactly their bytes; anything the
/// table of R7.23 does not keep is refused, at any depth.
std::expected<ir::FoldImage, NotMaterializable> materialize(const sema::TypeTable& types, ir::Module& module,
                                                            sema::TypeId type, const ir::FoldImage& image);

} // namespace sx::driver
