// Types: how each language type stands in memory (R2.107), as IR aggregates with explicit offsets.

#include "lower/impl.h"

#include <algorithm>

namespace sx::lower {

using sema::TypeKind;

ir::TypeId Lowerer::Impl::primitive(ir::TypeKind kind, unsigned bits, bool is_signed) {
  ir::Type row;
  row.kind = kind;
  row.bits = static_cast<std::uint8_t>(bits);
  row.is_signed = is_signed;
  return module.intern_type(row);
}

ir::Field Lowerer::Impl::field(std::string_view name, ir::TypeId type, std::uint64_t offset) {
  return {module.strings.intern(name), type, offset};
}

ir::TypeId Lowerer::Impl::aggregate(std::string_view name, sema::Layout layout, std::vector<ir::Field> fields) {
  ir::Type row;
  row.kind = ir::TypeKind::Aggregate;
  row.name = module.strings.intern(name);
  row.size = layout.size;
  row.align = layout.align;
  row.fields = std::move(fields);
  return module.intern_type(row);
}

ir::TypeId Lowerer::Impl::value_type(sema::TypeId id) {
  if (auto found = value_types_.find(id.value); found != value_types_.end())
    return found->second;
  const ir::TypeId made = make_value_type(id);
  value_types_.emplace(id.value, made);
  return made;
}

ir::TypeId Lowerer::Impl::storage_type(sema::TypeId id) {
  const TypeKind kind = types.kind(id);
  if (kind == TypeKind::Void || kind == TypeKind::NoReturn || kind == TypeKind::Poison)
    return aggregate("void", {0, 1}, {});
  return value_type(id);
}

ir::TypeId Lowerer::Impl::make_value_type(sema::TypeId id) {
  const sema::Type& row = types[id];
  const std::uint32_t pointer = types.pointer_bytes();
  switch (row.kind) {
  case TypeKind::Poison:
  case TypeKind::Void: return void_type();
  case TypeKind::NoReturn: return never_type();
  case TypeKind::Bool: return bool_type();
  case TypeKind::Int: return int_type(row.bits, row.is_signed);
  case TypeKind::USize: return int_type(pointer * 8, false);
  case TypeKind::ISize: return int_type(pointer * 8, true);
  case TypeKind::Float: return primitive(ir::TypeKind::Float, row.bits);
  case TypeKind::Type: return int_type(64, true);
  case TypeKind::Null:
  case TypeKind::CString:
  case TypeKind::Pointer:
  case TypeKind::ManyPointer: return pointer_type();
  case TypeKind::Function: return code_type();
  case TypeKind::String:
  case TypeKind::Slice:
    return aggregate(types.name(id), types.layout(id),
                     {field("ptr", pointer_type(), 0), field("len", int_type(64, true), 8)});
  case TypeKind::Any:
    return aggregate("any", types.layout(id),
                     {field("data", pointer_type(), 0), field("type_id", int_type(64, true), 8)});
  case TypeKind::Closure:
    return aggregate(types.name(id), types.layout(id),
                     {field("fn_ptr", code_type(), 0), field("env", pointer_type(), pointer)});
  case TypeKind::Optional: {
    if (types.is_sentinel_optional(id))
      return value_type(row.element);
    return aggregate(types.name(id), types.layout(id),
                     {field("payload", storage_type(row.element), 0),
                      field("present", bool_type(), types.layout(row.element).size)});
  }
  case TypeKind::Array:
  case TypeKind::Vector: {
    ir::Type made;
    made.kind = row.kind == TypeKind::Array ? ir::TypeKind::Array : ir::TypeKind::Vector;
    made.element = storage_type(row.element);
    made.count = row.count;
    return module.intern_type(made);
  }
  case TypeKind::Tuple: {
    std::vector<ir::Field> fields;
    for (std::size_t i = 0; i < row.elements.size(); ++i) {
      const bool named = i < row.names.size() && row.names[i].value != 0;
      const std::string name = named ? std::string(strings.text(row.names[i])) : std::to_string(i);
      fields.push_back(field(name, storage_type(row.elements[i]), types.field_offset(id, i)));
    }
    return aggregate(types.name(id), types.layout(id), std::move(fields));
  }
  case TypeKind::Failable: {
    if (types.is(row.element, TypeKind::Void))
      return int_type(32, false);
    // R6.145: the struct {T1, ..., Tn, u32}.
    std::vector<sema::TypeId> values{row.element};
    if (types.is(row.element, TypeKind::Tuple))
      values = types[row.element].elements;
    std::vector<ir::Field> fields;
    sema::Layout layout{0, 4};
    auto place = [&](std::string_view name, ir::TypeId type, sema::Layout part) {
      layout.size = (layout.size + part.align - 1) / part.align * part.align;
      fields.push_back(field(name, type, layout.size));
      layout.size += part.size;
      layout.align = std::max(layout.align, part.align);
    };
    for (std::size_t i = 0; i < values.size(); ++i)
      place(std::to_string(i), storage_type(values[i]), types.layout(values[i]));
    place("error", int_type(32, false), {4, 4});
    layout.size = (layout.size + layout.align - 1) / layout.align * layout.align;
    // Error sets are no part of the layout: results of different sets forward into each other.
    return aggregate("result", layout, std::move(fields));
  }
  case TypeKind::Struct:
  case TypeKind::Union: {
    std::vector<ir::Field> fields;
    const std::vector<sema::FieldInfo>& members = types.nominal(id).fields;
    for (std::size_t i = 0; i < members.size(); ++i)
      fields.push_back(field(strings.text(members[i].name), storage_type(members[i].type), types.field_offset(id, i)));
    return aggregate(types.name(id), types.layout(id), std::move(fields));
  }
  case TypeKind::Enum: return value_type(types.nominal(id).backing);
  case TypeKind::ErrorSet: return int_type(32, false);
  case TypeKind::TaggedUnion: {
    const sema::UnionLayout parts = types.union_layout(id);
    std::vector<ir::Field> fields{field("tag", value_type(parts.tag), 0)};
    for (const sema::VariantInfo& variant : types.nominal(id).variants)
      fields.push_back(field(strings.text(variant.name), storage_type(variant.payload), parts.payload_offset));
    return aggregate(types.name(id), types.layout(id), std::move(fields));
  }
  case TypeKind::Protocol: {
    const sema::Nominal& protocol = types.nominal(id);
    std::vector<ir::Field> fields{field("ctx", pointer_type(), 0), field("type_id", int_type(64, true), 8)};
    if (!protocol.is_inline) {
      fields.push_back(field("vtable", pointer_type(), 16));
    } else {
      std::uint64_t offset = 16;
      for (const sema::ProtocolMethodInfo& method : protocol.methods) {
        if (!method.dispatchable)
          continue;
        fields.push_back(field(strings.text(method.name), code_type(), offset));
        offset += pointer;
      }
    }
    return aggregate(types.name(id), types.layout(id), std::move(fields));
  }
  }
  return void_type();
}

ir::TypeId Lowerer::Impl::signature(sema::TypeId function_type, bool has_context, bool has_environment) {
  const sema::Type& row = types[function_type];
  ir::Type made;
  made.kind = ir::TypeKind::Signature;
  made.conv = row.convention == sema::Convention::C ? ir::CallConv::C : ir::CallConv::Sx;
  if (has_context)
    made.params.push_back(pointer_type());
  if (has_environment)
    made.params.push_back(pointer_type());
  for (const sema::TypeId param : row.elements)
    made.params.push_back(storage_type(param));
  made.element = result_type(row.element);
  return module.intern_type(made);
}

ir::TypeId Lowerer::Impl::extern_signature(sema::TypeId function_type) {
  // R2.133: strings and slices cross as their pointer word; R2.135: arrays decay.
  auto crosses_as_pointer = [&](sema::TypeId id) {
    const TypeKind kind = types.kind(id);
    return kind == TypeKind::String || kind == TypeKind::Slice || kind == TypeKind::Array;
  };
  const sema::Type& row = types[function_type];
  ir::Type made;
  made.kind = ir::TypeKind::Signature;
  made.conv = ir::CallConv::C;
  made.is_variadic = row.is_variadic;
  for (const sema::TypeId param : row.elements)
    made.params.push_back(crosses_as_pointer(param) ? pointer_type() : storage_type(param));
  const sema::Type& result = types[row.element];
  const bool text = result.kind == TypeKind::String ||
                    (result.kind == TypeKind::Optional && types.is(result.element, TypeKind::String));
  made.element = text ? pointer_type() : result_type(row.element);
  return module.intern_type(made);
}

ir::TypeId Lowerer::Impl::method_signature(const sema::ProtocolMethodInfo& method) {
  ir::Type made;
  made.kind = ir::TypeKind::Signature;
  if (has_context_mode())
    made.params.push_back(pointer_type());
  made.params.push_back(pointer_type());
  for (const sema::TypeId param : method.params)
    made.params.push_back(storage_type(param));
  made.element = result_type(method.result);
  return module.intern_type(made);
}

ir::TypeId Lowerer::Impl::environment_type(const sema::Function& lambda) {
  std::vector<ir::Field> fields;
  sema::Layout layout{0, 1};
  for (const sema::hir::LocalId capture : lambda.captures) {
    const sema::hir::LocalInfo& local = lambda.body.locals[capture.index()];
    const sema::Layout part = types.layout(local.type);
    layout.size = (layout.size + part.align - 1) / part.align * part.align;
    fields.push_back(field(strings.text(local.name), storage_type(local.type), layout.size));
    layout.size += part.size;
    layout.align = std::max(layout.align, part.align);
  }
  layout.size = (layout.size + layout.align - 1) / layout.align * layout.align;
  return aggregate("environment", layout, std::move(fields));
}

std::uint32_t Lowerer::Impl::dispatch_index(sema::TypeId protocol, std::uint32_t method) const {
  std::uint32_t row = 0;
  const auto& methods = types.nominal(protocol).methods;
  for (std::uint32_t i = 0; i < method && i < methods.size(); ++i)
    row += methods[i].dispatchable;
  return row;
}

} // namespace sx::lower
