// Functions, globals, externs, reflection rows: one IR entity for each checked one, made when first mentioned.

#include "lower/function_lowering.h"

#include <algorithm>
#include <utility>

namespace sx::lower {

using sema::TypeKind;

StringId Lowerer::Impl::unique_symbol(std::string_view base) {
  std::string name(base);
  for (int suffix = 1; !symbols_.insert(name).second; ++suffix)
    name = std::string(base) + "." + std::to_string(suffix);
  return module.strings.intern(name);
}

ir::FuncId Lowerer::Impl::function(sema::FunctionId id) {
  if (auto found = functions_.find(id.value); found != functions_.end())
    return found->second;
  const sema::Function& checked = program.function(id);
  ir::Function made;
  made.name = module_text(checked.name);
  made.symbol = checked.is_export ? module.strings.intern(checked.symbol) : unique_symbol("sx." + checked.symbol);
  made.signature = signature(checked.type, takes_context(checked), checked.kind == sema::FunctionKind::Lambda);
  made.linkage = checked.is_export ? ir::Linkage::Export : ir::Linkage::Internal;
  made.comptime_only = checked.comptime_only || checked.kind == sema::FunctionKind::Entry;
  made.is_naked = checked.is_naked;
  made.span = checked.span;
  const ir::Type& type = module.type(made.signature);
  made.param_count = static_cast<std::uint32_t>(type.params.size());
  for (const ir::TypeId param : type.params)
    made.locals.push_back({StringId(0), param});
  const ir::FuncId lowered{module.functions.size()};
  module.functions.push_back(std::move(made));
  functions_.emplace(id.value, lowered);
  checked_of_.emplace(lowered.value, id);
  return lowered;
}

bool Lowerer::Impl::ensure_body(ir::FuncId id) {
  if (id.index() >= module.functions.size())
    return false;
  if (module.function(id).has_body())
    return true;
  auto found = checked_of_.find(id.value);
  if (found == checked_of_.end())
    return false;
  const sema::Function& checked = program.function(found->second);
  if (!checked.checked || checked.failed || !is_sized(checked) || !lowering_.insert(id.value).second)
    return false;
  lower_body(found->second, id);
  return true;
}

/// While types are being built (7.13) a body may hold one by value that has no members yet; its turn comes later.
bool Lowerer::Impl::is_sized(const sema::Function& checked) const {
  const auto sized = [&](sema::TypeId id) {
    if (!id.valid())
      return true;
    const sema::Type& type = types[id];
    if (type.kind == TypeKind::Function || type.kind == TypeKind::Closure)
      return std::ranges::all_of(type.elements, [&](sema::TypeId part) { return types.is_sized(part); }) &&
             types.is_sized(type.element);
    return types.is_sized(id);
  };
  const hir::Body& body = checked.body;
  if (!sized(checked.type) ||
      !std::ranges::all_of(body.locals, [&](const hir::LocalInfo& local) { return sized(local.type); }))
    return false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const hir::NodeId node{i};
    if (!sized(body.type(node)))
      return false;
    if (body.kind(node) == hir::Kind::Call && !sized(program.function(body.get<hir::Call>(node).function).type))
      return false;
  }
  return true;
}

void Lowerer::Impl::lower_body(sema::FunctionId checked, ir::FuncId lowered) {
  FunctionLowering(*this, checked, lowered).run();
}

ir::GlobalId Lowerer::Impl::global(sema::GlobalId id) {
  if (auto found = globals_.find(id.value); found != globals_.end())
    return found->second;
  const sema::Global& checked = program.globals[id.index()];
  ir::Global made;
  made.name = module_text(checked.name);
  made.symbol = unique_symbol("sx." + checked.symbol);
  made.type = storage_type(checked.type);
  made.is_constant = checked.is_constant;
  made.span = checked.span;
  const ir::GlobalId lowered{module.globals.size()};
  module.globals.push_back(std::move(made));
  globals_.emplace(id.value, lowered);
  origins[lowered.value].global = id;
  if (checked.initializer.valid())
    module.globals[lowered.index()].initializer = function(checked.initializer);
  return lowered;
}

ir::GlobalId Lowerer::Impl::run_value(sema::RunId id) {
  if (auto found = run_globals_.find(id.value); found != run_globals_.end())
    return found->second;
  const sema::RunSite& site = program.runs[id.index()];
  ir::Global made;
  made.name = module.strings.intern(site.label);
  made.symbol = unique_symbol("sx.run." + std::to_string(id.value));
  made.type = storage_type(site.type);
  made.is_constant = true;
  made.span = site.span;
  const ir::GlobalId lowered{module.globals.size()};
  module.globals.push_back(std::move(made));
  run_globals_.emplace(id.value, lowered);
  origins[lowered.value].run = id;
  module.globals[lowered.index()].initializer = function(site.entry);
  runs_found.emplace_back(id, lowered);
  return lowered;
}

ir::ExternId Lowerer::Impl::external(sema::ExternId id) {
  if (auto found = externs_.find(id.value); found != externs_.end())
    return found->second;
  const sema::Extern& checked = program.externs[id.index()];
  ir::Extern made;
  made.symbol = module.strings.intern(checked.symbol);
  made.library = module.strings.intern(checked.library);
  made.signature = checked.is_variable ? storage_type(checked.type) : extern_signature(checked.type);
  made.is_variable = checked.is_variable;
  made.span = checked.span;
  const ir::ExternId lowered{module.externs.size()};
  module.externs.push_back(made);
  externs_.emplace(id.value, lowered);
  return lowered;
}

ir::ExternId Lowerer::Impl::runtime_extern(std::string_view symbol, std::vector<ir::TypeId> params, ir::TypeId result) {
  if (auto found = runtime_externs_.find(symbol); found != runtime_externs_.end())
    return found->second;
  ir::Type type;
  type.kind = ir::TypeKind::Signature;
  type.conv = ir::CallConv::C;
  type.params = std::move(params);
  type.element = result;
  ir::Extern made;
  made.symbol = module.strings.intern(symbol);
  made.library = StringId(0);
  made.signature = module.intern_type(type);
  const ir::ExternId lowered{module.externs.size()};
  module.externs.push_back(made);
  runtime_externs_.emplace(symbol, lowered);
  return lowered;
}

ir::FrameId Lowerer::Impl::trace_frame(Span span, StringId function_name) {
  const std::uint64_t key =
      (std::uint64_t{span.file.value} << 32 | span.begin) ^ (std::uint64_t{function_name.value} << 48);
  if (auto found = frames_.find(key); found != frames_.end())
    return found->second;
  ir::TraceFrame frame;
  if (span.valid()) {
    const SourceFile& file = sources.file(span.file);
    const std::size_t slash = file.path().rfind('/');
    frame.file = module.strings.intern(slash == std::string::npos ? std::string_view(file.path())
                                                                  : std::string_view(file.path()).substr(slash + 1));
    const LineColumn position = file.locate(span.begin);
    frame.line = static_cast<std::int32_t>(position.line);
    frame.column = static_cast<std::int32_t>(position.column);
    frame.line_text = module.strings.intern(file.line_text(position.line));
  } else {
    frame.file = frame.line_text = StringId(0);
  }
  frame.function = module_text(function_name);
  const ir::FrameId id{module.frames.size()};
  module.frames.push_back(frame);
  frames_.emplace(key, id);
  return id;
}

ir::ReflectRow Lowerer::Impl::reflect_row(sema::TypeId id) {
  const sema::Type& type = types[id];
  const sema::Layout layout = types.layout(id);
  ir::ReflectRow row;
  row.word = types.word(id);
  row.name = module.strings.intern(types.name(id));
  row.size = static_cast<std::int64_t>(layout.size);
  row.align = layout.align;
  row.category = static_cast<std::uint8_t>(sema::category(types, id));
  row.is_unsigned = types.is_integer(id) && !types.is_signed(id);
  auto member = [&](std::string_view name, sema::TypeId of, std::uint64_t offset, std::int64_t value) {
    row.members.push_back({module.strings.intern(name), types.word(of), static_cast<std::int64_t>(offset), value});
  };
  switch (type.kind) {
  case TypeKind::Tuple:
    for (std::size_t i = 0; i < type.elements.size(); ++i)
      member(i < type.names.size() ? strings.text(type.names[i]) : "", type.elements[i], types.field_offset(id, i), 0);
    row.field_count = static_cast<std::int64_t>(type.elements.size());
    break;
  case TypeKind::Struct:
  case TypeKind::Union:
    for (std::size_t i = 0; i < types.nominal(id).fields.size(); ++i) {
      const sema::FieldInfo& part = types.nominal(id).fields[i];
      member(strings.text(part.name), part.type, types.field_offset(id, i), 0);
    }
    row.field_count = static_cast<std::int64_t>(row.members.size());
    break;
  case TypeKind::Enum:
  case TypeKind::TaggedUnion: {
    const sema::Nominal& nominal = types.nominal(id);
    const bool tagged = type.kind == TypeKind::TaggedUnion;
    const sema::TypeId tag = tagged ? types.union_layout(id).tag : nominal.backing;
    const std::uint64_t offset = tagged ? types.union_layout(id).payload_offset : 0;
    for (const sema::VariantInfo& variant : nominal.variants)
      member(strings.text(variant.name), variant.payload, offset, variant.value);
    row.variant_count = static_cast<std::int64_t>(row.members.size());
    row.is_flags = nominal.is_flags;
    const auto width = static_cast<std::int64_t>(types.layout(tag).size);
    row.tag_width = types.is_signed(tag) ? -width : width;
    break;
  }
  case TypeKind::Vector: row.lanes = static_cast<std::int64_t>(type.count); [[fallthrough]];
  case TypeKind::Array:
    // Any index answers the element; the count is kept so that length queries work from the row alone.
    member("", type.element, 0, 0);
    row.element_count = static_cast<std::int64_t>(type.count);
    break;
  case TypeKind::Slice:
  case TypeKind::Optional:
  case TypeKind::Pointer:
  case TypeKind::ManyPointer: member("", type.element, 0, 0); break;
  default: break;
  }
  return row;
}

void Lowerer::Impl::sync_tables() {
  // Rows are in table order, which is the order of type words above the reserved ones; reserved words come first.
  for (; reflected_ < types.size(); ++reflected_)
    unreflected_.push_back(sema::TypeId{reflected_});
  std::vector<sema::TypeId> waiting;
  for (const sema::TypeId id : std::exchange(unreflected_, {})) {
    const TypeKind kind = types.kind(id);
    if (kind == TypeKind::Poison || kind == TypeKind::Null || kind == TypeKind::Failable)
      continue;
    if (!types.is_sized(id))
      waiting.push_back(id);
    else
      module.reflection.push_back(reflect_row(id));
  }
  unreflected_ = std::move(waiting);
  std::ranges::sort(module.reflection, {}, &ir::ReflectRow::word);
  if (records_wanted_)
    for (ir::ReflectRow& row : module.reflection)
      if (!row.info.valid())
        row.info = type_record(types.from_word(row.word));
  for (std::size_t tag = module.error_names.size(); tag < program.error_tags.size(); ++tag)
    module.error_names.push_back(module_text(program.error_tags[tag]));
  if (module.error_names.empty())
    module.error_names.push_back(StringId(0));
  for (std::size_t file = module.files.size(); file < sources.size(); ++file)
    module.files.push_back(sources.file(FileId(file)).path());
}

Lowerer::Lowerer(sema::Program& program, ir::Module& module, const SourceMap& sources, Interner& strings)
    : impl_(std::make_unique<Impl>(program, module, sources, strings)) {}
Lowerer::~Lowerer() = default;

ir::FuncId Lowerer::function(sema::FunctionId id) {
  return impl_->function(id);
}
ir::GlobalId Lowerer::global(sema::GlobalId id) {
  return impl_->global(id);
}
ir::GlobalId Lowerer::run_value(sema::RunId id) {
  return impl_->run_value(id);
}
ir::TypeId Lowerer::type(sema::TypeId id) {
  return impl_->value_type(id);
}
bool Lowerer::ensure_body(ir::FuncId id) {
  return impl_->ensure_body(id);
}
ir::FuncId Lowerer::entry_point() {
  return impl_->entry_point();
}
void Lowerer::sync_tables() {
  impl_->sync_tables();
}
const std::vector<std::pair<sema::RunId, ir::GlobalId>>& Lowerer::run_values() const {
  return impl_->runs_found;
}

Lowerer::Origin Lowerer::origin(ir::GlobalId id) const {
  auto found = impl_->origins.find(id.value);
  return found == impl_->origins.end() ? Origin{} : found->second;
}

void Lowerer::lower_reachable(std::vector<ir::FuncId> roots) {
  ir::Module& module = impl_->module;
  std::vector<bool> seen_functions, seen_globals;
  auto visit_function = [&](std::uint32_t id) {
    if (seen_functions.size() < module.functions.size())
      seen_functions.resize(module.functions.size());
    if (id >= seen_functions.size() || seen_functions[id])
      return;
    seen_functions[id] = true;
    roots.push_back(ir::FuncId(id));
  };
  std::vector<std::uint32_t> pending_globals;
  auto visit_global = [&](std::uint32_t first_global) {
    pending_globals.push_back(first_global);
    while (!pending_globals.empty()) {
      const std::uint32_t id = pending_globals.back();
      pending_globals.pop_back();
      seen_globals.resize(module.globals.size());
      if (id >= seen_globals.size() || seen_globals[id])
        continue;
      seen_globals[id] = true;
      const ir::Global& global = module.globals[id];
      if (!global.image && global.initializer.valid())
        visit_function(global.initializer.value);
      if (!global.image)
        continue;
      for (const ir::ImageObject& object : global.image->objects)
        for (const ir::Relocation& relocation : object.relocations) {
          if (relocation.kind == ir::Relocation::Kind::Function)
            visit_function(relocation.target);
          else if (relocation.kind == ir::Relocation::Kind::Global)
            pending_globals.push_back(relocation.target);
        }
    }
  };
  std::vector<ir::FuncId> first;
  first.swap(roots);
  for (const ir::FuncId root : first)
    visit_function(root.value);
  while (!roots.empty()) {
    const ir::FuncId id = roots.back();
    roots.pop_back();
    if (!ensure_body(id))
      continue;
    const std::size_t count = module.function(id).nodes.size();
    for (std::size_t i = 0; i < count; ++i) {
      const ir::Node node = module.function(id).nodes[i];
      if (node.op == ir::Op::Call || node.op == ir::Op::ConstFunction)
        visit_function(node.a);
      else if (node.op == ir::Op::PlaceGlobal)
        visit_global(node.a);
    }
  }
}

} // namespace sx::lower
