#pragma once

#include "source/diagnostics.h"
#include "source/interner.h"
#include "source/source_map.h"
#include "syntax/ast.h"

#include <memory>

namespace sx::syntax {

/// Nesting deeper than this is an error (E0299) at the token that exceeds it; the parser never overflows its stack.
/// No path of a tree from the root has more nodes than this either, so trees may be walked recursively.
inline constexpr int max_nesting = 1000;

/// Parses a whole file (R1.96: at most one report, at the first error).
/// On an error the tree is partial and must not be used; `diagnostics` then has a report in `file`.
std::unique_ptr<Tree> parse_file(FileId file, const SourceMap& sources, Interner& strings, Diagnostics& diagnostics);

/// Parses the text of an `#insert` (registered as its own file) as a statement list; the root is a Block.
std::unique_ptr<Tree> parse_statements(FileId file, const SourceMap& sources, Interner& strings,
                                       Diagnostics& diagnostics);

} // namespace sx::syntax
