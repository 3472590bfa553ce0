// Blocks, branches, loops, switches, returns, pushed contexts.

#include "lower/function_lowering.h"

#include <algorithm>

namespace sx::lower {

using sema::TypeKind;

ir::NodeId FunctionLowering::block(hir::NodeId id) {
  const auto& node = body_.get<hir::Block>(id);
  const std::size_t depth = cleanups_.size();
  Nodes out;
  bool reachable = true;
  for (const hir::NodeId statement : body_.list(node.statements)) {
    const ir::NodeId made = value(statement);
    out.push_back(made);
    if (diverges(made)) {
      reachable = false; // R4.16: what follows is dropped
      break;
    }
  }
  if (reachable && node.value.valid()) {
    const ir::NodeId tail = value(node.value);
    if (diverges(tail)) {
      out.push_back(tail);
      reachable = false;
    } else if (has_cleanups(depth) && !is_void(node.value)) {
      // R4.122: the value is computed, then the block's defers run.
      const ir::LocalId result = bind(out, tail);
      run_cleanups(out, depth, ir::LocalId());
      out.push_back(read(result));
    } else {
      out.push_back(tail);
      run_cleanups(out, depth, ir::LocalId());
      if (is_void(id))
        out.push_back(unit());
    }
  } else if (reachable) {
    run_cleanups(out, depth, ir::LocalId());
    out.push_back(unit());
  }
  cleanups_.resize(depth);
  return sequence(out);
}

ir::NodeId FunctionLowering::sequence_node(hir::NodeId id) {
  const auto& node = body_.get<hir::Sequence>(id);
  Nodes out;
  for (const hir::NodeId statement : body_.list(node.statements)) {
    out.push_back(value(statement));
    if (diverges(out.back()))
      return sequence(out);
  }
  if (node.value.valid())
    out.push_back(value(node.value));
  if (!node.value.valid() || (is_void(id) && !is_void(node.value)))
    out.push_back(unit());
  return sequence(out);
}

ir::NodeId FunctionLowering::let(hir::NodeId id) {
  const auto& node = body_.get<hir::Let>(id);
  if (!node.value.valid())
    return b_.local_start(local(node.local));
  const ir::NodeId initial = value(node.value);
  const ir::TypeKind kind = module().type(b_.type_of(initial)).kind;
  if (kind == ir::TypeKind::Void || kind == ir::TypeKind::Never)
    return initial;
  return write(local(node.local), initial);
}

ir::NodeId FunctionLowering::if_(hir::NodeId id) {
  const auto& node = body_.get<hir::If>(id);
  const ir::NodeId condition = value(node.condition);
  if (diverges(condition))
    return condition;
  const auto arm = [&](hir::NodeId arm_id) {
    const std::size_t depth = cleanups_.size();
    ir::NodeId made = value(arm_id);
    cleanups_.resize(depth);
    if (is_void(id) && !diverges(made) && module().type(b_.type_of(made)).kind != ir::TypeKind::Void)
      made = sequence({made}, unit());
    return made;
  };
  const ir::NodeId then_arm = arm(node.then_arm);
  const ir::NodeId else_arm = node.else_arm.valid() ? arm(node.else_arm) : ir::NodeId();
  const bool both = else_arm.valid() && diverges(then_arm) && diverges(else_arm);
  return b_.if_(condition, then_arm, else_arm, both ? owner_.never_type() : type_of(id));
}

ir::NodeId FunctionLowering::loop(hir::NodeId id) {
  const auto& node = body_.get<hir::Loop>(id);
  if (loops_.size() <= node.loop.index())
    loops_.resize(node.loop.index() + 1);
  LoopState state{b_.new_label(), b_.new_label(), cleanups_.size()};
  loops_[node.loop.index()] = state;
  Nodes around;
  const ir::NodeId body = value(node.body);
  const ir::NodeId body_children[] = {body};
  around.push_back(b_.block(state.continue_label, owner_.void_type(), body_children));
  if (node.step.valid())
    around.push_back(value(node.step));
  around.push_back(unit());
  return b_.loop(state.break_label, owner_.void_type(), sequence(around));
}

ir::NodeId FunctionLowering::leave_loop(hir::LoopId id, bool to_step) {
  const LoopState state = loops_[id.index()];
  Nodes out;
  run_cleanups(out, state.cleanup_depth, ir::LocalId());
  return sequence(out, b_.break_(to_step ? state.continue_label : state.break_label));
}

ir::NodeId FunctionLowering::switch_(hir::NodeId id) {
  const auto& node = body_.get<hir::Switch>(id);
  const auto arms = body_.list(node.cases);
  Nodes out;
  ir::NodeId subject = value(node.subject);
  if (diverges(subject))
    return subject;

  // An arm with several values first maps the subject to the arm's number.
  const bool several =
      std::ranges::any_of(arms, [&](hir::NodeId arm) { return body_.get<hir::SwitchCase>(arm).values.count != 2; });
  const auto pattern = [](std::span<const std::uint32_t> words, std::size_t i) {
    return std::uint64_t{words[i]} | std::uint64_t{words[i + 1]} << 32;
  };
  if (several) {
    std::vector<ir::Builder::Case> to_number;
    for (std::size_t arm = 0; arm < arms.size(); ++arm) {
      const auto words = body_.words(body_.get<hir::SwitchCase>(arms[arm]).values);
      for (std::size_t i = 0; i + 1 < words.size(); i += 2)
        if (std::ranges::none_of(to_number, [&](const auto& c) { return c.value == pattern(words, i); }))
          to_number.push_back({pattern(words, i), word(static_cast<std::int64_t>(arm))});
    }
    subject = b_.switch_(subject, to_number, word(-1), owner_.int_type(64, true));
  }
  bool all_diverge = true;
  const auto arm_value = [&](hir::NodeId arm_id) {
    const std::size_t depth = cleanups_.size();
    ir::NodeId made = value(arm_id);
    cleanups_.resize(depth);
    if (!diverges(made))
      all_diverge = false;
    if (is_void(id) && !diverges(made) && module().type(b_.type_of(made)).kind != ir::TypeKind::Void)
      made = sequence({made}, unit());
    return made;
  };
  std::vector<ir::Builder::Case> cases;
  for (std::size_t arm = 0; arm < arms.size(); ++arm) {
    const auto& row = body_.get<hir::SwitchCase>(arms[arm]);
    const std::uint64_t key = several ? arm : pattern(body_.words(row.values), 0);
    const bool taken = std::ranges::any_of(cases, [&](const auto& c) { return c.value == key; });
    if (!taken) // R3.15.11: the first equal arm runs
      cases.push_back({key, arm_value(row.body)});
  }
  ir::NodeId else_arm;
  if (node.else_arm.valid())
    else_arm = arm_value(node.else_arm);
  else
    all_diverge = false;
  return b_.switch_(subject, cases, else_arm, all_diverge ? owner_.never_type() : type_of(id));
}

ir::NodeId FunctionLowering::success_result(sema::TypeId result_type, ir::NodeId success_value) {
  if (!owner_.types.is(result_type, TypeKind::Failable))
    return success_value;
  const sema::TypeId element = owner_.types[result_type].element;
  if (owner_.types.is(element, TypeKind::Void))
    return success_value.valid() ? sequence({success_value}, tag_word(0)) : tag_word(0);
  std::vector<ir::Builder::Init> inits;
  const ir::TypeId type = owner_.value_type(result_type);
  const auto error_slot = static_cast<std::uint32_t>(module().type(type).fields.size() - 1);
  if (!success_value.valid()) {
    // Named slots cover every other way to get here.
    return b_.zero(type);
  }
  if (!owner_.types.is(element, TypeKind::Tuple)) {
    inits.push_back({0, success_value});
    inits.push_back({error_slot, tag_word(0)});
    return b_.aggregate(type, inits);
  }
  Nodes out;
  const ir::LocalId tuple = bind(out, success_value);
  for (std::uint32_t i = 0; i < error_slot; ++i)
    inits.push_back({i, member(b_.local(tuple), i)});
  inits.push_back({error_slot, tag_word(0)});
  return sequence(out, b_.aggregate(type, inits));
}

ir::NodeId FunctionLowering::leave_with(Nodes out, ir::NodeId success_value) {
  if (!has_cleanups(0)) {
    const ir::NodeId result = success_result(result_, success_value);
    return sequence(out, result.valid() ? b_.return_(result) : b_.return_());
  }
  if (!success_value.valid() || module().type(b_.type_of(success_value)).kind == ir::TypeKind::Void) {
    if (success_value.valid())
      out.push_back(success_value);
    run_cleanups(out, 0, ir::LocalId());
    const ir::NodeId result = success_result(result_, ir::NodeId());
    return sequence(out, result.valid() ? b_.return_(result) : b_.return_());
  }
  // R4.20: the value is computed before the defers and not changed by them.
  const ir::LocalId result = bind(out, success_result(result_, success_value));
  run_cleanups(out, 0, ir::LocalId());
  return sequence(out, b_.return_(read(result)));
}

ir::NodeId FunctionLowering::return_(hir::NodeId id) {
  const auto& node = body_.get<hir::Return>(id);
  if (!node.value.valid())
    return leave_with({}, ir::NodeId());
  const ir::NodeId v = value(node.value);
  if (diverges(v))
    return v;
  const bool plain_void = owner_.types.is(result_, TypeKind::Void);
  if (plain_void || module().type(b_.type_of(v)).kind == ir::TypeKind::Void)
    return leave_with({v}, ir::NodeId());
  return leave_with({}, v);
}

ir::NodeId FunctionLowering::push(hir::NodeId id) {
  const auto& node = body_.get<hir::Push>(id);
  const ir::TypeId type = owner_.value_type(owner_.program.context.type);
  const ir::LocalId context = temporary(type);
  const ir::LocalId pointer = temporary(owner_.pointer_type());
  Nodes out;
  const ir::LocalId outer = context_;
  if (node.whole.valid())
    out.push_back(write(context, value(node.whole)));
  else
    out.push_back(write(context, b_.load(b_.deref(context_pointer(), type))));
  out.push_back(write(pointer, b_.address_of(b_.local(context))));
  context_ = pointer;
  // R4.143: each initializer already sees the fields stored before it.
  for (const hir::MemberInit& init : body_.inits(node.inits)) {
    const ir::NodeId field = b_.field(b_.local(context), init.member);
    out.push_back(b_.store(field, value(init.value)));
  }
  const ir::NodeId inner = value(node.body);
  out.push_back(inner);
  if (!diverges(inner))
    out.push_back(unit());
  context_ = outer;
  return sequence(out);
}

} // namespace sx::lower
