#pragma once
// Rebuilds one function body with one of its trees replaced.

#include "graft.h"
#include "ir/builder.h"

#include <functional>

namespace sx::fuzz {

/// The function while it is rebuilt: `build` appends to the new body, `original` copies from the old one.
class Edit {
public:
  Edit(ir::Module& module, ir::Function& function, const ir::Function& old, std::uint32_t at)
      : build(module, function), old_(old), at_(at), copier_(module, module), label_(fresh_label(old)) {}

  ir::Builder build;

  const ir::Function& old() const { return old_; }
  std::uint32_t at() const { return at_; }
  const ir::Node& node() const { return old_.nodes[at_]; }
  /// Appends a copy of a tree of the old body, by default of the one that is replaced.
  ir::NodeId original(std::uint32_t root);
  ir::NodeId original() { return original(at_); }
  /// A label that nothing else has.
  std::uint32_t label();
  /// Appends a tree of another module.
  ir::NodeId foreign(Graft& graft, const ir::Function& source, std::uint32_t root);

private:
  const ir::Function& old_;
  std::uint32_t at_;
  Graft copier_;
  std::uint32_t label_;
};

/// Replaces the tree under node `at` of a body that is a tree by what `make` appends (the id it gives). The rest stays.
void replace_tree(ir::Module& module, ir::FuncId id, std::uint32_t at, const std::function<ir::NodeId(Edit&)>& make);

} // namespace sx::fuzz
