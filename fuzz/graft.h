#pragma once
// Copies rows and trees of one verified module into another: what a mutator needs to splice two inputs.

#include "ir/module.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace sx::fuzz {

/// Where a copied tree finds its locals and labels.
struct TreeFrame {
  /// Local of the source -> local of the target. What is missing becomes a new local, unless `same_function`.
  std::unordered_map<std::uint32_t, std::uint32_t> locals;
  /// Label of the source -> label of the target. Blocks and loops inside the tree get new ones.
  std::unordered_map<std::uint32_t, std::uint32_t> labels;
  bool same_function = false;
  std::uint32_t first_label = 0; ///< new labels are not below it
};

/// A label that no block or loop of the function has.
std::uint32_t fresh_label(const ir::Function& function);

/// The nodes under `root` and itself, ascending, so that operands come before their users.
std::vector<std::uint32_t> subtree(const ir::Function& function, std::uint32_t root);

/// Rows are copied when first needed, each once. `from` must be verified; it may be the target module itself, whose
/// rows then stay what they are.
class Graft {
public:
  Graft(const ir::Module& from, ir::Module& to) : from_(from), to_(to), same_(&from == &to) {}

  StringId string(StringId id);
  ir::TypeId type(ir::TypeId id);
  std::uint32_t data(std::uint32_t id);
  std::uint32_t global(std::uint32_t id);
  std::uint32_t external(std::uint32_t id);
  std::uint32_t assembly(std::uint32_t id);
  std::uint32_t frame(std::uint32_t id);
  /// The row now; its body and what that needs when `finish` is called.
  std::uint32_t function(std::uint32_t id);
  /// Copies the bodies of all functions reached so far.
  void finish();

  /// Appends node `id` of `source` to `target`; its operands are already there, as `placed` says by source id.
  std::uint32_t node(const ir::Function& source, std::uint32_t id, ir::Function& target, TreeFrame& frame,
                     const std::vector<std::uint32_t>& placed);
  /// Appends the tree under `root`; gives the id of its copy.
  std::uint32_t tree(const ir::Function& source, std::uint32_t root, ir::Function& target, TreeFrame frame);

private:
  std::uint32_t operand(ir::Shape shape, std::uint32_t value, const ir::Function& source, ir::Function& target,
                        TreeFrame& frame, const std::vector<std::uint32_t>& placed);
  StringId fresh_symbol(StringId id);

  const ir::Module& from_;
  ir::Module& to_;
  bool same_;
  std::unordered_map<std::uint32_t, std::uint32_t> types_, globals_, externs_, assemblies_, frames_, functions_;
  std::vector<std::uint32_t> unfinished_;
};

} // namespace sx::fuzz
