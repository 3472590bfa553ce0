// Calls: direct, through code values, and of C functions.

#include "comptime/reference/evaluator.h"
#include "comptime/trace_text.h"

#include <algorithm>

namespace sx::comptime::reference {

using ir::TypeKind;

/// What the C library sees of the memory. Words become pointers again by the arguments they were made from.
class HostMemory final : public Memory {
public:
  using Provenances = std::span<const Value>;
  HostMemory(Evaluator& evaluator, Provenances arguments, Span where)
      : evaluator_(evaluator), memory_(evaluator.memory_), arguments_(arguments), where_(where) {}

  Pointer pointer(std::uint64_t address) {
    for (const Value& argument : arguments_) {
      if (argument.provenance == no_provenance)
        continue;
      if (argument.bits == address || memory_.in_bounds({address, argument.provenance}))
        return {address, argument.provenance};
    }
    return memory_.from_address(address);
  }

  std::expected<void, Failure> read(std::uint64_t address, std::span<std::uint8_t> out) override {
    const auto range = memory_.read(pointer(address), out.size());
    if (!range)
      return std::unexpected(range.error());
    if (!range->object)
      return {};
    if (range->object->bytes.has_provenance(range->offset, out.size()))
      memory_.depend_on_address();
    std::ranges::copy(range->object->bytes.data(range->offset, out.size()), out.begin());
    return {};
  }
  std::expected<void, Failure> write(std::uint64_t address, std::span<const std::uint8_t> bytes) override {
    const auto range = memory_.access(pointer(address), bytes.size(), AccessKind::Write);
    if (!range)
      return std::unexpected(range.error());
    if (range->object)
      range->object->bytes.write(range->offset, bytes);
    return {};
  }
  std::expected<void, Failure> write_pointer(std::uint64_t address, std::uint64_t word) override {
    const auto range = memory_.access(pointer(address), evaluator_.pointer_bytes_, AccessKind::Write);
    if (!range)
      return std::unexpected(range.error());
    const Pointer target = pointer(word);
    evaluator_.encode(range->object->bytes, range->offset, evaluator_.pointer_bytes_,
                      Value::scalar(target.address, target.provenance));
    return {};
  }
  std::expected<void, Failure> move(std::uint64_t to, std::uint64_t from, std::uint64_t size) override {
    return memory_.move(pointer(to), pointer(from), size);
  }
  std::expected<void, Failure> fill(std::uint64_t address, std::uint8_t byte, std::uint64_t size) override {
    return memory_.fill(pointer(address), byte, size);
  }
  std::expected<std::uint64_t, Failure> allocate(std::uint64_t size) override {
    const auto made = memory_.allocate(size, evaluator_.frame_->id, where_);
    if (!made)
      return std::unexpected(made.error());
    return made->address;
  }
  std::expected<void, Failure> release(std::uint64_t address) override { return memory_.release(pointer(address)); }
  std::expected<std::uint64_t, Failure> allocation_size(std::uint64_t address) override {
    return memory_.allocation_size(pointer(address));
  }
  std::expected<std::uint64_t, Failure> string_length(std::uint64_t address) override {
    return memory_.string_length(pointer(address));
  }

private:
  Evaluator& evaluator_;
  ObjectMemory& memory_;
  Provenances arguments_;
  Span where_;
};

Flow Evaluator::arguments(ir::NodeId id, std::span<const std::uint32_t> words, const ir::Type& signature, Values& out) {
  if (signature.kind != TypeKind::Signature || words.size() < signature.params.size() ||
      (words.size() > signature.params.size() && !signature.is_variadic))
    return malformed(id, "number of arguments");
  out.reserve(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    Value value;
    const Flow flow =
        i < signature.params.size() ? eval_as(words[i], signature.params[i], value) : eval(words[i], value);
    if (flow != Flow::Normal)
      return flow;
    out.push_back(std::move(value));
  }
  return Flow::Normal;
}

Flow Evaluator::call_node(ir::NodeId id, const ir::Node& n, Value& out) {
  const ir::FuncId callee(n.a);
  const ir::TypeId signature = module_.function(callee).signature;
  if (signature.index() >= module_.types.size() || type(signature).kind != TypeKind::Signature ||
      type(signature).element != n.type)
    return malformed(id, "a call of another result type than the function's");
  Values values;
  if (const Flow flow = arguments(id, frame_->function->list(n), type(signature), values); flow != Flow::Normal)
    return flow;
  const Flow flow = call(callee, span_of(id), values, out);
  if (flow == Flow::Normal && type(n.type).kind == TypeKind::Never)
    return malformed(id, "a call that never returns came back");
  return flow;
}

Flow Evaluator::call_indirect(ir::NodeId id, const ir::Node& n, Value& out) {
  const ir::Type& signature = type(ir::TypeId(n.a));
  const auto words = frame_->function->list(n);
  if (words.empty() || signature.kind != TypeKind::Signature || signature.element != n.type)
    return malformed(id, "an indirect call of another result type than its signature's");
  Value code;
  if (const Flow flow = eval_kind(words[0], TypeKind::Code, code); flow != Flow::Normal)
    return flow;
  Values values;
  if (const Flow flow = arguments(id, words.subspan(1), signature, values); flow != Flow::Normal)
    return flow;
  if (code.bits == 0)
    return stop(Reason::NullFunction, id);
  if (!is_code(code.provenance))
    return undefined(id, "call of a forged function address");
  const std::uint32_t index = code_index(code.provenance);
  if (is_extern(code.provenance)) {
    if (module_.externs[index].signature != ir::TypeId(n.a))
      return undefined(id, "call of a C function through another signature");
    return call_extern(id, ir::ExternId(index), values, out);
  }
  if (code.bits != std::uint64_t{index} + 1)
    return undefined(id, "call of an address inside of a function");
  if (module_.functions[index].signature != ir::TypeId(n.a))
    return undefined(id, "call of `" + std::string(module_.text(module_.functions[index].name)) +
                             "` through another signature");
  const Flow flow = call(ir::FuncId(index), span_of(id), values, out);
  if (flow == Flow::Normal && type(n.type).kind == TypeKind::Never)
    return malformed(id, "a call that never returns came back");
  return flow;
}

Flow Evaluator::call_extern_node(ir::NodeId id, const ir::Node& n, Value& out) {
  const ir::TypeId signature = module_.externs[n.a].signature;
  if (signature.index() >= module_.types.size() || type(signature).kind != TypeKind::Signature ||
      type(signature).element != n.type)
    return malformed(id, "a call of another result type than the C function's");
  Values values;
  if (const Flow flow = arguments(id, frame_->function->list(n), type(signature), values); flow != Flow::Normal)
    return flow;
  return call_extern(id, ir::ExternId(n.a), values, out);
}

Flow Evaluator::call_extern(ir::NodeId id, ir::ExternId callee, Values& arguments, Value& out) {
  const ir::Extern& target = module_.externs[callee.index()];
  const std::string_view symbol = module_.text(target.symbol);
  if (target.is_variable)
    return stop(Reason::ExternRefused, id, symbol);
  const ir::Type& signature = type(target.signature);
  for (const Value& argument : arguments)
    if (const Flow flow = defined(id, argument); flow != Flow::Normal)
      return flow;
  if (const auto flow = call_trace_function(id, symbol, signature, arguments, out))
    return *flow;
  const HostEntry* entry = find_host_function(symbol);
  if (!entry)
    return stop(Reason::ExternRefused, id, symbol);
  if (!accepts(*entry, module_, signature) || arguments.size() != entry->arguments())
    return stop(Reason::ExternSignature, id, symbol);
  return call_modelled(id, *entry, signature, arguments, out);
}

Flow Evaluator::call_modelled(ir::NodeId id, const HostEntry& entry, const ir::Type& signature, Values& arguments,
                              Value& out) {
  HostMemory memory(*this, arguments, span_of(id));
  HostCallContext context{memory, host_, request_.limits, pointer_bytes_};
  std::vector<Word> words;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (entry.prototype[i + 1] != 'p')
      use_address(arguments[i]);
    words.push_back(arguments[i].bits);
  }
  auto result = entry.function(context, words);
  if (!result)
    return stop_at(id, result);
  if (result->aborted)
    return stop(Reason::Aborted, id);
  if (result->exit_code)
    return end_process(*result->exit_code);
  const ir::Type& declared = type(signature.element);
  if (declared.kind == TypeKind::Never)
    return malformed(id, "a C function that never returns came back");
  const Word word = declared_result(module_, declared, result->value);
  out = Value::scalar(word);
  if (entry.prototype[0] == 'p' && keeps_address(declared) && word != 0)
    out.provenance = memory.pointer(word).provenance;
  return Flow::Normal;
}

Flow Evaluator::end_process(int code) {
  exit_code_ = code;
  return Flow::Stop;
}

std::optional<Flow> Evaluator::call_trace_function(ir::NodeId id, std::string_view symbol, const ir::Type& signature,
                                                   const Values& arguments, Value& out) {
  if (!symbol.starts_with("sx_trace_"))
    return std::nullopt;
  struct Row {
    std::string_view symbol;
    std::size_t integers;
    bool gives_integer;
  };
  static constexpr Row rows[] = {
      {"sx_trace_push", 1, false},     {"sx_trace_clear", 0, false},   {"sx_trace_len", 0, true},
      {"sx_trace_truncated", 0, true}, {"sx_trace_frame_at", 1, true}, {"sx_trace_report_unhandled", 3, false},
  };
  const auto row = std::ranges::find(rows, symbol, &Row::symbol);
  if (row == std::end(rows))
    return std::nullopt;
  const auto is = [this](ir::TypeId t, TypeKind kind) { return type(t).kind == kind; };
  const bool report = row->integers == 3;
  bool matches = signature.params.size() == row->integers && arguments.size() == row->integers;
  for (std::size_t i = 0; matches && i < signature.params.size(); ++i)
    matches = is(signature.params[i], report && i == 1 ? TypeKind::Pointer : TypeKind::Int);
  if (!matches ||
      (!is(signature.element, TypeKind::Void) && !(row->gives_integer && is(signature.element, TypeKind::Int))))
    return stop(Reason::ExternSignature, id, symbol);

  std::uint64_t word = 0;
  if (symbol == "sx_trace_push") {
    trace_.push(arguments[0].bits);
  } else if (symbol == "sx_trace_clear") {
    trace_.clear();
  } else if (symbol == "sx_trace_len") {
    word = trace_.size();
  } else if (symbol == "sx_trace_truncated") {
    word = trace_.truncated() ? 1 : 0;
  } else if (symbol == "sx_trace_frame_at") {
    word = trace_.at(arguments[0].bits);
  } else {
    auto name = text_at({arguments[1].bits, arguments[1].provenance}, arguments[2].bits);
    if (!name)
      return stop_at(id, name);
    host_.write(2, unhandled_report(module_, *name, trace_.frames(), trace_.truncated()));
  }
  out = Value::scalar(declared_result(module_, type(signature.element), word));
  return Flow::Normal;
}

} // namespace sx::comptime::reference
