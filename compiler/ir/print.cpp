#include "ir/print.h"

#include "ir/names.h"
#include "ir/sexpr.h"
#include "ir/tree.h"
#include "ir/typing.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace sx::ir {

namespace {

std::string number(std::uint64_t value) {
  return std::to_string(value);
}
std::string row_reference(std::uint32_t id) {
  return "#" + number(id);
}

/// Names that stand for exactly one row of a table.
class UniqueNames {
public:
  void add(std::string_view name) {
    if (is_bare_name(name) && !seen_.insert(name).second)
      repeated_.insert(name);
  }
  bool has(std::string_view name) const { return seen_.contains(name) && !repeated_.contains(name); }

private:
  std::unordered_set<std::string_view> seen_, repeated_;
};

/// References to the rows of the module's tables.
class References {
public:
  explicit References(const Module& module) : module_(module) {
    for (const Type& type : module.types)
      if (type.kind == TypeKind::Aggregate)
        aggregates_.add(module.text(type.name));
    for (const Function& function : module.functions)
      functions_.add(module.text(function.symbol));
    for (const Global& global : module.globals)
      globals_.add(module.text(global.symbol));
    for (const Extern& row : module.externs)
      externs_.add(module.text(row.symbol));
  }

  const Module& module() const { return module_; }

  /// A type whose reference is one atom.
  std::string atom_type(TypeId id, std::size_t limit) const {
    if (!id)
      return "none";
    if (id.index() < module_.types.size() && id.index() < limit) {
      const Type& type = module_.types[id.index()];
      if (auto scalar = scalar_name(type); !scalar.empty() && is_first(id))
        return scalar;
      if (type.kind == TypeKind::Aggregate && aggregates_.has(module_.text(type.name)))
        return "$" + std::string(module_.text(type.name));
    }
    return "$" + number(id.value);
  }

  /// `limit`: only rows below may be named by content, because the reader must know them already.
  ItemId type(Sexpr& out, TypeId id, std::size_t limit = none) const {
    if (id.index() < module_.types.size() && id.index() < limit && is_first(id)) {
      const Type& row = module_.types[id.index()];
      const bool composite =
          row.kind == TypeKind::Array || row.kind == TypeKind::Vector || row.kind == TypeKind::Signature;
      if (composite && components_below(row, id.value))
        return composite_type(out, row, id.index());
    }
    return out.atom(atom_type(id, limit));
  }

  /// The content of a row. Components are referred to by atoms, so types don't nest in the text.
  ItemId composite_type(Sexpr& out, const Type& row, std::size_t limit) const {
    const auto component = [&](TypeId id) { return out.atom(atom_type(id, limit)); };
    switch (row.kind) {
    case TypeKind::Array: return out.form("array", {out.atom(number(row.count)), component(row.element)});
    case TypeKind::Vector: return out.form("vector", {out.atom(number(row.count)), component(row.element)});
    case TypeKind::Aggregate: {
      const ItemId list =
          out.form("aggregate", {name(out, row.name), out.atom(number(row.size)), out.atom(number(row.align))});
      for (const Field& field : row.fields) {
        const ItemId member = name(out, field.name);
        out.add(list, out.list({member, component(field.type), out.atom(number(field.offset))}));
      }
      return list;
    }
    case TypeKind::Signature: {
      const ItemId params = out.list();
      for (TypeId param : row.params)
        out.add(params, component(param));
      if (row.is_variadic)
        out.add(params, out.atom("..."));
      const ItemId list = out.form("sig");
      if (row.conv == CallConv::C)
        out.add(list, out.atom("c"));
      out.add(list, params);
      out.add(list, component(row.element));
      return list;
    }
    default: return out.atom(scalar_name(row));
    }
  }

  ItemId name(Sexpr& out, StringId id) const {
    if (id.index() >= module_.strings.size())
      return out.atom("none");
    const std::string_view text = module_.text(id);
    return is_bare_name(text) ? out.atom(std::string(text)) : out.string(text);
  }

  ItemId function(Sexpr& out, std::uint32_t id) const { return symbol(out, module_.functions, functions_, id); }
  ItemId global(Sexpr& out, std::uint32_t id) const { return symbol(out, module_.globals, globals_, id); }
  ItemId external(Sexpr& out, std::uint32_t id) const { return symbol(out, module_.externs, externs_, id); }

  ItemId data(Sexpr& out, std::uint32_t id) const {
    if (id < module_.data.size() && module_.find_data(module_.data[id]) == DataId(id))
      return out.string(module_.data[id]);
    return out.atom(row_reference(id));
  }

private:
  bool is_first(TypeId id) const {
    const Type& row = module_.types[id.index()];
    // Also compares what the text does not show: a row with leftovers in unused fields is not the plain one.
    if (const auto scalar = scalar_from_name(scalar_name(row)); scalar && !(*scalar == row))
      return false;
    return module_.find_type(row) == id;
  }

  static bool components_below(const Type& row, std::uint32_t id) {
    for (TypeId param : row.params)
      if (param.value >= id)
        return false;
    return row.element.value < id;
  }

  template <class Table>
  ItemId symbol(Sexpr& out, const Table& table, const UniqueNames& names, std::uint32_t id) const {
    if (id < table.size())
      if (const auto text = module_.text(table[id].symbol); names.has(text))
        return out.atom(std::string(text));
    return out.atom(row_reference(id));
  }

  const Module& module_;
  UniqueNames aggregates_, functions_, globals_, externs_;
};

std::string span_text(Span span) {
  if (!span.valid())
    return "@none";
  return "@" + number(span.file.value) + ":" + number(span.begin) + "-" + number(span.end);
}

std::string integer_text(const Type* type, std::uint64_t pattern) {
  if (type && type->kind == TypeKind::Int && type->is_signed)
    return std::to_string(static_cast<std::int64_t>(pattern));
  return number(pattern);
}

template <class Float, class Bits> std::string decimal_text(std::uint64_t bits) {
  const auto value = std::bit_cast<Float>(static_cast<Bits>(bits));
  if (!std::isfinite(value) || static_cast<Bits>(bits) != bits)
    return {};
  char buffer[64];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return error == std::errc() ? std::string(buffer, end) : std::string();
}

// Decimal where that is exact, else the bits.
std::string float_text(const Type* type, std::uint64_t bits) {
  std::string text;
  if (type && type->kind == TypeKind::Float && type->bits == 64)
    text = decimal_text<double, std::uint64_t>(bits);
  if (type && type->kind == TypeKind::Float && type->bits == 32)
    text = decimal_text<float, std::uint32_t>(bits);
  if (!text.empty())
    return text;
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, bits, 16);
  return "0x" + std::string(buffer, result.ptr);
}

/// One body. Items are made in id order, operands first, so no recursion is needed.
class BodyPrinter {
public:
  BodyPrinter(const References& references, const Function& function, Sexpr& out)
      : refs_(references), module_(references.module()), function_(function), out_(out) {
    for (const Local& local : function.locals)
      local_names_.add(module_.text(local.name));
  }

  ItemId local(std::uint32_t id) const { return out_.atom(local_text(id)); }

  ItemId tree() {
    inherited_.assign(function_.nodes.size(), Span{});
    is_place_.assign(function_.nodes.size(), false);
    for (std::size_t id = function_.nodes.size(); id-- > 0;)
      for_each_operand(function_, function_.nodes[id], [&](const Operand& operand) {
        inherited_[operand.node] = function_.spans[id];
        is_place_[operand.node] = operand.shape == Shape::Place;
      });
    items_.resize(function_.nodes.size());
    for (std::size_t id = 0; id < function_.nodes.size(); ++id)
      items_[id] = node(id);
    return out_.form("body", {items_[function_.root.index()]});
  }

  ItemId raw() const {
    const ItemId list = out_.form("raw");
    const ItemId words = out_.form("words");
    for (std::uint32_t word : function_.words)
      out_.add(words, out_.atom(number(word)));
    out_.add(list, words);
    out_.add(list, out_.form("root", {out_.atom(function_.root ? number(function_.root.value) : "none")}));
    for (std::size_t id = 0; id < function_.nodes.size(); ++id)
      out_.add(list, raw_node(id));
    return list;
  }

private:
  ItemId raw_node(std::size_t id) const {
    const Node& node = function_.nodes[id];
    const bool text = info(node.op).a == Shape::Text;
    const ItemId a = text ? refs_.name(out_, StringId(node.a)) : out_.atom(number(node.a));
    const ItemId list = out_.form(std::string(info(node.op).text), {out_.atom(number(node.sub))});
    out_.add(list, refs_.type(out_, node.type));
    for (ItemId field : {a, out_.atom(number(node.b)), out_.atom(number(node.c))})
      out_.add(list, field);
    if (id < function_.spans.size() && function_.spans[id].valid())
      out_.add(list, out_.atom(span_text(function_.spans[id])));
    return list;
  }

  const Type* row(TypeId id) const { return id.index() < module_.types.size() ? &module_.types[id.index()] : nullptr; }

  std::string local_text(std::uint32_t id) const {
    if (id < function_.locals.size())
      if (const auto text = module_.text(function_.locals[id].name); local_names_.has(text))
        return std::string(text);
    return row_reference(id);
  }

  bool has_natural_type(const Node& node) const {
    const NaturalType natural = natural_type(module_, function_, node);
    const TypeId id = natural.row ? module_.find_type(*natural.row) : natural.id;
    return id && id == node.type;
  }

  ItemId node(std::size_t id) {
    const Node& node = function_.nodes[id];
    if (function_.spans[id] == inherited_[id])
      if (std::string text = short_form(node, is_place_[id]); !text.empty())
        return out_.atom(std::move(text));
    const bool named_by_sub =
        node.op == Op::Binary || node.op == Op::Compare || node.op == Op::Unary || node.op == Op::Convert;
    const std::string_view sub = sub_text(node.op, node.sub);
    const ItemId list = out_.form(std::string(named_by_sub ? sub : info(node.op).text));
    add_type(list, node);
    if (!named_by_sub && !sub.empty())
      out_.add(list, out_.atom(std::string(sub)));
    operands(list, node);
    if (function_.spans[id] != inherited_[id])
      out_.add(list, out_.atom(span_text(function_.spans[id])));
    return list;
  }

  void add_type(ItemId list, const Node& node) {
    if (has_natural_type(node))
      return;
    const ItemId type = refs_.type(out_, node.type);
    if (out_[type].kind == Item::Kind::Atom) {
      out_.add(list, out_.atom(":" + out_[type].text));
      return;
    }
    out_.add(list, out_.atom(":"));
    out_.add(list, type);
  }

  // Literals, locals where a place stands, and loads of locals where a value stands.
  std::string short_form(const Node& node, bool is_place) {
    const std::uint64_t wide = node.a | std::uint64_t{node.b} << 32;
    const Type* type = row(node.type);
    if (node.op == Op::ConstInt && type && type->kind == TypeKind::Int)
      return integer_text(type, wide) + ":" + refs_.atom_type(node.type, none);
    if (node.op == Op::ConstInt && wide <= 1 && refs_.atom_type(node.type, none) == "bool")
      return wide ? "true" : "false";
    if (node.op == Op::ConstFloat && type && type->kind == TypeKind::Float)
      return float_text(type, wide) + ":" + refs_.atom_type(node.type, none);
    if (node.op == Op::PlaceLocal && is_place && has_natural_type(node))
      return local_text(node.a);
    if (node.op == Op::Load && !is_place && has_natural_type(node)) {
      const Node& place = function_.nodes[node.a];
      if (place.op == Op::PlaceLocal && has_natural_type(place) && function_.spans[node.a] == inherited_[node.a])
        return local_text(place.a);
    }
    return {};
  }

  void operands(ItemId list, const Node& node) {
    const OpInfo& row_info = info(node.op);
    operand(list, node, row_info.a, node.a);
    operand(list, node, row_info.b, node.b);
    operand(list, node, row_info.c, node.c);
    if (list_shape(node.op) == Shape::Inits)
      inits(list, node);
    if (list_shape(node.op) == Shape::Cases)
      cases(list, node);
    // A trailing absent operand is left out; `_` keeps the place of others.
    while (out_[out_.items[list].children.back()].text == "_" &&
           out_[out_.items[list].children.back()].kind == Item::Kind::Atom)
      out_.items[list].children.pop_back();
  }

  void operand(ItemId list, const Node& node, Shape shape, std::uint32_t value) {
    const auto add = [&](ItemId item) { out_.add(list, item); };
    switch (shape) {
    case Shape::None:
    case Shape::High:
    case Shape::Inits:
    case Shape::Cases: return;
    case Shape::Value:
    case Shape::Place: return add(items_[value]);
    case Shape::OptValue: return add(value == none ? out_.atom("_") : items_[value]);
    case Shape::Type: return add(refs_.type(out_, TypeId(value)));
    case Shape::Local: return add(local(value));
    case Shape::Global: return add(refs_.global(out_, value));
    case Shape::Func: return add(refs_.function(out_, value));
    case Shape::Extern: return add(refs_.external(out_, value));
    case Shape::Data: return add(refs_.data(out_, value));
    case Shape::Frame: return add(out_.atom(row_reference(value)));
    case Shape::Text: return add(refs_.name(out_, StringId(value)));
    case Shape::Label: return add(out_.atom(number(value)));
    case Shape::Word:
      return add(node.op == Op::PlaceField ? member(function_.nodes[node.a].type, value) : out_.atom(number(value)));
    case Shape::Low: return add(out_.atom(constant(node)));
    case Shape::Values:
      for (std::uint32_t word : list_of(function_, node))
        add(items_[word]);
      return;
    }
  }

  std::string constant(const Node& node) const {
    const std::uint64_t wide = node.a | std::uint64_t{node.b} << 32;
    return node.op == Op::ConstFloat ? float_text(row(node.type), wide) : integer_text(row(node.type), wide);
  }

  // A member by name if that finds it again.
  ItemId member(TypeId aggregate, std::uint32_t index) const {
    const Type* type = row(aggregate);
    if (!type || index >= type->fields.size())
      return out_.atom(number(index));
    const std::string_view text = module_.text(type->fields[index].name);
    for (std::size_t i = 0; i < index; ++i)
      if (module_.text(type->fields[i].name) == text)
        return out_.atom(number(index));
    return out_.atom(is_bare_name(text) ? std::string(text) : number(index));
  }

  void inits(ItemId list, const Node& node) {
    const auto words = list_of(function_, node);
    for (std::size_t i = 0; i < words.size(); i += 2) {
      const ItemId index = member(node.type, words[i]);
      out_.add(list, out_.list({index, items_[words[i + 1]]}));
    }
  }

  void cases(ItemId list, const Node& node) {
    const auto words = list_of(function_, node);
    const Type* subject = row(function_.nodes[node.a].type);
    for (std::size_t i = 1; i < words.size(); i += 3) {
      const ItemId value = out_.atom(integer_text(subject, words[i] | std::uint64_t{words[i + 1]} << 32));
      out_.add(list, out_.form("case", {value, items_[words[i + 2]]}));
    }
    if (words[0] != none)
      out_.add(list, out_.form("default", {items_[words[0]]}));
  }

  const References& refs_;
  const Module& module_;
  const Function& function_;
  Sexpr& out_;
  UniqueNames local_names_;
  std::vector<Span> inherited_; ///< what a node without a span suffix has: its user's span
  std::vector<bool> is_place_;  ///< operand of a place shape
  std::vector<ItemId> items_;
};

class ModulePrinter {
public:
  explicit ModulePrinter(const Module& module) : module_(module), refs_(module) {}

  std::string module() {
    header();
    for (std::size_t i = 0; i < module_.types.size(); ++i)
      top(out_.form("type", {refs_.composite_type(out_, module_.types[i], i)}));
    for (const std::string& bytes : module_.data)
      top(out_.form("data", {out_.string(bytes)}));
    for (const Extern& row : module_.externs)
      external(row);
    for (const TraceFrame& row : module_.frames)
      frame(row);
    for (const Assembly& row : module_.assemblies)
      assembly(row);
    for (const ReflectRow& row : module_.reflection)
      reflection(row);
    if (!module_.error_names.empty()) {
      const ItemId list = out_.form("errors");
      for (StringId name : module_.error_names)
        out_.add(list, refs_.name(out_, name));
      top(list);
    }
    if (module_.entry_symbol)
      top(out_.form("entry", {refs_.name(out_, module_.entry_symbol)}));
    for (const Global& row : module_.globals)
      global(row);
    for (const Function& row : module_.functions)
      function(row);
    return format_sexpr(out_);
  }

  std::string one_function(const Function& row) {
    function(row);
    return format_sexpr(out_);
  }

  std::string one_type(TypeId id) {
    top(refs_.type(out_, id));
    std::string text = format_sexpr(out_);
    text.pop_back();
    return text;
  }

private:
  void top(ItemId item) { out_.top.push_back(item); }
  ItemId signed_number(std::int64_t value) { return out_.atom(std::to_string(value)); }
  ItemId unsigned_number(std::uint64_t value) { return out_.atom(number(value)); }

  void add_span(ItemId list, Span span) {
    if (span.valid())
      out_.add(list, out_.atom(span_text(span)));
  }

  void header() {
    top(out_.form("sxir", {out_.atom(std::string(text_version))}));
    if (!module_.target.triple.empty() || module_.target.pointer_bytes != 8)
      top(out_.form("target", {out_.string(module_.target.triple), unsigned_number(module_.target.pointer_bytes)}));
    for (const std::string& path : module_.files)
      top(out_.form("file", {out_.string(path)}));
  }

  void external(const Extern& row) {
    const ItemId list = out_.form("extern", {refs_.name(out_, row.symbol), refs_.type(out_, row.signature)});
    if (row.is_variable)
      out_.add(list, out_.atom("variable"));
    if (row.library)
      out_.add(list, out_.form("library", {refs_.name(out_, row.library)}));
    add_span(list, row.span);
    top(list);
  }

  void frame(const TraceFrame& row) {
    top(out_.form("frame", {refs_.name(out_, row.file), signed_number(row.line), signed_number(row.column),
                            refs_.name(out_, row.function), refs_.name(out_, row.line_text)}));
  }

  void assembly(const Assembly& row) {
    const ItemId list = out_.form("asm", {refs_.name(out_, row.text), refs_.name(out_, row.constraints)});
    if (row.has_effects)
      out_.add(list, out_.atom("volatile"));
    if (!row.memory.empty()) {
      const ItemId memory = out_.form("memory");
      for (TypeId type : row.memory)
        out_.add(memory, refs_.type(out_, type));
      out_.add(list, memory);
    }
    top(list);
  }

  void reflection(const ReflectRow& row) {
    const ItemId list = out_.form("reflect", {signed_number(row.word), refs_.name(out_, row.name),
                                              signed_number(row.size), signed_number(row.align),
                                              signed_number(row.field_count), signed_number(row.variant_count),
                                              signed_number(row.lanes), signed_number(row.tag_width)});
    if (row.is_unsigned)
      out_.add(list, out_.atom("unsigned"));
    if (row.is_flags)
      out_.add(list, out_.atom("flags"));
    if (row.category != 0)
      out_.add(list, out_.form("category", {unsigned_number(row.category)}));
    if (row.element_count != 0)
      out_.add(list, out_.form("elements", {signed_number(row.element_count)}));
    if (row.info.valid())
      out_.add(list, out_.form("info", {refs_.global(out_, row.info.value)}));
    for (const ReflectMember& member : row.members)
      out_.add(list, out_.form("member", {refs_.name(out_, member.name), signed_number(member.type),
                                          signed_number(member.offset), signed_number(member.value)}));
    top(list);
  }

  // What functions and globals have in common.
  template <class Row> void linkage(ItemId list, const Row& row) {
    if (row.symbol != row.name)
      out_.add(list, out_.form("symbol", {refs_.name(out_, row.symbol)}));
    if (row.linkage == Linkage::Export)
      out_.add(list, out_.atom("export"));
  }

  void global(const Global& row) {
    const ItemId list = out_.form("global", {refs_.name(out_, row.name), refs_.type(out_, row.type)});
    linkage(list, row);
    if (row.is_constant)
      out_.add(list, out_.atom("constant"));
    add_span(list, row.span);
    if (row.initializer)
      out_.add(list, out_.form("init", {refs_.function(out_, row.initializer.value)}));
    if (row.image)
      out_.add(list, image(*row.image));
    top(list);
  }

  ItemId image(const FoldImage& image) {
    const ItemId list = out_.form("image", {refs_.type(out_, image.type)});
    for (const ImageObject& object : image.objects) {
      const ItemId item = out_.form("object", {unsigned_number(object.align), hex(object.bytes)});
      for (const Relocation& relocation : object.relocations)
        out_.add(item, out_.form("reloc", {unsigned_number(relocation.offset),
                                           out_.atom(std::string(relocation_name(relocation.kind))),
                                           relocation_target(relocation), signed_number(relocation.addend)}));
      out_.add(list, item);
    }
    return list;
  }

  ItemId relocation_target(const Relocation& relocation) {
    switch (relocation.kind) {
    case Relocation::Kind::Function: return refs_.function(out_, relocation.target);
    case Relocation::Kind::Global: return refs_.global(out_, relocation.target);
    case Relocation::Kind::Extern: return refs_.external(out_, relocation.target);
    case Relocation::Kind::Data: return refs_.data(out_, relocation.target);
    default: return out_.atom(row_reference(relocation.target));
    }
  }

  // Groups of eight bytes.
  ItemId hex(const std::vector<std::uint8_t>& bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    const ItemId list = out_.form("hex");
    std::string group;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      group += digits[bytes[i] >> 4];
      group += digits[bytes[i] & 15];
      if (i % 8 == 7 || i + 1 == bytes.size())
        out_.add(list, out_.atom(std::exchange(group, {})));
    }
    return list;
  }

  void function(const Function& row) {
    const ItemId list = out_.form("func", {refs_.name(out_, row.name)});
    linkage(list, row);
    if (row.comptime_only)
      out_.add(list, out_.atom("comptime"));
    if (row.is_naked)
      out_.add(list, out_.atom("naked"));
    add_span(list, row.span);
    const std::size_t params = std::min<std::size_t>(row.param_count, row.locals.size());
    for (std::size_t i = 0; i < row.locals.size(); ++i)
      out_.add(list, out_.form(i < params ? "param" : "local",
                               {refs_.name(out_, row.locals[i].name), refs_.type(out_, row.locals[i].type)}));
    signature(list, row);
    if (row.param_count > row.locals.size())
      out_.add(list, out_.form("params", {unsigned_number(row.param_count)}));
    BodyPrinter body(refs_, row, out_);
    if (is_tree(row))
      out_.add(list, body.tree());
    else if (row.root || !row.nodes.empty() || !row.words.empty())
      out_.add(list, body.raw());
    top(list);
  }

  // The result type alone, if parameters and result make up the signature.
  void signature(ItemId list, const Function& row) {
    Type type = plain_type(TypeKind::Signature);
    if (row.signature.index() < module_.types.size())
      type.element = module_.types[row.signature.index()].element;
    for (std::size_t i = 0; i < std::min<std::size_t>(row.param_count, row.locals.size()); ++i)
      type.params.push_back(row.locals[i].type);
    const bool derived =
        type.element && row.param_count <= row.locals.size() && module_.find_type(type) == row.signature;
    if (derived)
      out_.add(list, out_.form("result", {refs_.type(out_, type.element)}));
    else
      out_.add(list, out_.form("signature", {refs_.type(out_, row.signature)}));
  }

  const Module& module_;
  References refs_;
  Sexpr out_;
};

} // namespace

std::string print(const Module& module) {
  return ModulePrinter(module).module();
}

std::string print_function(const Module& module, FuncId function) {
  return ModulePrinter(module).one_function(module.function(function));
}

std::string print_type(const Module& module, TypeId id) {
  return ModulePrinter(module).one_type(id);
}

} // namespace sx::ir
