// Intrinsics that are routines: bytes, floats, traces, reflection, the compiler API.

#include "comptime/failures.h"
#include "comptime/trace_text.h"
#include "comptime/vm/arithmetic.h"
#include "comptime/vm/machine.h"
#include "comptime/vm/program.h"

#include <charconv>

namespace sx::comptime::vm {

bool Machine::call_intrinsic(const IntrinsicCall& call) {
  return run_intrinsic(call) && finish(Helper::CallIntrinsic);
}

bool Machine::run_intrinsic(const IntrinsicCall& call) {
  const Insn insn = ip[-2];
  std::uint64_t* const window = fp + field_a(insn);
  std::uint64_t value = 0;
  const auto single = [&] { return program.module().type(call.result).bits == 32; };
  const auto apply = [&](auto function) {
    value = single() ? word(static_cast<float>(function(f32(window[0])))) : word(function(f64(window[0])));
    return true;
  };
  bool done = true;
  switch (call.which) {
  case ir::Intrinsic::MemCopy:
  case ir::Intrinsic::MemMove: return copy(window[0], window[1], window[2]);
  case ir::Intrinsic::MemSet: {
    const auto filled = fill(window[0], static_cast<std::uint8_t>(window[1]), window[2]);
    return filled ? true : stop(filled.error());
  }
  case ir::Intrinsic::MemEqual: {
    const std::uint64_t size = window[2];
    const std::uint8_t* a = size == 0 ? nullptr : readable(window[0], size);
    const std::uint8_t* b = size == 0 || !a ? nullptr : readable(window[1], size);
    if (size != 0 && !b)
      return false;
    value = size == 0 || std::memcmp(a, b, size) == 0 ? 1 : 0;
    break;
  }
  case ir::Intrinsic::Sqrt: done = apply([](auto x) { return std::sqrt(x); }); break;
  case ir::Intrinsic::Sin: done = apply([](auto x) { return std::sin(x); }); break;
  case ir::Intrinsic::Cos: done = apply([](auto x) { return std::cos(x); }); break;
  case ir::Intrinsic::Floor: done = apply([](auto x) { return std::floor(x); }); break;
  case ir::Intrinsic::TracePush: trace.push(window[0]); return true;
  case ir::Intrinsic::TraceClear: trace.clear(); return true;
  case ir::Intrinsic::TraceResolve: return resolve_frame(window[0], window[1]);
  case ir::Intrinsic::PrintFrames: print_frames(); return true;
  case ir::Intrinsic::Reflect: done = reflect(call, window, value); break;
  case ir::Intrinsic::ErrorName: {
    const ir::Module& module = program.module();
    const std::uint64_t tag = window[1];
    return store_string(window[0], tag < module.error_names.size() ? module.text(module.error_names[tag]) : "");
  }
  case ir::Intrinsic::Compiler: done = compiler_call(call, window, value); break;
  default: return stop(Reason::Unsupported, ir::text(call.which));
  }
  if (done)
    fp[field_b(insn)] = value;
  return done;
}

bool Machine::store_string(Address at, std::string_view text) {
  const auto address = program.text_address(text);
  if (!address || !program.load_constants(memory))
    return stop(Reason::AllocationLimit, "constants");
  refresh();
  std::uint8_t* target = writable(at, 16);
  if (!target)
    return false;
  const std::uint64_t pair[2] = {*address, text.size()};
  std::memcpy(target, pair, sizeof pair);
  return true;
}

// ---- traces ----

bool Machine::resolve_frame(Address to, std::uint64_t handle) {
  const ir::Module& module = program.module();
  if (handle == 0 || handle > module.frames.size())
    return stop(handle == 0 ? Reason::NullDereference : Reason::OutOfBounds, handle == 0 ? "" : "trace frame");
  const ir::TraceFrame& frame = module.frames[handle - 1];
  // The record of R6.133.
  if (!zero(to, 56) || !store_string(to, module.text(frame.file)) ||
      !store_string(to + 24, module.text(frame.function)) || !store_string(to + 40, module.text(frame.line_text)))
    return false;
  std::memcpy(memory.host(to + 16), &frame.line, 4);
  std::memcpy(memory.host(to + 20), &frame.column, 4);
  return true;
}

// R6.137
std::expected<HostResult, Failure> Machine::report_unhandled(std::span<const Word> arguments) {
  const auto name = read_text(arguments[1], arguments[2]);
  if (!name)
    return std::unexpected(name.error());
  host.write(2, unhandled_report(program.module(), *name, trace.all(), trace.truncated()));
  return HostResult{};
}

// R6.140: without the printing function itself, nothing if it is alone, nothing in the program.
void Machine::print_frames() {
  const ir::Module& module = program.module();
  if (!comptime() || fs - frames_.data() < 2)
    return;
  std::string text = "comptime call frames (most recent call last):\n";
  for (const Frame* frame = frames_.data() + 1; frame < fs; ++frame)
    text += "  at " + std::string(module.text(module.function(frame->code->function).name)) + "\n";
  host.write(1, text);
}

// ---- reflection (7.11) ----

bool Machine::reflect(const IntrinsicCall& call, std::uint64_t* window, std::uint64_t& value) {
  const ir::Module& module = program.module();
  const auto query = static_cast<ir::ReflectQuery>(call.immediate);
  const bool text = query == ir::ReflectQuery::Name || query == ir::ReflectQuery::MemberName;
  const std::uint64_t* const arguments = window + (text ? 1 : 0);
  const ir::ReflectRow* row = module.find_reflection(as_signed(arguments[0]));
  const std::uint64_t index = arguments[1];
  const ir::ReflectMember* member = row && index < row->members.size() ? &row->members[index] : nullptr;
  const auto number = [&value](std::int64_t answer) { value = as_word(answer); };
  if (text) {
    const StringId name = query == ir::ReflectQuery::Name ? (row ? row->name : StringId())
                          : member                        ? member->name
                                                          : StringId();
    return store_string(window[0], module.text(name));
  }
  const ir::ReflectRow none;
  const ir::ReflectRow& of = row ? *row : none;
  const ir::ReflectMember no_member;
  const ir::ReflectMember& part = member ? *member : no_member;
  switch (query) {
  case ir::ReflectQuery::IsUnsigned: value = of.is_unsigned; break;
  case ir::ReflectQuery::IsFlags: value = of.is_flags; break;
  case ir::ReflectQuery::Size: number(of.size); break;
  case ir::ReflectQuery::Align: number(of.align); break;
  case ir::ReflectQuery::FieldCount: number(of.field_count); break;
  case ir::ReflectQuery::VariantCount: number(of.variant_count); break;
  case ir::ReflectQuery::VectorLanes: number(of.lanes); break;
  case ir::ReflectQuery::TagWidth: number(of.tag_width); break;
  case ir::ReflectQuery::MemberType: number(part.type); break;
  case ir::ReflectQuery::MemberOffset: number(part.offset); break;
  case ir::ReflectQuery::MemberValue: number(part.value); break;
  case ir::ReflectQuery::Category: number(of.category); break;
  case ir::ReflectQuery::ElementCount: number(of.element_count); break;
  case ir::ReflectQuery::Info: return !of.info.valid() || global_address(of.info.value, value);
  default: return stop(Reason::Unsupported, "reflect");
  }
  return true;
}

// ---- the compiler API (7.15), text in and out as engine.h says ----

namespace {

constexpr std::uint64_t member_bytes = 24;

bool is_slice(const ir::Module& module, const ir::Type& type) {
  return module.text(type.name).starts_with("[]");
}

template <class Number> bool parse_number(std::string_view& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc())
    return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

} // namespace

std::expected<std::string, Failure> Machine::encode_argument(ir::TypeId id, std::uint64_t argument) {
  const ir::Module& module = program.module();
  const ir::Type& type = module.type(id);
  switch (type.kind) {
  case ir::TypeKind::Bool: return std::to_string(argument);
  case ir::TypeKind::Int: return type.is_signed ? std::to_string(as_signed(argument)) : std::to_string(argument);
  case ir::TypeKind::Code: return argument == 0 ? std::string() : std::to_string(argument - 1);
  default: break;
  }
  if (type.kind != ir::TypeKind::Aggregate || type.size != 16)
    return std::unexpected(comptime::fail(Reason::Unsupported, {}, "compiler call with such an argument"));
  if (!memory.readable(argument, 16))
    return std::unexpected(refused(argument, false));
  const std::uint64_t data = load_pointer(memory.host(argument));
  std::uint64_t length = 0;
  std::memcpy(&length, memory.host(argument + 8), 8);
  if (!is_slice(module, type))
    return read_text(data, length);
  if (length > limits.heap_bytes / member_bytes || (length != 0 && !memory.readable(data, length * member_bytes)))
    return std::unexpected(refused(data, false));
  std::string text;
  for (std::uint64_t i = 0; i < length; ++i) {
    const Address member = data + i * member_bytes;
    std::int64_t word = 0;
    std::uint64_t name_length = 0;
    std::memcpy(&name_length, memory.host(member + 8), 8);
    std::memcpy(&word, memory.host(member + 16), 8);
    const auto name = read_text(load_pointer(memory.host(member)), name_length);
    if (!name)
      return std::unexpected(name.error());
    text += std::to_string(word) + " " + std::to_string(name->size()) + " " + *name;
  }
  return text;
}

bool Machine::decode_result(ir::TypeId id, std::string_view text, Address at, std::uint64_t& value) {
  const ir::Module& module = program.module();
  const ir::Type& type = module.type(id);
  const auto wrong = [this] { return stop(Reason::MissingService, "the compiler's answer is of another type"); };
  switch (type.kind) {
  case ir::TypeKind::Void:
  case ir::TypeKind::Never: return true;
  case ir::TypeKind::Bool:
  case ir::TypeKind::Int: {
    std::int64_t number = 0;
    const bool good =
        type.kind == ir::TypeKind::Int && type.is_signed ? parse_number(text, number) : parse_number(text, value);
    if (!good)
      return wrong();
    value = ir::canonical_pattern(type, type.is_signed ? as_word(number) : value);
    return true;
  }
  case ir::TypeKind::Code:
    if (text.empty())
      return true;
    if (!parse_number(text, value))
      return wrong();
    ++value;
    return true;
  default: break;
  }
  if (type.kind != ir::TypeKind::Aggregate || type.size != 16)
    return wrong();
  if (!is_slice(module, type))
    return store_string(at, text);
  struct Member {
    std::int64_t word;
    std::string_view name;
  };
  std::vector<Member> members;
  while (!text.empty()) {
    Member member{};
    std::size_t length = 0;
    if (!parse_number(text, member.word) || !text.starts_with(' '))
      return wrong();
    text.remove_prefix(1);
    if (!parse_number(text, length) || !text.starts_with(' ') || length > text.size() - 1)
      return wrong();
    member.name = text.substr(1, length);
    text.remove_prefix(1 + length);
    members.push_back(member);
  }
  const auto data = memory.allocate(members.size() * member_bytes);
  if (!data)
    return stop(Reason::AllocationLimit);
  refresh();
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Address member = *data + i * member_bytes;
    if (!store_string(member, members[i].name))
      return false;
    std::memcpy(memory.host(member + 16), &members[i].word, 8);
  }
  std::uint8_t* target = writable(at, 16);
  const std::uint64_t pair[2] = {*data, members.size()};
  if (target)
    std::memcpy(target, pair, sizeof pair);
  return target != nullptr;
}

bool Machine::compiler_call(const IntrinsicCall& call, std::uint64_t* window, std::uint64_t& value) {
  const ir::TypeKind kind = program.module().type(call.result).kind;
  const bool in_memory = kind >= ir::TypeKind::Array;
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    auto text = encode_argument(call.arguments[i], window[i + (in_memory ? 1 : 0)]);
    if (!text)
      return stop(text.error());
    arguments.push_back(std::move(*text));
  }
  const ir::TypeId result = call.result;
  const auto answer = host.compiler_call(call.immediate, arguments);
  if (!answer)
    return stop(answer.error());
  refresh_tables();
  return !failure && decode_result(result, *answer, window[0], value);
}

} // namespace sx::comptime::vm
