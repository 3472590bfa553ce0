#include "sema/module_paths.h"

#include <algorithm>
#include <filesystem>

namespace sx::sema {

namespace fs = std::filesystem;

namespace {

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

std::vector<std::string> source_files(const fs::path& directory) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), last; !error && it != last; it.increment(error))
    if (it->path().extension() == ".sx" && is_file(it->path()))
      files.push_back(it->path().string());
  std::ranges::sort(files);
  return files;
}

} // namespace

std::string canonical_path(const std::string& found) {
  std::error_code error;
  const fs::path normal = fs::path(found).lexically_normal();
  fs::path spelled = normal;
  if (normal.is_absolute()) {
    const fs::path here = fs::current_path(error);
    const fs::path relative = error ? fs::path() : normal.lexically_relative(here);
    if (!relative.empty() && *relative.begin() != "..")
      spelled = relative;
  }
  return same_file(spelled, found) ? spelled.string() : found;
}

std::optional<ImportTarget> find_import(const std::string& importer, const std::string& path,
                                        const std::vector<std::string>& library_directories) {
  std::vector<fs::path> tiers;
  const fs::path beside = fs::path(importer).parent_path();
  if (!beside.empty() && beside != ".")
    tiers.push_back(beside / path);
  tiers.emplace_back(path);
  for (const std::string& directory : library_directories)
    tiers.push_back(fs::path(directory) / path);
  for (const fs::path& tier : tiers) {
    if (is_file(tier))
      return ImportTarget{false, tier.string(), {}};
    if (is_folder(tier))
      return ImportTarget{true, tier.string(), source_files(tier)};
  }
  return std::nullopt;
}

bool is_below_library(const std::string& path, const std::vector<std::string>& library_directories) {
  return std::ranges::any_of(library_directories, [&](const std::string& directory) {
    const std::string root = canonical_path((fs::path(directory) / "modules").string()) + '/';
    return path.starts_with(root);
  });
}

bool has_file_of_same_name(const std::string& directory, const std::string& importer) {
  fs::path path = fs::path(directory).lexically_normal();
  if (!path.has_filename()) // a trailing slash
    path = path.parent_path();
  const fs::path file = path.string() + ".sx";
  return is_file(file) && !same_file(file, importer);
}

} // namespace sx::sema
