// Functions that lowering makes: adapters between calling shapes, method tables, readers of `any`.

#include "lower/impl.h"

namespace sx::lower {

using sema::TypeKind;

ir::Function& Lowerer::Impl::declare_helper(std::string_view name, ir::TypeId signature_type, Span span,
                                            ir::FuncId& id) {
  ir::Function made;
  made.name = module.strings.intern(name);
  made.symbol = unique_symbol("sx." + std::string(name));
  made.signature = signature_type;
  made.span = span;
  for (const ir::TypeId param : module.type(signature_type).params)
    made.locals.push_back({StringId(0), param});
  made.param_count = static_cast<std::uint32_t>(made.locals.size());
  id = ir::FuncId(module.functions.size());
  return module.functions.emplace_back(std::move(made));
}

namespace {

/// Ends a helper's body with `return call(...)` in the form its result needs.
void finish_with(ir::Builder& b, Lowerer::Impl& owner, std::vector<ir::NodeId> statements, ir::NodeId result) {
  const ir::TypeKind kind = owner.module.type(b.type_of(result)).kind;
  if (kind == ir::TypeKind::Void) {
    statements.push_back(result);
    statements.push_back(b.return_());
  } else if (kind == ir::TypeKind::Never) {
    statements.push_back(result);
  } else {
    statements.push_back(b.return_(result));
  }
  const ir::NodeId root = b.block(b.new_label(), owner.never_type(), statements);
  b.function().root = root;
}

ir::NodeId parameter(ir::Builder& b, std::uint32_t index) {
  return b.load(b.local(ir::LocalId(index)));
}

} // namespace

/// `plain` of result type `from` as a result of type `to`: a success with 0 in its error slot if only `to` can fail.
ir::NodeId Lowerer::Impl::as_success(ir::Builder& b, std::vector<ir::NodeId>& statements, ir::NodeId plain,
                                     sema::TypeId from, sema::TypeId to) {
  if (!types.is(to, TypeKind::Failable) || types.is(from, TypeKind::Failable))
    return plain;
  const ir::NodeId no_error = b.const_int(int_type(32, false), 0);
  if (types.is(from, TypeKind::Void)) {
    statements.push_back(plain);
    return no_error;
  }
  const ir::TypeId made = value_type(to);
  const auto slots = static_cast<std::uint32_t>(module.type(made).fields.size());
  std::vector<ir::Builder::Init> inits;
  if (types.is(from, TypeKind::Tuple)) {
    const ir::LocalId tuple = b.add_local(StringId(0), b.type_of(plain));
    statements.push_back(b.store(b.local(tuple), plain));
    for (std::uint32_t i = 0; i + 1 < slots; ++i)
      inits.push_back({i, b.load(b.field(b.local(tuple), i))});
  } else {
    inits.push_back({0, plain});
  }
  inits.push_back({slots - 1, no_error});
  return b.aggregate(made, inits);
}

ir::FuncId Lowerer::Impl::adapter(std::variant<sema::FunctionId, sema::ExternId> callee, sema::TypeId to) {
  const bool is_extern = std::holds_alternative<sema::ExternId>(callee);
  const std::uint32_t number =
      is_extern ? std::get<sema::ExternId>(callee).value : std::get<sema::FunctionId>(callee).value;
  const HelperKey key{is_extern ? HelperKind::ExternAdapter : HelperKind::FunctionAdapter, number, to.value};
  if (auto found = helpers_.find(key); found != helpers_.end())
    return found->second;
  const bool environment = types.is(to, TypeKind::Closure);
  const bool context = has_context_mode() && types[to].convention == sema::Convention::Sx;
  const sema::Function* checked = is_extern ? nullptr : &program.function(std::get<sema::FunctionId>(callee));
  const sema::Extern* external_row =
      is_extern ? &program.externs[std::get<sema::ExternId>(callee).index()] : nullptr;
  const Span span = is_extern ? external_row->span : checked->span;
  const std::string& symbol = is_extern ? external_row->symbol : checked->symbol;
  const sema::TypeId own_type = is_extern ? external_row->type : checked->type;
  ir::FuncId id;
  ir::Function& row = declare_helper("closure." + symbol, signature(to, context, environment), span, id);
  if (!is_extern)
    row.name = module_text(checked->name);
  helpers_.emplace(key, id);
  ir::Builder b(module, module.function(id));
  b.set_span(span);
  std::vector<ir::NodeId> args;
  if (!is_extern && takes_context(*checked))
    args.push_back(parameter(b, 0));
  for (std::uint32_t i = (context ? 1 : 0) + (environment ? 1 : 0); i < module.function(id).param_count; ++i)
    args.push_back(parameter(b, i));
  const ir::NodeId called = is_extern ? b.call_extern(external(std::get<sema::ExternId>(callee)), args)
                                      : b.call(function(std::get<sema::FunctionId>(callee)), args);
  std::vector<ir::NodeId> statements;
  const ir::NodeId result = as_success(b, statements, called, types[own_type].element, types[to].element);
  finish_with(b, *this, std::move(statements), result);
  return id;
}

ir::FuncId Lowerer::Impl::closure_widener(sema::TypeId from, sema::TypeId to) {
  const HelperKey key{HelperKind::ClosureWiden, from.value, to.value};
  if (auto found = helpers_.find(key); found != helpers_.end())
    return found->second;
  const bool context = has_context_mode();
  ir::FuncId id;
  declare_helper("widen." + types.name(from), signature(to, context, true), {}, id);
  helpers_.emplace(key, id);
  ir::Builder b(module, module.function(id));
  const ir::TypeId layout = value_type(from);
  const std::uint32_t environment = context ? 1 : 0;
  const auto original = [&](std::uint32_t word) {
    return b.load(b.field(b.deref(parameter(b, environment), layout), word));
  };
  const ir::NodeId code = original(0);
  std::vector<ir::NodeId> args;
  if (context)
    args.push_back(parameter(b, 0));
  args.push_back(original(1));
  for (std::uint32_t i = environment + 1; i < module.function(id).param_count; ++i)
    args.push_back(parameter(b, i));
  const ir::NodeId plain = b.call_indirect(signature(from, context, true), code, args);
  std::vector<ir::NodeId> statements;
  const ir::NodeId result = as_success(b, statements, plain, types[from].element, types[to].element);
  finish_with(b, *this, std::move(statements), result);
  return id;
}

ir::FuncId Lowerer::Impl::any_reader(bool to_float) {
  const HelperKey key{to_float ? HelperKind::AnyToFloat : HelperKind::AnyToInt};
  if (auto found = helpers_.find(key); found != helpers_.end())
    return found->second;
  const ir::TypeId i64 = int_type(64, true);
  const ir::TypeId f64 = primitive(ir::TypeKind::Float, 64);
  const ir::TypeId result = to_float ? f64 : i64;
  ir::Type type;
  type.kind = ir::TypeKind::Signature;
  type.params = {pointer_type(), i64};
  type.element = result;
  ir::FuncId id;
  declare_helper(to_float ? "any_to_float" : "any_to_int", module.intern_type(type), {}, id);
  helpers_.emplace(key, id);
  ir::Builder b(module, module.function(id));
  const auto reflect = [&](ir::ReflectQuery query, ir::TypeId as) {
    const ir::NodeId args[] = {parameter(b, 1), b.const_int(i64, 0)};
    return b.intrinsic(ir::Intrinsic::Reflect, static_cast<std::uint32_t>(query), as, args);
  };
  const auto load_as = [&](ir::TypeId as) { return b.load(b.deref(parameter(b, 0), as)); };
  std::vector<ir::Builder::Case> cases;
  const ir::NodeId size = reflect(ir::ReflectQuery::Size, i64);
  if (to_float) {
    cases.push_back({4, b.convert(ir::ConvertOp::FloatResize, load_as(primitive(ir::TypeKind::Float, 32)), f64)});
    const ir::NodeId wide = load_as(f64);
    finish_with(b, *this, {}, b.switch_(size, cases, wide, result));
    return id;
  }
  for (const unsigned bytes : {1u, 2u, 4u}) {
    const ir::NodeId is_unsigned = reflect(ir::ReflectQuery::IsUnsigned, bool_type());
    const ir::NodeId zero_extended = b.convert(ir::ConvertOp::Resize, load_as(int_type(bytes * 8, false)), i64);
    const ir::NodeId sign_extended = b.convert(ir::ConvertOp::Resize, load_as(int_type(bytes * 8, true)), i64);
    cases.push_back({bytes, b.if_(is_unsigned, zero_extended, sign_extended, i64)});
  }
  const ir::NodeId wide = load_as(i64);
  finish_with(b, *this, {}, b.switch_(size, cases, wide, result));
  return id;
}

ir::FuncId Lowerer::Impl::mismatch_reporter() {
  const HelperKey key{HelperKind::MismatchReporter};
  if (auto found = helpers_.find(key); found != helpers_.end())
    return found->second;
  const ir::TypeId i32 = int_type(32, true);
  const ir::TypeId i64 = int_type(64, true);
  const unsigned word_bits = types.pointer_bytes() * 8;
  const ir::TypeId word = int_type(word_bits, false);
  ir::Type type;
  type.kind = ir::TypeKind::Signature;
  type.params = {pointer_type(), i64, i64};
  type.element = never_type();
  ir::FuncId id;
  declare_helper("type_mismatch", module.intern_type(type), {}, id);
  helpers_.emplace(key, id);
  ir::Builder b(module, module.function(id));
  const ir::ExternId write = runtime_extern("write", {i32, pointer_type(), word}, int_type(word_bits, true));
  const auto print = [&](ir::NodeId text, ir::NodeId length) {
    const ir::NodeId args[] = {b.const_int(i32, 1), text, b.convert(ir::ConvertOp::Resize, length, word)};
    return b.call_extern(write, args);
  };
  std::vector<ir::NodeId> statements;
  statements.push_back(print(parameter(b, 0), parameter(b, 1)));
  const ir::LocalId name = b.add_local(StringId(0), b.string_type());
  const ir::NodeId query[] = {parameter(b, 2), b.const_int(i64, 0)};
  const ir::NodeId found_name =
      b.intrinsic(ir::Intrinsic::Reflect, static_cast<std::uint32_t>(ir::ReflectQuery::Name), b.string_type(), query);
  statements.push_back(b.store(b.local(name), found_name));
  statements.push_back(print(b.load(b.field(b.local(name), 0)), b.load(b.field(b.local(name), 1))));
  statements.push_back(print(b.data(pointer_type(), "\n"), b.const_int(i64, 1)));
  const ir::NodeId status[] = {b.const_int(i32, 1)};
  finish_with(b, *this, std::move(statements), b.call_extern(runtime_extern("_exit", {i32}, never_type()), status));
  return id;
}

ir::FuncId Lowerer::Impl::witness_method(sema::TypeId protocol, sema::TypeId concrete, std::uint32_t row) {
  const auto found_witness = program.witnesses.find({protocol, concrete});
  ir::FuncId id;
  if (found_witness == program.witnesses.end() || row >= found_witness->second.methods.size()) {
    // A type that was never checked against the protocol: only reachable after an error.
    ir::Type type;
    type.kind = ir::TypeKind::Signature;
    type.element = void_type();
    declare_helper("witness.missing", module.intern_type(type), {}, id);
    ir::Builder b(module, module.function(id));
    b.function().root = b.poison("a method of a protocol is missing");
    return id;
  }
  const sema::Witness::Method& method = found_witness->second.methods[row];
  const sema::Function& checked = program.function(method.function);
  if (!method.receiver_by_value && checked.has_context)
    return function(method.function);
  const HelperKey key{HelperKind::WitnessMethod, protocol.value, concrete.value, row};
  if (auto found = helpers_.find(key); found != helpers_.end())
    return found->second;
  std::uint32_t declared = 0;
  const sema::Nominal& nominal = types.nominal(protocol);
  while (dispatch_index(protocol, declared) != row || !nominal.methods[declared].dispatchable)
    ++declared;
  declare_helper("witness." + checked.symbol, method_signature(nominal.methods[declared]), checked.span, id);
  module.function(id).name = module_text(checked.name);
  helpers_.emplace(key, id);
  ir::Builder b(module, module.function(id));
  b.set_span(checked.span);
  std::uint32_t next = 0;
  std::vector<ir::NodeId> args;
  if (has_context_mode()) {
    if (checked.has_context)
      args.push_back(parameter(b, 0));
    ++next;
  }
  const ir::NodeId data = parameter(b, next++);
  args.push_back(method.receiver_by_value ? b.load(b.deref(data, storage_type(concrete))) : data);
  for (; next < module.function(id).param_count; ++next)
    args.push_back(parameter(b, next));
  finish_with(b, *this, {}, b.call(function(method.function), args));
  return id;
}

ir::GlobalId Lowerer::Impl::method_table(sema::TypeId protocol, sema::TypeId concrete) {
  const auto key = std::pair(protocol, concrete);
  if (auto found = tables_.find(key); found != tables_.end())
    return found->second;
  std::uint32_t rows = 0;
  for (const sema::ProtocolMethodInfo& method : types.nominal(protocol).methods)
    rows += method.dispatchable;
  ir::Type type;
  type.kind = ir::TypeKind::Array;
  type.element = code_type();
  type.count = rows;
  ir::Global table;
  table.name = module.strings.intern("methods of " + types.name(concrete) + " as " + types.name(protocol));
  table.symbol = unique_symbol("sx.methods." + types.name(protocol) + "." + types.name(concrete));
  table.type = module.intern_type(type);
  table.is_constant = true;
  const std::uint32_t pointer = types.pointer_bytes();
  ir::ImageObject object;
  object.align = pointer;
  object.bytes.resize(std::size_t{rows} * pointer);
  for (std::uint32_t row = 0; row < rows; ++row)
    object.relocations.push_back({std::uint64_t{row} * pointer, ir::Relocation::Kind::Function,
                                  witness_method(protocol, concrete, row).value, 0});
  table.image = ir::FoldImage{table.type, {std::move(object)}};
  const ir::GlobalId id{module.globals.size()};
  module.globals.push_back(std::move(table));
  tables_.emplace(key, id);
  return id;
}

ir::FuncId Lowerer::Impl::entry_point() {
  if (entry_point_.valid() || !program.main.valid())
    return entry_point_;
  const sema::Function& main = program.function(program.main);
  const ir::TypeId i32 = int_type(32, true);
  ir::Type type;
  type.kind = ir::TypeKind::Signature;
  type.conv = ir::CallConv::C;
  type.element = i32;
  ir::Function& row = declare_helper("entry", module.intern_type(type), main.span, entry_point_);
  row.linkage = ir::Linkage::Export;
  row.symbol = module.strings.intern("main");
  module.entry_symbol = row.symbol;
  ir::Builder b(module, module.function(entry_point_));
  b.set_span(main.span);
  std::vector<ir::NodeId> args;
  if (takes_context(main))
    args.push_back(b.address_of(b.global(global(program.context.default_value))));
  const ir::NodeId result = b.call(function(program.main), args);
  const sema::TypeId declared = types[main.type].element;
  const auto status = [&](ir::NodeId v) { return b.type_of(v) == i32 ? v : b.convert(ir::ConvertOp::Resize, v, i32); };
  const auto zero = [&] { return b.const_int(i32, 0); };
  if (types.is_integer(declared)) {
    finish_with(b, *this, {}, status(result));
    return entry_point_;
  }
  if (!types.is(declared, TypeKind::Failable)) {
    finish_with(b, *this, {result}, zero());
    return entry_point_;
  }
  const ir::LocalId holder = b.add_local(StringId(0), b.type_of(result));
  const bool has_value = !types.is(types[declared].element, TypeKind::Void);
  const auto error = [&] {
    if (!has_value)
      return b.load(b.local(holder));
    const auto slot = static_cast<std::uint32_t>(module.type(value_type(declared)).fields.size() - 1);
    return b.load(b.field(b.local(holder), slot));
  };
  std::vector<ir::NodeId> statements{b.store(b.local(holder), result)};
  // R6.137: the report, then status 1.
  const ir::TypeId word_type = int_type(types.pointer_bytes() * 8, false);
  const ir::ExternId report =
      runtime_extern("sx_trace_report_unhandled", {int_type(32, false), pointer_type(), word_type}, void_type());
  const ir::LocalId name = b.add_local(StringId(0), string_type());
  const ir::NodeId tag_argument[] = {error()};
  const ir::NodeId named =
      b.store(b.local(name), b.intrinsic(ir::Intrinsic::ErrorName, 0, string_type(), tag_argument));
  const ir::NodeId length = b.convert(ir::ConvertOp::Resize, b.load(b.field(b.local(name), 1)), word_type);
  const ir::NodeId report_arguments[] = {error(), b.load(b.field(b.local(name), 0)), length};
  const ir::NodeId failure_steps[] = {named, b.call_extern(report, report_arguments), b.const_int(i32, 1)};
  const ir::NodeId failure = b.block(b.new_label(), i32, failure_steps);
  const ir::NodeId success = has_value ? status(b.load(b.field(b.local(holder), 0))) : zero();
  const ir::NodeId failed = b.compare(ir::CompareOp::Ne, error(), b.const_int(int_type(32, false), 0));
  finish_with(b, *this, statements, b.if_(failed, failure, success, i32));
  return entry_point_;
}

} // namespace sx::lower
