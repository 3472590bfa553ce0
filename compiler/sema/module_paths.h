#pragma once
// Where `#import` finds files, and how a file is spelled (R1.108 to R1.113).

#include <optional>
#include <string>
#include <vector>

namespace sx::sema {

/// The canonical path of R1.110: lexically normal, relative to the working directory when below it, unless that
/// spelling denotes another file than `found`.
std::string canonical_path(const std::string& found);

struct ImportTarget {
  bool is_directory = false;
  std::string path;               ///< as found
  std::vector<std::string> files; ///< of a directory: its `.sx` files in ascending byte order
};

/// First tier of R1.108 that has `path`: beside `importer`, as it is, in a library directory.
std::optional<ImportTarget> find_import(const std::string& importer, const std::string& path,
                                        const std::vector<std::string>& library_directories);

/// Is the module with canonical path `path` below one of the library's `modules` directories?
bool is_below_library(const std::string& path, const std::vector<std::string>& library_directories);

/// Does a regular file `<directory>.sx` exist beside the directory that is not `importer` itself (R1.112)?
bool has_file_of_same_name(const std::string& directory, const std::string& importer);

} // namespace sx::sema
