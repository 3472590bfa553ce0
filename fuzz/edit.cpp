#include "edit.h"

#include <algorithm>
#include <utility>

namespace sx::fuzz {

ir::NodeId Edit::original(std::uint32_t root) {
  TreeFrame frame;
  frame.same_function = true;
  frame.first_label = label_;
  return ir::NodeId(copier_.tree(old_, root, build.function(), std::move(frame)));
}

ir::NodeId Edit::foreign(Graft& graft, const ir::Function& source, std::uint32_t root) {
  return ir::NodeId(graft.tree(source, root, build.function(), TreeFrame{.first_label = label_}));
}

std::uint32_t Edit::label() {
  label_ = std::max(label_, fresh_label(build.function()));
  return label_++;
}

void replace_tree(ir::Module& module, ir::FuncId id, std::uint32_t at, const std::function<ir::NodeId(Edit&)>& make) {
  // Rows are held by deques: functions that `make` adds leave the reference valid.
  ir::Function& function = module.function(id);
  const ir::Function old = function;
  function.nodes.clear();
  function.spans.clear();
  function.words.clear();
  const std::vector<std::uint32_t> replaced = subtree(old, at);
  Graft copier(module, module);
  TreeFrame frame;
  frame.same_function = true;
  std::vector<std::uint32_t> placed(old.nodes.size(), ir::none);
  for (std::uint32_t node = 0; node < old.nodes.size(); ++node) {
    if (node == at) {
      Edit edit(module, function, old, at);
      placed[node] = make(edit).value;
    } else if (!std::binary_search(replaced.begin(), replaced.end(), node)) {
      placed[node] = copier.node(old, node, function, frame, placed);
    }
  }
  function.root = ir::NodeId(placed[old.root.index()]);
}

} // namespace sx::fuzz
