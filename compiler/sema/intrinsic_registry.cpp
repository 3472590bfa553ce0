#include "sema/intrinsic_registry.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace sx::sema {
namespace {

constexpr IntrinsicEntry rows[] = {
#define SX_REGISTERED(module, name, parameters, form) {module, #name, parameters, IntrinsicForm::form, 0},
#include "sema/intrinsic_registry.def"
};

/// The rows ordered by name for binary search, with their positions filled in.
const std::vector<IntrinsicEntry>& by_name() {
  static const std::vector<IntrinsicEntry> sorted = [] {
    std::vector<IntrinsicEntry> list(std::begin(rows), std::end(rows));
    for (std::size_t i = 0; i < list.size(); ++i)
      list[i].number = static_cast<std::uint32_t>(i);
    std::ranges::sort(list, {}, &IntrinsicEntry::name);
    return list;
  }();
  return sorted;
}

} // namespace

const IntrinsicEntry* find_intrinsic(std::string_view name) {
  const auto& list = by_name();
  const auto found = std::ranges::lower_bound(list, name, {}, &IntrinsicEntry::name);
  return found != list.end() && found->name == name ? &*found : nullptr;
}

bool is_library_module(std::string_view path, std::string_view module) {
  if (!path.ends_with(module))
    return false;
  return path.size() == module.size() || path[path.size() - module.size() - 1] == '/';
}

} // namespace sx::sema
