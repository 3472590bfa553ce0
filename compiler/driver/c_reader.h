#pragma once
// Reading C with libclang, for `#import c` (1.14).

#include "sema/c_import.h"

namespace sx::driver {

/// Each request runs in a child process with bounds on time and memory: whatever a header does, this process goes on.
class ClangReader final : public sema::CReader {
public:
  /// `triple` may be empty: the host.
  explicit ClangReader(std::string triple) : triple_(std::move(triple)) {}

  std::expected<std::vector<sema::CPrototype>, std::string> prototypes(const sema::CUnit& unit) override;
  /// Symbols of the functions and variables with external linkage that source `source` of the unit defines.
  std::expected<std::vector<std::string>, std::string> definitions(const sema::CUnit& unit, const std::string& source);

private:
  std::string triple_;
};

/// The compiler's arguments that both reading and compiling a unit need.
std::vector<std::string> c_arguments(const sema::CUnit& unit, const std::string& triple);

} // namespace sx::driver
