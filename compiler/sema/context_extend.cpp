// The implicit context: `#context_extend` fields joined into the struct `Context` (R4.136 to R4.140).

#include "sema/checker.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"

#include <algorithm>
#include <map>

namespace sx::sema {

using syntax::Kind;

std::span<const ContextField> Checker::context_extensions() const {
  return tables_->context_fields;
}

std::vector<std::string> Checker::context_fields() const {
  std::vector<std::string> lines;
  for (const ContextField& field : tables_->context_fields)
    lines.push_back(text(field.name) + ": " +
                    (field.type.valid()
                         ? types.name(field.type)
                         : source_text(field.site.span(field.site.get<ast::ContextExtend>(field.node).type))));
  return lines;
}

/// Phase 5a: false after a structural error.
bool Checker::collect_context() {
  // Later means later in merge order with the entry file first (R10.41); the fields themselves are ordered by path.
  std::vector<ModuleId> order{entry_module};
  for (ModuleId id : merge_order)
    if (id != entry_module)
      order.push_back(id);
  bool good = true;
  std::map<StringId, Span> first;
  for (ModuleId id : order)
    for_each_item(id, [&](const ModuleItem& item) {
      if (item.kind != ModuleItem::Kind::ContextExtend)
        return;
      const Site site = site_of(id);
      const auto& node = site.get<ast::ContextExtend>(item.node);
      const Span span = site.span(item.node);
      const auto [known, is_new] = first.emplace(node.name.text, span);
      if (!is_new) {
        report<diag::duplicate_context_field>(span, text(node.name.text))
            .note(note::first_declared_here(), known->second);
        good = false;
        return;
      }
      if (!node.value.valid()) {
        report<diag::context_field_without_default>(span, text(node.name.text));
        good = false;
      }
      tables_->context_fields.push_back({node.name.text, {}, site, node.value, item.node, span});
    });
  std::ranges::sort(tables_->context_fields, [&](const ContextField& a, const ContextField& b) {
    return std::pair(file_name(a.site.module), text(a.name)) < std::pair(file_name(b.site.module), text(b.name));
  });
  return good;
}

namespace {

/// A function that gathers the defaults, each of which is a hidden constant evaluated where it was written (R4.140).
FunctionId default_context_entry(Checker& checker, TypeId context, std::span<const ContextField> fields) {
  Function entry;
  entry.kind = FunctionKind::Entry;
  entry.name = checker.intern("__default_context");
  entry.symbol = "entry.__default_context";
  entry.type = checker.types.function({}, context);
  entry.span = checker.types.nominal(context).span;
  entry.end_span = entry.span;
  entry.module = checker.types.nominal(context).module;
  entry.comptime_only = true;
  std::vector<hir::MemberInit> inits;
  for (std::uint32_t i = 0; i < fields.size(); ++i) {
    const ContextField& field = fields[i];
    if (!field.value.valid())
      continue;
    EntryRequest request;
    request.node = field.value;
    request.type = field.type;
    request.name = field.name;
    request.constant_only = true;
    Global made;
    made.name = field.name;
    made.symbol = "context." + checker.text(field.name);
    made.type = field.type;
    made.is_constant = true;
    made.span = field.span;
    made.value_span = field.site.span(field.value);
    made.module = field.site.module;
    made.initializer = checker.make_entry(field.site, request);
    checker.context_entries.push_back(made.initializer);
    const GlobalId global{checker.program.globals.size()};
    checker.program.globals.push_back(std::move(made));
    const hir::NodeId place = entry.body.add(hir::Global{global}, field.type, field.span);
    inits.push_back({i, entry.body.add(hir::Load{place}, field.type, field.span)});
  }
  const hir::NodeId value = entry.body.add(hir::Aggregate{entry.body.add_inits(inits)}, context, entry.span);
  entry.body.root = entry.body.add(hir::Block{entry.body.add_list({}), value}, context, entry.span);
  entry.checked = true;
  FunctionOrigin origin;
  origin.site = checker.site_of_type(context);
  origin.begun = true;
  return checker.add_function(std::move(entry), std::move(origin));
}

} // namespace

/// Phase 5b: makes the struct and its default value, if any module declares `Context`.
void Checker::define_context() {
  DeclId declared;
  const StringId name = intern("Context");
  for (const auto& item : tables_->merged_items) {
    const DeclId id = module(item.module).items[item.item].decl;
    if (!declared.valid() && id.valid() && decl(id).name == name && decl(id).kind == DeclKind::Type &&
        decl(id).site.tree->is(decl(id).value, Kind::StructType))
      declared = id;
  }
  bool good = true;
  for (ContextField& field : tables_->context_fields) {
    const AstId type = field.site.get<ast::ContextExtend>(field.node).type;
    diagnostics.mute();
    field.type = resolve_type(field.site, type);
    diagnostics.unmute();
    if (field.type != types.poison)
      continue;
    report<diag::context_field_type_unresolved>(field.site.span(type), text(field.name));
    good = false;
  }
  if (!declared.valid())
    return;
  const TypeId context = declared_type(declared);
  complete(context);
  Nominal& members = types.nominal(context);
  if (!members.fields.empty())
    report<diag::context_with_fields>(members.fields.front().span);
  members.fields.clear();
  for (const ContextField& field : tables_->context_fields) {
    FieldInfo made;
    made.name = field.name;
    made.type = field.type;
    made.span = field.span;
    members.fields.push_back(made);
    if (text(field.name) == "allocator")
      program.context.allocator_field = static_cast<std::uint32_t>(members.fields.size() - 1);
  }
  program.context.type = context;
  for (const ContextField& field : tables_->context_fields)
    if (field.value.valid() && field.type != types.poison &&
        !is_variable_initializer(field.site, field.value, field.type)) {
      report<diag::global_not_constant>(field.site.span(field.value), text(field.name)).help(help::compute_with_run());
      good = false;
    }
  if (!good)
    return;
  Global made;
  made.name = intern("__default_context");
  made.symbol = "__default_context";
  made.type = context;
  made.is_constant = true;
  made.span = members.span;
  made.module = members.module;
  made.initializer = default_context_entry(*this, context, tables_->context_fields);
  program.context.default_value = GlobalId{program.globals.size()};
  program.globals.push_back(std::move(made));
}

} // namespace sx::sema
