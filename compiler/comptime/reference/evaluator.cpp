#include "comptime/reference/evaluator.h"

#include "comptime/reference/big_stack.h"
#include "comptime/reference/engine.h"

#include <algorithm>

namespace sx::comptime::reference {

Evaluator::Evaluator(ir::Module& module, Host& host, const Request& request)
    : module_(module), host_(host), request_(request), pointer_bytes_(module.target.pointer_bytes),
      memory_(module, request.limits) {
  memory_.set_loader([this](std::uint32_t slot) { return load_pending(slot); });
}

Outcome Evaluator::run() {
  Value value;
  if (pointer_bytes_ != 4 && pointer_bytes_ != 8)
    return finish(stop(fail(Reason::MalformedIr, {}, "pointer size of the target")), value);
  if (request_.entry.index() >= module_.functions.size())
    return finish(stop(fail(Reason::MalformedIr, {}, "the entry is not a function")), value);
  const ir::Function& entry = module_.function(request_.entry);
  if (entry.signature.index() >= module_.types.size() || entry.param_count != request_.arguments.size() ||
      entry.locals.size() < entry.param_count)
    return finish(stop(fail(Reason::MalformedIr, entry.span, "arguments of the entry")), value);

  Values arguments;
  for (std::size_t i = 0; i < request_.arguments.size(); ++i) {
    auto argument = argument_value(request_.arguments[i], entry.locals[i].type);
    if (!argument)
      return finish(stop(std::move(argument.error())), value);
    arguments.push_back(std::move(*argument));
  }
  return finish(call(request_.entry, entry.span, arguments, value), value);
}

Outcome Evaluator::finish(Flow flow, Value& value) {
  Outcome outcome;
  if (flow == Flow::Normal) {
    const ir::Type& signature = type(module_.function(request_.entry).signature);
    auto image = make_image(signature.element, value);
    if (image)
      outcome.image = std::move(*image);
    else
      stop(std::move(image.error()));
  }
  outcome.verdict = verdict();
  outcome.failure = std::move(failure_);
  outcome.exit_code = exit_code_;
  outcome.trace = trace_.frames();
  outcome.trace_truncated = trace_.truncated();
  counters_.allocated_bytes = memory_.allocated_bytes();
  outcome.counters = counters_;
  outcome.instructions = steps_;
  return outcome;
}

Verdict Evaluator::verdict() const {
  if (failure_) {
    const Reason reason = failure_->reason;
    // The engines promise a failure where native code would just do something (R4.160).
    const bool unchecked =
        reason == Reason::NullDereference || reason == Reason::NullFunction || reason == Reason::GlobalWrite;
    if (request_.mode == Mode::Main && unchecked)
      return Verdict::Undefined;
    // Which limit is met, and after what, may itself depend on where something was placed.
    const Verdict known = verdict_of(reason);
    if (known != Verdict::Defined && (known != Verdict::Limit || !memory_.address_dependent()))
      return known;
  }
  if (undefined_result_)
    return Verdict::Undefined;
  return memory_.address_dependent() ? Verdict::AddressDependent : Verdict::Defined;
}

Flow Evaluator::stop(Failure failure) {
  if (failure_)
    return Flow::Stop;
  if (failure.calls.empty())
    for (const Frame* frame = frame_; frame; frame = frame->caller)
      failure.calls.push_back({frame->id, frame->caller ? frame->call : Span{}});
  failure_ = std::move(failure);
  return Flow::Stop;
}

Flow Evaluator::stop(Reason reason, ir::NodeId node, std::string_view detail) {
  return stop(fail(reason, span_of(node), detail));
}

Flow Evaluator::malformed(ir::NodeId node, std::string_view detail) {
  std::string text(detail);
  if (frame_)
    text += " (`" + std::string(module_.text(frame_->function->name)) + "`, node " + std::to_string(node.value) + ")";
  return stop(Reason::MalformedIr, node, text);
}

Flow Evaluator::undefined(ir::NodeId node, std::string_view detail) {
  return stop(Reason::Undefined, node, detail);
}

Span Evaluator::span_of(ir::NodeId node) const {
  if (!frame_ || node.index() >= frame_->function->spans.size())
    return {};
  return frame_->function->spans[node.index()];
}

const FunctionFacts* Evaluator::facts_of(ir::FuncId id, Span at) {
  const auto known = facts_.find(id.value);
  if (known != facts_.end())
    return known->second.get();
  if (!module_.function(id).has_body() && !host_.ensure_body(id)) {
    stop(fail(Reason::Dependency, at, "`" + std::string(module_.text(module_.function(id).name)) + "` has no body"));
    return nullptr;
  }
  const ir::Function& function = module_.function(id);
  if (!function.has_body()) {
    stop(fail(Reason::MalformedIr, at, "`" + std::string(module_.text(function.name)) + "` has no body"));
    return nullptr;
  }
  auto facts = check_shape(module_, function);
  if (!facts) {
    const ShapeError& error = facts.error();
    std::string text = error.text + " (`" + std::string(module_.text(function.name)) + "`";
    if (error.node != ir::none)
      text += ", node " + std::to_string(error.node);
    const Span span = error.node < function.spans.size() ? function.spans[error.node] : at;
    stop(fail(Reason::MalformedIr, span, text + ")"));
    return nullptr;
  }
  return facts_.emplace(id.value, std::make_unique<FunctionFacts>(std::move(*facts))).first->second.get();
}

Flow Evaluator::call(ir::FuncId callee, Span at, Values& arguments, Value& out) {
  const FunctionFacts* facts = facts_of(callee, at);
  if (!facts)
    return Flow::Stop;
  const Limits& limits = request_.limits;
  if (arguments.size() != module_.function(callee).param_count)
    return stop(fail(Reason::MalformedIr, at, "number of arguments"));
  if (counters_.calls >= limits.calls)
    return stop(fail(Reason::StepLimit, at));
  if (depth_ >= limits.depth || !stack_left())
    return stop(fail(Reason::DepthLimit, at));
  if (frame_bytes_ > limits.frame_bytes || facts->frame_cost > limits.frame_bytes - frame_bytes_)
    return stop(fail(Reason::AllocationLimit, at,
                     "locals of `" + std::string(module_.text(module_.function(callee).name)) + "`"));

  Frame frame;
  frame.id = callee;
  frame.function = &module_.function(callee);
  frame.facts = facts;
  frame.caller = frame_;
  frame.call = at;
  frame.locals.assign(frame.function->locals.size(), ir::none);
  frame.temps.assign(facts->temp_count, ir::none);

  ++counters_.calls;
  counters_.max_depth = std::max(counters_.max_depth, ++depth_);
  frame_bytes_ += facts->frame_cost;
  const std::size_t objects = memory_.frame_objects();
  frame_ = &frame;
  const Flow flow = body(frame, arguments, out);
  frame_ = frame.caller;
  memory_.end_frame_objects(objects);
  frame_bytes_ -= facts->frame_cost;
  --depth_;
  return flow;
}

Flow Evaluator::body(Frame& frame, Values& arguments, Value& out) {
  const ir::Function& function = *frame.function;
  const ir::NodeId root = function.root;
  for (std::uint32_t i = 0; i < arguments.size(); ++i) {
    const auto slot = local_slot(i);
    if (!slot)
      return stop(slot.error());
    Place to;
    to.pointer = memory_.pointer_to(*slot);
    if (const Flow flow = store(root, to, function.locals[i].type, arguments[i]); flow != Flow::Normal)
      return flow;
  }
  arguments.clear();

  const ir::TypeId result = type(function.signature).element;
  const Flow flow = eval(root, out);
  switch (flow) {
  case Flow::Stop: return flow;
  case Flow::Break:
  case Flow::Continue: return malformed(root, "a break or continue whose label does not enclose it");
  case Flow::Return: out = std::move(pending_); return Flow::Normal;
  case Flow::Normal: break;
  }
  if (type(result).kind != ir::TypeKind::Void)
    return malformed(root, "control comes out of a body whose function has a result");
  out = {};
  return Flow::Normal;
}

namespace {

class ReferenceEngine final : public Engine {
public:
  ReferenceEngine(ir::Module& module, Host& host) : module_(module), host_(host) {}
  std::string_view name() const override { return "reference"; }
  Outcome evaluate(const Request& request) override {
    Outcome outcome;
    on_big_stack([&] { outcome = Evaluator(module_, host_, request).run(); });
    return outcome;
  }

private:
  ir::Module& module_;
  Host& host_;
};

} // namespace

} // namespace sx::comptime::reference

namespace sx::comptime {

std::unique_ptr<Engine> make_reference_engine(ir::Module& module, Host& host) {
  return std::make_unique<reference::ReferenceEngine>(module, host);
}

} // namespace sx::comptime
