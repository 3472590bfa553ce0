#pragma once
// Targets by name (R1.155) and what the rest of the compiler must know of one.

#include "codegen/codegen.h"

namespace sx::codegen {

/// Which C calling convention holds (R2.136, R2.137).
enum class Platform : std::uint8_t { SystemV64, WebAssembly };

struct TargetFacts {
  std::string triple; ///< full, normalised
  std::uint32_t pointer_bytes = 8;
  Platform platform = Platform::SystemV64;
};

/// The triple for a shorthand of R1.155; any other text as it is.
std::string expand_target(std::string_view name);
std::string host_triple();
/// Facts of a triple or shorthand (empty: the host). An error if we can't generate code for it.
std::expected<TargetFacts, Error> find_target(std::string_view name);

} // namespace sx::codegen
