#include "driver/stages.h"

#include "codegen/reach.h"
#include "ir/tree.h"
#include "sema/compiler_api.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace sx::driver {
namespace {

using ir::Op;

class RunTimeGraph {
public:
  RunTimeGraph(const ir::Module& module, Diagnostics& diagnostics)
      : module_(module), diagnostics_(diagnostics), functions_(module.functions.size()),
        globals_(module.globals.size()) {}

  void walk(std::span<const ir::FuncId> roots) {
    for (const ir::FuncId root : roots)
      reach(root.value, ir::FuncId());
    for (std::size_t next = 0; next < order_.size(); ++next)
      function(order_[next]);
  }

private:
  void reach(std::uint32_t id, ir::FuncId from) {
    if (id >= functions_.size() || functions_[id].seen)
      return;
    functions_[id] = {true, from};
    order_.push_back(ir::FuncId(id));
  }

  /// Functions that data names are roots of their own (R7.90).
  void reach_global(std::uint32_t first) {
    std::vector<std::uint32_t> pending{first};
    while (!pending.empty()) {
      const std::uint32_t id = pending.back();
      pending.pop_back();
      if (id >= globals_.size() || globals_[id])
        continue;
      globals_[id] = true;
      if (!module_.globals[id].image)
        continue;
      for (const ir::ImageObject& object : module_.globals[id].image->objects)
        for (const ir::Relocation& relocation : object.relocations)
          if (relocation.kind == ir::Relocation::Kind::Function)
            reach(relocation.target, ir::FuncId());
          else if (relocation.kind == ir::Relocation::Kind::Global)
            pending.push_back(relocation.target);
    }
  }

  void function(ir::FuncId id) {
    const ir::Function& row = module_.function(id);
    if (!row.has_body())
      return;
    std::vector<ir::NodeId> pending{row.root};
    while (!pending.empty()) {
      const ir::NodeId at = pending.back();
      pending.pop_back();
      const ir::Node& node = row.node(at);
      visit(id, at, node);
      if (node.op == Op::If)
        if (const auto known = codegen::static_condition(row, ir::NodeId(node.a))) {
          if (const std::uint32_t arm = *known ? node.b : node.c; arm != ir::none)
            pending.push_back(ir::NodeId(arm));
          continue;
        }
      const std::size_t first = pending.size();
      ir::for_each_operand(row, node, [&](const ir::Operand& operand) { pending.push_back(ir::NodeId(operand.node)); });
      std::reverse(pending.begin() + static_cast<std::ptrdiff_t>(first), pending.end());
    }
  }

  void visit(ir::FuncId caller, ir::NodeId at, const ir::Node& node) {
    switch (node.op) {
    case Op::PlaceGlobal: return reach_global(node.a);
    case Op::Call:
    case Op::ConstFunction:
      if (node.a < module_.functions.size() && module_.functions[node.a].comptime_only)
        return report(caller, at, module_.text(module_.functions[node.a].name));
      return reach(node.a, caller);
    case Op::Intrinsic:
      if (static_cast<ir::Intrinsic>(node.sub) == ir::Intrinsic::Compiler)
        report(caller, at, sema::CompilerApi::name_of(node.a));
      return;
    default: return;
    }
  }

  void report(ir::FuncId caller, ir::NodeId at, std::string_view callee) {
    const ir::Function& row = module_.function(caller);
    std::vector<ir::FuncId> path;
    for (ir::FuncId step = caller; step.valid(); step = functions_[step.index()].from)
      path.push_back(step);
    std::string text = "run-time code reaches it:";
    for (std::size_t i = path.size(); i-- > 0;)
      text += "\n" + std::string(module_.text(module_.function(path[i]).name));
    text += "\n" + std::string(callee);
    diagnostics_.report<diag::compile_time_function_at_run_time>(row.spans[at.index()], callee)
        .help("call it under '#run'")
        .note(text);
  }

  const ir::Module& module_;
  Diagnostics& diagnostics_;
  struct Seen {
    bool seen = false;
    ir::FuncId from; ///< who calls it; none: a root
  };
  std::vector<Seen> functions_;
  std::vector<bool> globals_;
  std::vector<ir::FuncId> order_;
};

} // namespace

void check_stages(const ir::Module& module, std::span<const ir::FuncId> roots, Diagnostics& diagnostics) {
  RunTimeGraph(module, diagnostics).walk(roots);
}

} // namespace sx::driver
