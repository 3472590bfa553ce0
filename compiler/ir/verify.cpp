#include "ir/verify.h"

#include "ir/tree.h"
#include "ir/typing.h"
#include "ir/verify_internal.h"

#include <algorithm>
#include <bit>
#include <unordered_set>

namespace sx::ir {

namespace {

struct RuleRow {
  std::string_view name, text;
};
constexpr RuleRow rule_table[] = {
#define SX_IR_RULE(rule, name, text) {name, text},
#include "ir/rules.def"
};

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

} // namespace

std::string_view rule_name(Rule rule) {
  return rule_table[static_cast<std::size_t>(rule)].name;
}
std::string_view rule_text(Rule rule) {
  return rule_table[static_cast<std::size_t>(rule)].text;
}

void VerifySink::report(Rule rule, std::string detail, FuncId function, NodeId node) {
  if (full())
    return;
  std::string where = "module";
  if (function) {
    const Function& row = module_.function(function);
    const std::string_view name = module_.text(row.symbol);
    where = "function " + (name.empty() ? "#" + std::to_string(function.value) : quoted(name));
    if (node)
      where += ": node " + std::to_string(node.value);
    if (node && node.index() < row.nodes.size())
      where += " (" + std::string(info(row.nodes[node.index()].op).text) + ")";
  }
  errors_.push_back({function, node, rule, where + ": " + std::string(rule_name(rule)) + ": " + std::move(detail)});
}

bool is_storable(const Module& module, TypeId id) {
  if (id.index() >= module.types.size())
    return false;
  const TypeKind kind = module.types[id.index()].kind;
  return kind != TypeKind::Never && kind != TypeKind::Signature;
}

namespace {

class TableVerifier {
public:
  TableVerifier(const Module& module, VerifySink& sink) : module_(module), sink_(sink) {}

  /// False if the type table is unsound.
  bool types() {
    if (module_.target.pointer_bytes != 4 && module_.target.pointer_bytes != 8)
      sink_.report(Rule::Target, "a pointer of " + std::to_string(module_.target.pointer_bytes) + " bytes");
    for (std::size_t id = 0; id < module_.types.size() && !sink_.full(); ++id)
      type(id);
    return sink_.count() == 0;
  }

  void others() {
    for (const Extern& row : module_.externs)
      external(row);
    for (std::size_t id = 0; id < module_.globals.size(); ++id)
      global(id);
    for (const TraceFrame& row : module_.frames)
      for (StringId name : {row.file, row.function, row.line_text})
        text(name, "a trace frame");
    for (std::size_t id = 0; id < module_.assemblies.size(); ++id)
      assembly(id);
    reflection();
    for (StringId name : module_.error_names)
      text(name, "an error name");
    if (!module_.error_names.empty() && !module_.text(module_.error_names[0]).empty())
      sink_.report(Rule::ErrorNames, "tag 0 is named " + quoted(module_.text(module_.error_names[0])));
    symbols();
  }

  void function(FuncId id) {
    const Function& row = module_.function(id);
    for (StringId name : {row.name, row.symbol})
      text(name, "a function", id);
    span(row.span, id);
    locals(row, id);
    signature(row, id);
  }

private:
  void text(StringId id, const char* owner, FuncId function = {}) {
    if (id && id.index() >= module_.strings.size())
      sink_.report(Rule::Text, std::string("the text of ") + owner + " is no row", function);
  }

  void span(Span span, FuncId function = {}) {
    if (span.valid() && (span.file.index() >= module_.files.size() || span.begin > span.end))
      sink_.report(Rule::Position, "a span of a declaration is wrong", function);
  }

  // ---- types ----

  void type(std::size_t id) {
    const Type& row = module_.types[id];
    const std::string where = "type " + std::to_string(id);
    if (!form(row))
      return sink_.report(Rule::TypeForm, where + " is not of the form of its kind");
    if (!components(row, id))
      return sink_.report(Rule::TypeComponent, where + " has a component that is no smaller id of a fitting type");
    text(row.name, "a type");
    for (const Field& field : row.fields)
      text(field.name, "a member");
    if (row.kind != TypeKind::Signature && !laid_out(row, TypeId(id)))
      sink_.report(Rule::TypeLayout, where + " has no sound layout");
  }

  bool form(const Type& row) const {
    Type clean = plain_type(row.kind);
    switch (row.kind) {
    case TypeKind::Int:
      clean.is_signed = row.is_signed;
      clean.bits = row.bits;
      return row == clean && row.bits >= 1 && row.bits <= 64;
    case TypeKind::Float: clean.bits = row.bits; return row == clean && (row.bits == 32 || row.bits == 64);
    case TypeKind::Array:
    case TypeKind::Vector:
      clean.element = row.element;
      clean.count = row.count;
      return row == clean && (row.kind == TypeKind::Array || row.count > 0);
    case TypeKind::Aggregate:
      return row.element == clean.element && row.count == 0 && row.params.empty() && row.bits == 0 && !row.is_signed &&
             !row.is_variadic && row.conv == CallConv::Sx;
    case TypeKind::Signature:
      return row.fields.empty() && row.count == 0 && row.bits == 0 && !row.is_signed && row.size == 0 &&
             row.align == 1 && !row.name && row.conv <= CallConv::C;
    default: return row.kind <= TypeKind::Signature && row == clean;
    }
  }

  bool component(TypeId component, std::size_t id) const {
    return component.index() < id && is_storable(module_, component);
  }

  bool components(const Type& row, std::size_t id) const {
    const auto kind_of = [&](TypeId type) { return module_.types[type.index()].kind; };
    switch (row.kind) {
    case TypeKind::Array: return component(row.element, id);
    case TypeKind::Vector: {
      if (!component(row.element, id))
        return false;
      const TypeKind lane = kind_of(row.element);
      return lane == TypeKind::Bool || lane == TypeKind::Int || lane == TypeKind::Float;
    }
    case TypeKind::Aggregate:
      return std::ranges::all_of(row.fields, [&](const Field& field) { return component(field.type, id); });
    case TypeKind::Signature:
      return std::ranges::all_of(row.params, [&](TypeId param) { return component(param, id); }) &&
             row.element.index() < id && kind_of(row.element) != TypeKind::Signature;
    default: return true;
    }
  }

  bool laid_out(const Type& row, TypeId id) const {
    const auto layout = module_.try_layout(id);
    if (!layout || layout->size % layout->align != 0)
      return false;
    return std::ranges::all_of(row.fields, [&](const Field& field) {
      const auto member = module_.try_layout(field.type);
      return member && field.offset <= layout->size && member->size <= layout->size - field.offset &&
             field.offset % member->align == 0 && member->align <= layout->align;
    });
  }

  // ---- other tables ----

  void external(const Extern& row) {
    text(row.symbol, "an extern");
    text(row.library, "an extern");
    span(row.span);
    const std::string where = "extern " + quoted(module_.text(row.symbol));
    const bool is_signature =
        row.signature.index() < module_.types.size() && module_.type(row.signature).kind == TypeKind::Signature;
    if (row.is_variable ? !is_storable(module_, row.signature) : !is_signature)
      sink_.report(Rule::Extern, where + " has no fitting type");
    if (module_.text(row.symbol).empty())
      sink_.report(Rule::Symbol, "an extern has no symbol");
  }

  void global(std::size_t id) {
    const Global& row = module_.globals[id];
    text(row.name, "a global");
    text(row.symbol, "a global");
    span(row.span);
    const std::string where = "global " + quoted(module_.text(row.symbol));
    if (!is_storable(module_, row.type))
      return sink_.report(Rule::Global, where + " is not of storable type");
    if (row.initializer && !initializes(row))
      sink_.report(Rule::Global, where + " has an initializer that does not return its type");
    if (row.image)
      if (const char* what = image_error(row, *row.image))
        sink_.report(Rule::Image, where + ": " + what);
  }

  bool initializes(const Global& row) const {
    if (row.initializer.index() >= module_.functions.size())
      return false;
    const TypeId signature = module_.function(row.initializer).signature;
    if (signature.index() >= module_.types.size())
      return false;
    const Type& type = module_.type(signature);
    return type.kind == TypeKind::Signature && type.params.empty() && type.element == row.type;
  }

  const char* image_error(const Global& row, const FoldImage& image) const {
    if (image.type != row.type)
      return "the image is of another type";
    const auto layout = module_.try_layout(image.type);
    if (!layout || image.objects.empty())
      return "the image has no object for the value";
    if (image.objects[0].bytes.size() != layout->size || image.objects[0].align < layout->align)
      return "object 0 has not the size and alignment of the type";
    for (const ImageObject& object : image.objects)
      if (const char* what = object_error(object, image.objects.size()))
        return what;
    return nullptr;
  }

  const char* object_error(const ImageObject& object, std::size_t objects) const {
    if (!std::has_single_bit(object.align) || object.align > max_alignment)
      return "an object's alignment is no power of two up to the bound";
    std::uint64_t free = 0; // first byte that no relocation covers
    for (const Relocation& relocation : object.relocations) {
      const std::uint64_t width = module_.target.pointer_bytes;
      if (relocation.offset < free)
        return "relocations overlap or do not ascend";
      if (relocation.offset > object.bytes.size() || width > object.bytes.size() - relocation.offset)
        return "a relocation lies outside its object";
      free = relocation.offset + width;
      for (std::uint64_t i = relocation.offset; i < free; ++i)
        if (object.bytes[i] != 0)
          return "the bytes under a relocation are not zero";
      if (relocation.target >= targets(relocation.kind, objects))
        return "a relocation's target is out of range";
    }
    return nullptr;
  }

  std::size_t targets(Relocation::Kind kind, std::size_t objects) const {
    switch (kind) {
    case Relocation::Kind::Object: return objects;
    case Relocation::Kind::Global: return module_.globals.size();
    case Relocation::Kind::Function: return module_.functions.size();
    case Relocation::Kind::Data: return module_.data.size();
    case Relocation::Kind::Extern: return module_.externs.size();
    case Relocation::Kind::Frame: return module_.frames.size();
    }
    return 0;
  }

  void assembly(std::size_t id) {
    const Assembly& row = module_.assemblies[id];
    const std::string where = "assembly " + std::to_string(id);
    if (row.text.index() >= module_.strings.size() || row.constraints.index() >= module_.strings.size())
      sink_.report(Rule::Assembly, where + " has no text or no constraints");
    if (!std::ranges::all_of(row.memory, [&](TypeId type) { return is_storable(module_, type); }))
      sink_.report(Rule::Assembly, where + " has a memory operand that is not of storable type");
  }

  void reflection() {
    for (std::size_t i = 0; i < module_.reflection.size(); ++i) {
      const ReflectRow& row = module_.reflection[i];
      if (i > 0 && module_.reflection[i - 1].word >= row.word)
        sink_.report(Rule::Reflection, "row " + std::to_string(i) + " does not ascend");
      text(row.name, "a reflection row");
      if (row.info.valid() && row.info.index() >= module_.globals.size())
        sink_.report(Rule::Reflection, "row " + std::to_string(i) + " has a record that is no global");
      for (const ReflectMember& member : row.members)
        text(member.name, "a reflected member");
    }
  }

  void symbols() {
    std::unordered_set<std::string_view> seen;
    const auto add = [&](StringId id, const char* owner) {
      const std::string_view symbol = module_.text(id);
      if (symbol.empty())
        sink_.report(Rule::Symbol, std::string(owner) + " has no symbol");
      else if (!seen.insert(symbol).second)
        sink_.report(Rule::Symbol, "two functions or globals have the symbol " + quoted(symbol));
    };
    for (const Function& row : module_.functions)
      add(row.symbol, "a function");
    const std::string_view entry = module_.text(module_.entry_symbol);
    if (!entry.empty() && !seen.contains(entry))
      sink_.report(Rule::Symbol, "no function has the entry symbol " + quoted(entry));
    for (const Global& row : module_.globals)
      add(row.symbol, "a global");
    text(module_.entry_symbol, "the entry symbol");
  }

  // ---- functions ----

  void locals(const Function& row, FuncId id) {
    for (std::size_t i = 0; i < row.locals.size() && !sink_.full(); ++i) {
      text(row.locals[i].name, "a local", id);
      if (!is_storable(module_, row.locals[i].type))
        sink_.report(Rule::Local, "local " + std::to_string(i) + " is not of storable type", id);
    }
  }

  void signature(const Function& row, FuncId id) {
    if (row.signature.index() >= module_.types.size() || module_.type(row.signature).kind != TypeKind::Signature)
      return sink_.report(Rule::Signature, "the function has no signature", id);
    const Type& type = module_.type(row.signature);
    if (type.is_variadic)
      sink_.report(Rule::Signature, "a function with a body can't be variadic", id);
    bool same = row.param_count == type.params.size() && row.param_count <= row.locals.size();
    for (std::size_t i = 0; same && i < type.params.size(); ++i)
      same = row.locals[i].type == type.params[i];
    if (!same)
      sink_.report(Rule::Signature, "the first locals are not the parameters of the signature", id);
  }

  const Module& module_;
  VerifySink& sink_;
};

void verify_one(const Module& module, FuncId id, VerifySink& sink) {
  const std::size_t before = sink.count();
  TableVerifier(module, sink).function(id);
  const Function& row = module.function(id);
  const bool has_body = row.has_body() || !row.nodes.empty();
  if (has_body && verify_tree(module, id, sink) && sink.count() == before)
    verify_types(module, id, sink);
}

} // namespace

std::vector<VerifyError> verify(const Module& module, std::size_t max_errors) {
  VerifySink sink(module, max_errors);
  TableVerifier tables(module, sink);
  if (!tables.types())
    return sink.take();
  tables.others();
  for (std::size_t id = 0; id < module.functions.size() && !sink.full(); ++id)
    verify_one(module, FuncId(id), sink);
  return sink.take();
}

std::vector<VerifyError> verify_function(const Module& module, FuncId function, std::size_t max_errors) {
  VerifySink sink(module, max_errors);
  verify_one(module, function, sink);
  return sink.take();
}

} // namespace sx::ir
