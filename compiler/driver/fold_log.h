#pragma once
// Every fold of a compilation: where, of which type, which bytes (design section 4; `sx check --fold-log FILE`).

#include "ir/module.h"

#include <string>
#include <vector>

namespace sx::driver {

struct Fold {
  std::string site; ///< `file:line:column name`
  std::string type; ///< display name in the language
  ir::FoldImage image;
  bool is_run = false; ///< of a `#run`, not of a plain initializer
};

using FoldLog = std::vector<Fold>;

/// One fold as text: a line `fold SITE : TYPE`, then each object's bytes in hexadecimal with its relocations.
/// Relocation targets are named by symbol, so that the text does not depend on table order.
std::string print_fold(const ir::Module& module, const Fold& fold);
std::string print_folds(const ir::Module& module, const FoldLog& folds);

} // namespace sx::driver
