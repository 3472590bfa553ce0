#include "graft.h"

#include "ir/tree.h"

#include <algorithm>
#include <string>

namespace sx::fuzz {

using ir::Shape;

namespace {

bool opens_label(ir::Op op) {
  return op == ir::Op::Block || op == ir::Op::Loop;
}

} // namespace

std::uint32_t fresh_label(const ir::Function& function) {
  std::uint32_t label = 0;
  for (const ir::Node& node : function.nodes)
    if (opens_label(node.op))
      label = std::max(label, node.a + 1);
  return label;
}

std::vector<std::uint32_t> subtree(const ir::Function& function, std::uint32_t root) {
  std::vector<std::uint32_t> found{root};
  for (std::size_t next = 0; next < found.size(); ++next)
    ir::for_each_operand(function, function.nodes[found[next]],
                         [&](const ir::Operand& operand) { found.push_back(operand.node); });
  std::sort(found.begin(), found.end());
  return found;
}

StringId Graft::string(StringId id) {
  if (same_ || id.index() >= from_.strings.size())
    return id;
  return to_.strings.intern(from_.text(id));
}

StringId Graft::fresh_symbol(StringId id) {
  return to_.strings.intern(std::string(from_.text(id)) + "~" +
                            std::to_string(to_.functions.size() + to_.globals.size()));
}

// Components have smaller ids: marked going down, copied going up.
ir::TypeId Graft::type(ir::TypeId id) {
  if (same_ || id.index() >= from_.types.size())
    return id;
  if (const auto known = types_.find(id.value); known != types_.end())
    return ir::TypeId(known->second);
  std::vector<bool> needed(id.index() + 1, false);
  needed[id.index()] = true;
  for (std::size_t row = id.index() + 1; row-- > 0;) {
    if (!needed[row])
      continue;
    const ir::Type& type = from_.types[row];
    const auto need = [&](ir::TypeId part) {
      if (part.index() < row)
        needed[part.index()] = true;
    };
    need(type.element);
    for (const ir::Field& field : type.fields)
      need(field.type);
    for (ir::TypeId param : type.params)
      need(param);
  }
  for (std::uint32_t row = 0; row <= id.value; ++row) {
    if (!needed[row] || types_.contains(row))
      continue;
    ir::Type copy = from_.types[row];
    const auto renumber = [&](ir::TypeId& part) {
      if (const auto known = types_.find(part.value); known != types_.end())
        part = ir::TypeId(known->second);
    };
    copy.name = string(copy.name);
    renumber(copy.element);
    for (ir::Field& field : copy.fields) {
      field.name = string(field.name);
      renumber(field.type);
    }
    for (ir::TypeId& param : copy.params)
      renumber(param);
    types_[row] = to_.intern_type(copy).value;
  }
  return ir::TypeId(types_.at(id.value));
}

std::uint32_t Graft::data(std::uint32_t id) {
  return same_ || id >= from_.data.size() ? id : to_.intern_data(from_.data[id]).value;
}

std::uint32_t Graft::external(std::uint32_t id) {
  if (same_ || id >= from_.externs.size())
    return id;
  const auto [entry, is_new] = externs_.try_emplace(id, static_cast<std::uint32_t>(to_.externs.size()));
  if (is_new) {
    ir::Extern copy = from_.externs[id];
    copy.symbol = string(copy.symbol);
    copy.library = string(copy.library);
    copy.signature = type(copy.signature);
    copy.span = {};
    to_.externs.push_back(copy);
  }
  return entry->second;
}

std::uint32_t Graft::assembly(std::uint32_t id) {
  if (same_ || id >= from_.assemblies.size())
    return id;
  const auto [entry, is_new] = assemblies_.try_emplace(id, static_cast<std::uint32_t>(to_.assemblies.size()));
  if (is_new) {
    ir::Assembly copy = from_.assemblies[id];
    copy.text = string(copy.text);
    copy.constraints = string(copy.constraints);
    for (ir::TypeId& memory : copy.memory)
      memory = type(memory);
    to_.assemblies.push_back(std::move(copy));
  }
  return entry->second;
}

std::uint32_t Graft::frame(std::uint32_t id) {
  if (same_ || id >= from_.frames.size())
    return id;
  const auto [entry, is_new] = frames_.try_emplace(id, static_cast<std::uint32_t>(to_.frames.size()));
  if (is_new) {
    ir::TraceFrame copy = from_.frames[id];
    copy.file = string(copy.file);
    copy.function = string(copy.function);
    copy.line_text = string(copy.line_text);
    to_.frames.push_back(copy);
  }
  return entry->second;
}

// Globals may refer to each other through their images. Chains of them are as short as the programs they came from
// write them, so recursion is bounded by the seeds.
std::uint32_t Graft::global(std::uint32_t id) {
  if (same_ || id >= from_.globals.size())
    return id;
  const auto [entry, is_new] = globals_.try_emplace(id, static_cast<std::uint32_t>(to_.globals.size()));
  const std::uint32_t row = entry->second;
  if (!is_new)
    return row;
  to_.globals.emplace_back();
  ir::Global copy = from_.globals[id];
  copy.name = string(copy.name);
  copy.symbol = fresh_symbol(copy.symbol);
  copy.type = type(copy.type);
  copy.span = {};
  if (copy.initializer)
    copy.initializer = ir::FuncId(function(copy.initializer.value));
  if (copy.image) {
    copy.image->type = type(copy.image->type);
    for (ir::ImageObject& object : copy.image->objects)
      for (ir::Relocation& relocation : object.relocations)
        switch (relocation.kind) {
        case ir::Relocation::Kind::Object: break;
        case ir::Relocation::Kind::Global: relocation.target = global(relocation.target); break;
        case ir::Relocation::Kind::Function: relocation.target = function(relocation.target); break;
        case ir::Relocation::Kind::Data: relocation.target = data(relocation.target); break;
        case ir::Relocation::Kind::Extern: relocation.target = external(relocation.target); break;
        case ir::Relocation::Kind::Frame: relocation.target = frame(relocation.target); break;
        }
  }
  to_.globals[row] = std::move(copy);
  return row;
}

std::uint32_t Graft::function(std::uint32_t id) {
  if (same_ || id >= from_.functions.size())
    return id;
  const auto [entry, is_new] = functions_.try_emplace(id, static_cast<std::uint32_t>(to_.functions.size()));
  if (!is_new)
    return entry->second;
  const ir::Function& source = from_.functions[id];
  ir::Function& copy = to_.functions.emplace_back();
  copy.name = string(source.name);
  copy.symbol = fresh_symbol(source.symbol);
  copy.signature = type(source.signature);
  copy.comptime_only = source.comptime_only;
  copy.is_naked = source.is_naked;
  copy.param_count = source.param_count;
  for (const ir::Local& local : source.locals)
    copy.locals.push_back({string(local.name), type(local.type)});
  unfinished_.push_back(id);
  return entry->second;
}

void Graft::finish() {
  while (!unfinished_.empty()) {
    const std::uint32_t id = unfinished_.back();
    unfinished_.pop_back();
    const ir::Function& source = from_.functions[id];
    if (!source.has_body())
      continue;
    TreeFrame frame;
    for (std::uint32_t local = 0; local < source.locals.size(); ++local)
      frame.locals[local] = local;
    ir::Function& target = to_.functions[functions_.at(id)];
    target.root = ir::NodeId(tree(source, source.root.value, target, std::move(frame)));
  }
}

std::uint32_t Graft::operand(Shape shape, std::uint32_t value, const ir::Function& source, ir::Function& target,
                             TreeFrame& frame, const std::vector<std::uint32_t>& placed) {
  switch (shape) {
  case Shape::Value:
  case Shape::Place:
  case Shape::OptValue: return value < placed.size() ? placed[value] : value;
  case Shape::Type: return type(ir::TypeId(value)).value;
  case Shape::Global: return global(value);
  case Shape::Func: return function(value);
  case Shape::Extern: return external(value);
  case Shape::Data: return data(value);
  case Shape::Frame: return this->frame(value);
  case Shape::Text: return string(StringId(value)).value;
  case Shape::Local: {
    if (frame.same_function || value >= source.locals.size())
      return value;
    const auto [entry, is_new] = frame.locals.try_emplace(value, static_cast<std::uint32_t>(target.locals.size()));
    if (is_new)
      target.locals.push_back({string(source.locals[value].name), type(source.locals[value].type)});
    return entry->second;
  }
  case Shape::Label: {
    const auto known = frame.labels.find(value);
    return known == frame.labels.end() ? value : known->second;
  }
  default: return value;
  }
}

std::uint32_t Graft::node(const ir::Function& source, std::uint32_t id, ir::Function& target, TreeFrame& frame,
                          const std::vector<std::uint32_t>& placed) {
  const ir::Node& old = source.nodes[id];
  const ir::OpInfo& row = ir::info(old.op);
  ir::Node copy = old;
  copy.type = type(old.type);
  copy.a = operand(row.a, old.a, source, target, frame, placed);
  if (old.op == ir::Op::Intrinsic && old.sub == static_cast<std::uint8_t>(ir::Intrinsic::Asm))
    copy.a = assembly(old.a);
  if (const Shape list = ir::list_shape(old.op); list == Shape::None) {
    copy.b = operand(row.b, old.b, source, target, frame, placed);
    copy.c = operand(row.c, old.c, source, target, frame, placed);
  } else {
    const auto words = ir::list_of(source, old);
    std::vector<std::uint32_t> moved(words.begin(), words.end());
    ir::for_each_operand(source, old, [&](const ir::Operand& part) {
      if (part.role == ir::Role::Word)
        moved[part.word - old.b] = placed[part.node];
    });
    copy.b = static_cast<std::uint32_t>(target.words.size());
    target.words.insert(target.words.end(), moved.begin(), moved.end());
  }
  target.nodes.push_back(copy);
  target.spans.push_back(same_ ? source.spans[id] : Span{});
  return static_cast<std::uint32_t>(target.nodes.size() - 1);
}

std::uint32_t Graft::tree(const ir::Function& source, std::uint32_t root, ir::Function& target, TreeFrame frame) {
  const std::vector<std::uint32_t> ids = subtree(source, root);
  std::uint32_t label = std::max(fresh_label(target), frame.first_label);
  for (std::uint32_t id : ids)
    if (opens_label(source.nodes[id].op))
      frame.labels[source.nodes[id].a] = label++;
  std::vector<std::uint32_t> placed(root + 1, ir::none);
  for (std::uint32_t id : ids)
    placed[id] = node(source, id, target, frame, placed);
  return placed[root];
}

} // namespace sx::fuzz
