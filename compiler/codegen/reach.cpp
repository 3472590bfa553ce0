#include "codegen/reach.h"

#include "ir/tree.h"

#include <algorithm>

namespace sx::codegen {

using ir::Op;

std::optional<bool> static_condition(const ir::Function& function, ir::NodeId condition) {
  bool negated = false;
  for (;;) {
    const ir::Node& node = function.node(condition);
    switch (node.op) {
    case Op::ConstInt: return (node.a != 0) != negated;
    case Op::ConstZero: return negated;
    case Op::Intrinsic:
      if (static_cast<ir::Intrinsic>(node.sub) == ir::Intrinsic::IsComptime)
        return negated;
      return std::nullopt;
    case Op::Unary:
      if (static_cast<ir::UnaryOp>(node.sub) != ir::UnaryOp::BitNot)
        return std::nullopt;
      negated = !negated;
      condition = ir::NodeId(node.a);
      continue;
    case Op::Block:
      if (node.c != 1)
        return std::nullopt;
      condition = ir::NodeId(function.list(node)[0]);
      continue;
    case Op::If: {
      // `a and b`, `a or b`: the outer condition decides which arm is the value.
      const auto decided = static_condition(function, ir::NodeId(node.a));
      if (!decided || (!*decided && node.c == ir::none))
        return std::nullopt;
      condition = ir::NodeId(*decided ? node.b : node.c);
      continue;
    }
    default: return std::nullopt;
    }
  }
}

namespace {

/// A worklist set over one table.
template <class IdType> class Found {
public:
  explicit Found(std::size_t rows) : seen_(rows) {}
  void add(std::uint32_t id) {
    if (id >= seen_.size() || seen_[id])
      return;
    seen_[id] = true;
    order.push_back(IdType(id));
  }
  std::vector<IdType> order;

private:
  std::vector<bool> seen_;
};

class Walk {
public:
  explicit Walk(const ir::Module& module)
      : module_(module), functions_(module.functions.size()), globals_(module.globals.size()),
        externs_(module.externs.size()), data_(module.data.size()), frames_(module.frames.size()) {}

  std::expected<Reachable, Error> run() {
    add_roots();
    std::size_t next_function = 0, next_global = 0;
    while (next_function < functions_.order.size() || next_global < globals_.order.size()) {
      if (next_global < globals_.order.size())
        global(globals_.order[next_global++]);
      else
        function(functions_.order[next_function++]);
      if (error_)
        return std::unexpected(std::move(*error_));
    }
    return Reachable{std::move(functions_.order), std::move(globals_.order), std::move(externs_.order),
                     std::move(data_.order), std::move(frames_.order)};
  }

private:
  void add_roots() {
    const std::string_view entry = module_.text(module_.entry_symbol);
    bool any = false;
    for (std::size_t id = 0; id < module_.functions.size(); ++id) {
      const ir::Function& row = module_.functions[id];
      const bool is_entry = !entry.empty() && module_.text(row.symbol) == entry;
      if (is_entry || (row.linkage == ir::Linkage::Export && !row.comptime_only && row.has_body())) {
        functions_.add(static_cast<std::uint32_t>(id));
        any = true;
      }
    }
    for (std::size_t id = 0; id < module_.globals.size(); ++id)
      if (module_.globals[id].linkage == ir::Linkage::Export) {
        globals_.add(static_cast<std::uint32_t>(id));
        any = true;
      }
    if (any)
      return;
    const std::vector<bool> partial = partial_functions();
    for (std::size_t id = 0; id < module_.functions.size(); ++id)
      if (!partial[id] && !module_.functions[id].comptime_only)
        functions_.add(static_cast<std::uint32_t>(id));
  }

  /// Functions without body, and all that name one. What is lowered for an evaluation alone may call functions that the
  /// evaluation never asked for.
  std::vector<bool> partial_functions() const {
    std::vector<bool> partial(module_.functions.size());
    std::vector<std::vector<std::uint32_t>> users(module_.functions.size());
    std::vector<std::uint32_t> pending;
    for (std::uint32_t id = 0; id < module_.functions.size(); ++id) {
      const ir::Function& row = module_.functions[id];
      if (!row.has_body()) {
        partial[id] = true;
        pending.push_back(id);
        continue;
      }
      for (const ir::Node& node : row.nodes)
        if ((node.op == Op::Call || node.op == Op::ConstFunction) && node.a < users.size())
          users[node.a].push_back(id);
    }
    while (!pending.empty()) {
      const std::uint32_t at = pending.back();
      pending.pop_back();
      for (const std::uint32_t user : users[at])
        if (!partial[user]) {
          partial[user] = true;
          pending.push_back(user);
        }
    }
    return partial;
  }

  void fail(std::string message) {
    if (!error_)
      error_ = Error{std::move(message)};
  }

  void function(ir::FuncId id) {
    const ir::Function& row = module_.function(id);
    const std::string name(module_.text(row.name).empty() ? module_.text(row.symbol) : module_.text(row.name));
    if (row.comptime_only)
      return fail("function '" + name + "' exists at compile time only, but run-time code reaches it");
    if (!row.has_body())
      return fail("function '" + name + "' is reached but has no body");
    std::vector<ir::NodeId> pending{row.root};
    while (!pending.empty()) {
      const ir::NodeId at = pending.back();
      pending.pop_back();
      const ir::Node& node = row.node(at);
      visit(node);
      std::optional<std::uint32_t> only;
      if (node.op == Op::If)
        if (const auto known = static_condition(row, ir::NodeId(node.a)))
          only = *known ? node.b : node.c;
      if (only) {
        if (*only != ir::none)
          pending.push_back(ir::NodeId(*only));
        continue;
      }
      const std::size_t first = pending.size();
      ir::for_each_operand(row, node, [&](const ir::Operand& operand) { pending.push_back(ir::NodeId(operand.node)); });
      std::reverse(pending.begin() + static_cast<std::ptrdiff_t>(first), pending.end());
    }
  }

  void visit(const ir::Node& node) {
    switch (node.op) {
    case Op::PlaceGlobal: return globals_.add(node.a);
    case Op::ConstData: return data_.add(node.a);
    case Op::ConstFunction:
    case Op::Call: return functions_.add(node.a);
    case Op::ConstExtern:
    case Op::CallExtern: return externs_.add(node.a);
    case Op::ConstFrame: return frames_.add(node.a);
    case Op::Intrinsic:
      if (static_cast<ir::Intrinsic>(node.sub) == ir::Intrinsic::Reflect &&
          node.a == static_cast<std::uint32_t>(ir::ReflectQuery::Info))
        for (const ir::ReflectRow& row : module_.reflection)
          globals_.add(row.info.value);
      return;
    default: return;
    }
  }

  void global(ir::GlobalId id) {
    const ir::Global& row = module_.global(id);
    if (!row.image && row.initializer)
      return fail("the value of '" + std::string(module_.text(row.name)) + "' was not evaluated before emission");
    if (!row.image)
      return;
    for (const ir::ImageObject& object : row.image->objects)
      for (const ir::Relocation& relocation : object.relocations)
        switch (relocation.kind) {
        case ir::Relocation::Kind::Object: break;
        case ir::Relocation::Kind::Global: globals_.add(relocation.target); break;
        case ir::Relocation::Kind::Function: functions_.add(relocation.target); break;
        case ir::Relocation::Kind::Data: data_.add(relocation.target); break;
        case ir::Relocation::Kind::Extern: externs_.add(relocation.target); break;
        case ir::Relocation::Kind::Frame: frames_.add(relocation.target); break;
        }
  }

  const ir::Module& module_;
  Found<ir::FuncId> functions_;
  Found<ir::GlobalId> globals_;
  Found<ir::ExternId> externs_;
  Found<ir::DataId> data_;
  Found<ir::FrameId> frames_;
  std::optional<Error> error_;
};

} // namespace

std::expected<Reachable, Error> reach(const ir::Module& module) {
  return Walk(module).run();
}

} // namespace sx::codegen
