#include "ir/read.h"

#include "ir/names.h"
#include "ir/sexpr.h"
#include "ir/tree.h"
#include "ir/typing.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>
#include <unordered_map>

namespace sx::ir {

namespace {

/// Inline types of hand-written text nest at most this deep.
constexpr unsigned max_type_depth = 64;

template <class T> std::optional<T> parse_number(std::string_view text) {
  T value{};
  const bool hex = text.starts_with("0x");
  if (hex)
    text.remove_prefix(2);
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, hex ? 16 : 10);
  return error == std::errc() && rest == end ? std::optional(value) : std::nullopt;
}

// A signed or unsigned 64-bit number as its pattern.
std::optional<std::uint64_t> parse_pattern(std::string_view text) {
  if (text == "true" || text == "false")
    return text == "true";
  if (!text.starts_with('-'))
    return parse_number<std::uint64_t>(text);
  const auto value = parse_number<std::int64_t>(text);
  return value ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

template <class Float> std::optional<Float> parse_decimal(std::string_view text) {
  Float value{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> parse_float(std::string_view text, const Type* type) {
  if (text.starts_with("0x"))
    return parse_number<std::uint64_t>(text);
  if (!type || type->kind != TypeKind::Float)
    return std::nullopt;
  if (type->bits == 32) {
    const auto value = parse_decimal<float>(text);
    return value ? std::optional<std::uint64_t>(std::bit_cast<std::uint32_t>(*value)) : std::nullopt;
  }
  const auto value = parse_decimal<double>(text);
  return value ? std::optional(std::bit_cast<std::uint64_t>(*value)) : std::nullopt;
}

std::optional<Span> parse_span(std::string_view text) {
  if (text == "@none")
    return Span{};
  const std::size_t colon = text.find(':'), dash = text.find('-');
  if (!text.starts_with('@') || colon == std::string_view::npos || dash == std::string_view::npos || dash < colon)
    return std::nullopt;
  const auto file = parse_number<std::uint32_t>(text.substr(1, colon - 1));
  const auto begin = parse_number<std::uint32_t>(text.substr(colon + 1, dash - colon - 1));
  const auto end = parse_number<std::uint32_t>(text.substr(dash + 1));
  if (!file || !begin || !end)
    return std::nullopt;
  return Span{FileId(*file), *begin, *end};
}

struct Head {
  Op op;
  std::uint8_t sub;
  bool takes_sub; ///< the operator follows as an atom
};

const std::unordered_map<std::string_view, Head>& heads() {
  static const auto table = [] {
    std::unordered_map<std::string_view, Head> map;
    for (std::size_t i = 0; i < op_count; ++i) {
      const auto op = static_cast<Op>(i);
      const bool own_name = op != Op::Binary && op != Op::Compare && op != Op::Unary && op != Op::Convert;
      if (own_name)
        map.emplace(info(op).text, Head{op, 0, op == Op::Trap || op == Op::Intrinsic});
      else
        for (unsigned sub = 0; sub < sub_count(op); ++sub)
          map.emplace(sub_text(op, static_cast<std::uint8_t>(sub)), Head{op, static_cast<std::uint8_t>(sub), false});
    }
    return map;
  }();
  return table;
}

std::optional<Op> op_by_name(std::string_view name) {
  for (std::size_t i = 0; i < op_count; ++i)
    if (info(static_cast<Op>(i)).text == name)
      return static_cast<Op>(i);
  return std::nullopt;
}

/// Rows by name; a name of several rows is no reference.
class NameMap {
public:
  void add(std::string_view name, std::uint32_t id) {
    const auto [entry, is_new] = ids_.try_emplace(std::string(name), id);
    if (!is_new)
      entry->second = none;
  }
  /// The id, or `none` if the name is ambiguous; nothing if it is unknown.
  std::optional<std::uint32_t> find(std::string_view name) const {
    const auto found = ids_.find(std::string(name));
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
  }

private:
  std::unordered_map<std::string, std::uint32_t> ids_;
};

/// State of one reading. The first error sticks; whatever is read after it is harmless and dropped.
class Reader {
public:
  Reader(const Sexpr& in, Module& module) : in_(in), module_(module) {}

  Module& module() { return module_; }
  const Item& item(ItemId id) const { return in_[id]; }
  bool failed() const { return error_.has_value(); }
  const std::optional<SexprError>& error() const { return error_; }
  void fail(ItemId at, std::string message) {
    if (!error_)
      error_ = {in_[at].offset, std::move(message)};
  }

  bool is_atom(ItemId id) const { return in_[id].kind == Item::Kind::Atom; }
  bool is_list(ItemId id) const { return in_[id].kind == Item::Kind::List; }
  /// The atom at the start of a list; empty if there is none.
  std::string_view head(ItemId id) const {
    const Item& list = in_[id];
    if (list.kind != Item::Kind::List || list.children.empty() || !is_atom(list.children[0]))
      return {};
    return in_[list.children[0]].text;
  }

  template <class T> T number(ItemId id) {
    const auto value = is_atom(id) ? parse_number<T>(in_[id].text) : std::nullopt;
    if (!value)
      fail(id, "expected a number that fits");
    return value.value_or(T{});
  }

  std::string text(ItemId id) {
    if (is_list(id))
      fail(id, "expected a name or a string");
    return in_[id].text;
  }

  StringId name(ItemId id) {
    if (is_atom(id) && in_[id].text == "none")
      return {};
    return module_.strings.intern(text(id));
  }

  Span span(ItemId id) {
    const auto value = is_atom(id) ? parse_span(in_[id].text) : std::nullopt;
    if (!value)
      fail(id, "expected a span @file:begin-end");
    return value.value_or(Span{});
  }

  bool is_span(ItemId id) const { return is_atom(id) && in_[id].text.starts_with('@'); }

  /// `#N`, a name of `names`, or an error that says what was looked for.
  std::uint32_t reference(ItemId id, const NameMap& names, std::string_view what) {
    const std::string& text = in_[id].text;
    if (is_atom(id) && text.starts_with('#')) {
      if (const auto value = parse_number<std::uint32_t>(std::string_view(text).substr(1)))
        return *value;
    } else if (!is_list(id)) {
      const auto found = names.find(text);
      if (found && *found != none)
        return *found;
      fail(id, (found ? "ambiguous " : "unknown ") + std::string(what) + " '" + text + "'");
      return none;
    }
    fail(id, "expected a reference to a " + std::string(what));
    return none;
  }

  // ---- types ----

  TypeId type(ItemId id, unsigned depth = 0) {
    if (is_atom(id))
      return type_atom(id, in_[id].text);
    if (depth > max_type_depth) {
      fail(id, "type nests too deep");
      return {};
    }
    return module_.intern_type(type_row(id, depth));
  }

  TypeId type_atom(ItemId at, std::string_view text) {
    if (text == "none")
      return {};
    if (text.starts_with('$')) {
      text.remove_prefix(1);
      if (const auto number = parse_number<std::uint32_t>(text))
        return TypeId(*number);
      const auto found = aggregates_.find(text);
      if (!found || *found == none)
        fail(at, (found ? "ambiguous type '" : "unknown type '") + std::string(text) + "'");
      return TypeId(found.value_or(none));
    }
    const auto row = scalar_from_name(text);
    if (!row)
      fail(at, "unknown type '" + std::string(text) + "'");
    return row ? module_.intern_type(*row) : TypeId();
  }

  /// The content of a row, from an atom or a list.
  Type type_row(ItemId id, unsigned depth) {
    if (is_atom(id)) {
      const auto row = scalar_from_name(in_[id].text);
      if (!row)
        fail(id, "unknown type '" + in_[id].text + "'");
      return row.value_or(Type{});
    }
    const auto& list = in_[id].children;
    const std::string_view kind = head(id);
    if (kind == "array" || kind == "vector") {
      if (list.size() != 3) {
        fail(id, "expected (" + std::string(kind) + " count type)");
        return {};
      }
      Type row = plain_type(kind == "array" ? TypeKind::Array : TypeKind::Vector);
      row.count = number<std::uint64_t>(list[1]);
      row.element = type(list[2], depth + 1);
      return row;
    }
    if (kind == "aggregate")
      return aggregate_row(id, depth);
    if (kind == "sig")
      return signature_row(id, depth);
    fail(id, "expected a type");
    return {};
  }

  void add_type_row(ItemId id) {
    const Type row = type_row(id, 0);
    if (failed())
      return;
    if (row.kind == TypeKind::Aggregate)
      aggregates_.add(module_.text(row.name), static_cast<std::uint32_t>(module_.types.size()));
    module_.types.push_back(row);
  }

private:
  Type aggregate_row(ItemId id, unsigned depth) {
    const auto& list = in_[id].children;
    Type row = plain_type(TypeKind::Aggregate);
    if (list.size() < 4) {
      fail(id, "expected (aggregate name size align (member type offset)...)");
      return row;
    }
    row.name = name(list[1]);
    row.size = number<std::uint64_t>(list[2]);
    row.align = number<std::uint32_t>(list[3]);
    for (std::size_t i = 4; i < list.size(); ++i) {
      const auto& member = in_[list[i]].children;
      if (member.size() != 3) {
        fail(list[i], "expected (member type offset)");
        return row;
      }
      Field field;
      field.name = name(member[0]);
      field.type = type(member[1], depth + 1);
      field.offset = number<std::uint64_t>(member[2]);
      row.fields.push_back(field);
    }
    return row;
  }

  Type signature_row(ItemId id, unsigned depth) {
    const auto& list = in_[id].children;
    Type row = plain_type(TypeKind::Signature);
    const bool is_c = list.size() > 1 && is_atom(list[1]) && in_[list[1]].text == "c";
    const std::size_t params = is_c ? 2 : 1;
    if (list.size() != params + 2 || !is_list(list[params])) {
      fail(id, "expected (sig [c] (type... [...]) type)");
      return row;
    }
    row.conv = is_c ? CallConv::C : CallConv::Sx;
    for (ItemId param : in_[list[params]].children) {
      if (row.is_variadic)
        fail(param, "'...' must be last");
      if (is_atom(param) && in_[param].text == "...")
        row.is_variadic = true;
      else
        row.params.push_back(type(param, depth + 1));
    }
    row.element = type(list[params + 1], depth + 1);
    return row;
  }

  const Sexpr& in_;
  Module& module_;
  std::optional<SexprError> error_;
  NameMap aggregates_;

public:
  NameMap functions, globals, externs;
};

/// Reads one body on an explicit stack: a list is expanded into its operands first and appended after the last of them.
class BodyReader {
public:
  BodyReader(Reader& reader, Function& function) : r_(reader), module_(reader.module()), function_(function) {
    for (std::size_t i = 0; i < function.locals.size(); ++i)
      if (const auto text = module_.text(function.locals[i].name); !text.empty())
        locals_.add(text, static_cast<std::uint32_t>(i));
  }

  void tree(ItemId root) {
    start({root, Role::A, 0, Shape::Value}, Span{});
    while (!open_.empty() && !r_.failed()) {
      Open& top = open_.back();
      if (top.next < top.children.size()) {
        const Child child = top.children[top.next++];
        start(child, top.span);
      } else {
        finish();
      }
    }
    function_.root = NodeId(function_.nodes.size() - 1);
  }

  void raw(ItemId list) {
    for (ItemId item : rest_of(list)) {
      const std::string_view head = r_.head(item);
      if (head == "words")
        for (ItemId word : rest_of(item))
          function_.words.push_back(r_.number<std::uint32_t>(word));
      else if (head == "root" && rest_of(item).size() == 1)
        read_root(rest_of(item)[0]);
      else
        raw_node(item, head);
    }
  }

private:
  struct Child {
    ItemId item;
    Role role;
    std::size_t word; ///< in Open::words
    Shape shape;
  };
  struct Open {
    ItemId item;
    Child target; ///< where the finished node goes in the list below
    Node node;
    Span span;
    bool typed = false;
    std::size_t next = 0;
    ItemId member = none; ///< of a field: the item that names it
    std::vector<Child> children;
    std::vector<std::uint32_t> words;
  };

  std::span<const ItemId> rest_of(ItemId list) const {
    const auto& children = r_.item(list).children;
    return children.empty() ? std::span<const ItemId>() : std::span(children).subspan(1);
  }

  // ---- raw bodies ----

  void read_root(ItemId item) {
    if (r_.is_atom(item) && r_.item(item).text == "none")
      function_.root = {};
    else
      function_.root = NodeId(r_.number<std::uint32_t>(item));
  }

  void raw_node(ItemId item, std::string_view head) {
    const auto op = op_by_name(head);
    const auto rest = rest_of(item);
    if (!op || rest.size() < 5 || rest.size() > 6)
      return r_.fail(item, "expected (kind sub type a b c [span]) of a raw node");
    Node node;
    node.op = *op;
    node.sub = r_.number<std::uint8_t>(rest[0]);
    node.type = r_.type(rest[1]);
    node.a = info(*op).a == Shape::Text ? r_.name(rest[2]).value : r_.number<std::uint32_t>(rest[2]);
    node.b = r_.number<std::uint32_t>(rest[3]);
    node.c = r_.number<std::uint32_t>(rest[4]);
    append(node, rest.size() == 6 ? r_.span(rest[5]) : Span{});
  }

  // ---- trees ----

  NodeId append(const Node& node, Span span) {
    function_.nodes.push_back(node);
    function_.spans.push_back(span);
    return NodeId(function_.nodes.size() - 1);
  }

  void deliver(const Child& target, std::uint32_t id) {
    if (open_.empty())
      return;
    Open& user = open_.back();
    switch (target.role) {
    case Role::A: user.node.a = id; break;
    case Role::B: user.node.b = id; break;
    case Role::C: user.node.c = id; break;
    case Role::Word: user.words[target.word] = id; break;
    }
  }

  void start(const Child& child, Span inherited) {
    if (!r_.is_list(child.item))
      return deliver(child, short_form(child, inherited));
    if (open_.size() >= max_tree_depth)
      return r_.fail(child.item, "nodes nest deeper than " + std::to_string(max_tree_depth));
    Open list;
    list.item = child.item;
    list.target = child;
    list.span = inherited;
    expand(list);
    open_.push_back(std::move(list));
  }

  std::uint32_t short_form(const Child& child, Span span) {
    const Item& item = r_.item(child.item);
    const std::string_view text = item.text;
    if (item.kind == Item::Kind::String) {
      r_.fail(child.item, "expected a node");
      return none;
    }
    if (text == "_" && child.shape == Shape::OptValue)
      return none;
    if (text == "true" || text == "false")
      return constant(Op::ConstInt, r_.type_atom(child.item, "bool"), text == "true", span);
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos && colon != 0)
      return literal(child.item, text.substr(0, colon), text.substr(colon + 1), span);
    Node place;
    place.op = Op::PlaceLocal;
    place.a = r_.reference(child.item, locals_, "local");
    const std::uint32_t id = finish_node(place, false, child.item, span);
    if (child.shape == Shape::Place)
      return id;
    Node load;
    load.op = Op::Load;
    load.a = id;
    return finish_node(load, false, child.item, span);
  }

  std::uint32_t constant(Op op, TypeId type, std::uint64_t bits, Span span) {
    Node node;
    node.op = op;
    node.type = type;
    node.a = static_cast<std::uint32_t>(bits);
    node.b = static_cast<std::uint32_t>(bits >> 32);
    return append(node, span).value;
  }

  const Type* row(TypeId id) const { return id.index() < module_.types.size() ? &module_.types[id.index()] : nullptr; }

  std::uint32_t literal(ItemId at, std::string_view value, std::string_view type_text, Span span) {
    const TypeId type = r_.type_atom(at, type_text);
    const bool is_float = row(type) && row(type)->kind == TypeKind::Float;
    const auto bits = is_float ? parse_float(value, row(type)) : parse_pattern(value);
    if (!bits)
      r_.fail(at, "not a number of type " + std::string(type_text));
    return constant(is_float ? Op::ConstFloat : Op::ConstInt, type, bits.value_or(0), span);
  }

  // Reads everything of a list but its node operands.
  void expand(Open& list) {
    const std::string_view name = r_.head(list.item);
    const auto found = heads().find(name);
    if (found == heads().end())
      return r_.fail(list.item,
                     name.empty() ? "expected a node kind" : "unknown node kind '" + std::string(name) + "'");
    list.node.op = found->second.op;
    list.node.sub = found->second.sub;
    auto rest = rest_of(list.item);
    if (!rest.empty() && r_.is_span(rest.back())) {
      list.span = r_.span(rest.back());
      rest = rest.first(rest.size() - 1);
    }
    read_type(list, rest);
    if (found->second.takes_sub)
      read_sub(list, rest);
    if (!r_.failed())
      operands(list, rest);
  }

  void read_type(Open& list, std::span<const ItemId>& rest) {
    if (rest.empty() || !r_.is_atom(rest[0]) || !r_.item(rest[0]).text.starts_with(':'))
      return;
    const std::string_view text = r_.item(rest[0]).text;
    list.typed = true;
    if (text.size() > 1) {
      list.node.type = r_.type_atom(rest[0], text.substr(1));
      rest = rest.subspan(1);
    } else if (rest.size() > 1) {
      list.node.type = r_.type(rest[1]);
      rest = rest.subspan(2);
    } else {
      r_.fail(rest[0], "expected a type after ':'");
    }
  }

  void read_sub(Open& list, std::span<const ItemId>& rest) {
    if (rest.empty())
      return r_.fail(list.item, "expected an operator name");
    for (unsigned sub = 0; sub < sub_count(list.node.op); ++sub)
      if (sub_text(list.node.op, static_cast<std::uint8_t>(sub)) == r_.item(rest[0]).text) {
        list.node.sub = static_cast<std::uint8_t>(sub);
        rest = rest.subspan(1);
        return;
      }
    r_.fail(rest[0], "unknown operator name '" + r_.item(rest[0]).text + "'");
  }

  void operands(Open& list, std::span<const ItemId>& rest) {
    const OpInfo& row_info = info(list.node.op);
    operand(list, row_info.a, list.node.a, Role::A, rest);
    operand(list, row_info.b, list.node.b, Role::B, rest);
    operand(list, row_info.c, list.node.c, Role::C, rest);
    if (!rest.empty())
      r_.fail(rest[0], "too many operands");
  }

  void operand(Open& list, Shape shape, std::uint32_t& value, Role role, std::span<const ItemId>& rest) {
    switch (shape) {
    case Shape::None:
    case Shape::High: return;
    case Shape::Values: return values(list, rest);
    case Shape::Inits: return inits(list, rest);
    case Shape::Cases: return cases(list, rest);
    default: break;
    }
    if (rest.empty()) {
      value = none;
      if (shape != Shape::OptValue)
        r_.fail(list.item, "missing operand");
      return;
    }
    const ItemId item = rest[0];
    rest = rest.subspan(1);
    switch (shape) {
    case Shape::Type: value = r_.type(item).value; break;
    case Shape::Local: value = r_.reference(item, locals_, "local"); break;
    case Shape::Global: value = r_.reference(item, r_.globals, "global"); break;
    case Shape::Func: value = r_.reference(item, r_.functions, "function"); break;
    case Shape::Extern: value = r_.reference(item, r_.externs, "extern"); break;
    case Shape::Data: value = data(item); break;
    case Shape::Frame: value = r_.reference(item, {}, "frame"); break;
    case Shape::Text: value = r_.name(item).value; break;
    case Shape::Label: value = r_.number<std::uint32_t>(item); break;
    case Shape::Low: wide(list, item); break;
    case Shape::Word:
      if (list.node.op == Op::PlaceField)
        list.member = item;
      else
        value = r_.number<std::uint32_t>(item);
      break;
    default: list.children.push_back({item, role, 0, shape}); break;
    }
  }

  std::uint32_t data(ItemId item) {
    if (r_.item(item).kind == Item::Kind::String)
      return module_.intern_data(r_.item(item).text).value;
    return r_.reference(item, {}, "data row");
  }

  void wide(Open& list, ItemId item) {
    const std::string_view text = r_.item(item).text;
    const auto bits = list.node.op == Op::ConstFloat ? parse_float(text, row(list.node.type)) : parse_pattern(text);
    if (!bits || !r_.is_atom(item))
      return r_.fail(item, "expected a number");
    list.node.a = static_cast<std::uint32_t>(*bits);
    list.node.b = static_cast<std::uint32_t>(*bits >> 32);
  }

  void push_word(Open& list, ItemId item, Shape shape) {
    list.children.push_back({item, Role::Word, list.words.size(), shape});
    list.words.push_back(none);
  }

  void values(Open& list, std::span<const ItemId>& rest) {
    for (ItemId item : rest)
      push_word(list, item, Shape::Value);
    rest = {};
  }

  void inits(Open& list, std::span<const ItemId>& rest) {
    for (ItemId item : rest) {
      const auto& pair = r_.item(item).children;
      if (pair.size() != 2)
        return r_.fail(item, "expected (member value)");
      list.words.push_back(member(pair[0], list.node.type));
      push_word(list, pair[1], Shape::Value);
    }
    rest = {};
  }

  void cases(Open& list, std::span<const ItemId>& rest) {
    list.words.push_back(none);
    ItemId default_arm = none;
    for (ItemId item : rest) {
      const auto& parts = r_.item(item).children;
      if (r_.head(item) == "default" && parts.size() == 2 && default_arm == none) {
        default_arm = parts[1];
      } else if (r_.head(item) == "case" && parts.size() == 3) {
        const auto value = r_.is_atom(parts[1]) ? parse_pattern(r_.item(parts[1]).text) : std::nullopt;
        if (!value)
          return r_.fail(parts[1], "expected a number");
        list.words.push_back(static_cast<std::uint32_t>(*value));
        list.words.push_back(static_cast<std::uint32_t>(*value >> 32));
        push_word(list, parts[2], Shape::Value);
      } else {
        return r_.fail(item, "expected (case number node) or one (default node)");
      }
    }
    // The default is the first word, so its nodes come first.
    if (default_arm != none)
      list.children.insert(list.children.begin() + 1, Child{default_arm, Role::Word, 0, Shape::Value});
    rest = {};
  }

  // A member by name or number.
  std::uint32_t member(ItemId item, TypeId aggregate) {
    const std::string& text = r_.item(item).text;
    if (const Type* type = row(aggregate); type && is_bare_name(text))
      for (std::size_t i = 0; i < type->fields.size(); ++i)
        if (module_.text(type->fields[i].name) == text)
          return static_cast<std::uint32_t>(i);
    if (r_.is_atom(item) && is_bare_name(text)) {
      r_.fail(item, "unknown member '" + text + "'");
      return none;
    }
    return r_.number<std::uint32_t>(item);
  }

  void finish() {
    Open list = std::move(open_.back());
    open_.pop_back();
    if (list.member != none) {
      const TypeId place = list.node.a < function_.nodes.size() ? function_.nodes[list.node.a].type : TypeId();
      list.node.b = member(list.member, place);
    }
    if (list_shape(list.node.op) != Shape::None) {
      list.node.b = static_cast<std::uint32_t>(function_.words.size());
      list.node.c = static_cast<std::uint32_t>(list.words.size());
      function_.words.insert(function_.words.end(), list.words.begin(), list.words.end());
    }
    deliver(list.target, finish_node(list.node, list.typed, list.item, list.span));
  }

  // Gives a node without an explicit type the natural one.
  std::uint32_t finish_node(Node node, bool typed, ItemId at, Span span) {
    if (!typed) {
      const NaturalType natural = natural_type(module_, function_, node);
      node.type = natural.row ? module_.intern_type(*natural.row) : natural.id;
      if (!node.type)
        r_.fail(at, "the type doesn't follow from the operands: write :type after the node kind");
    }
    return append(node, span).value;
  }

  Reader& r_;
  Module& module_;
  Function& function_;
  NameMap locals_;
  std::vector<Open> open_;
};

class ModuleReader {
public:
  ModuleReader(const Sexpr& in, Module& module) : in_(in), r_(in, module), module_(module) {}

  /// Tables that others refer to come first, bodies and images last, whatever their order in the text.
  std::optional<SexprError> run() {
    for (ItemId item : in_.top)
      check_form(item);
    each("type", &ModuleReader::type);
    each("data", &ModuleReader::data);
    each("extern", &ModuleReader::external);
    for (ItemId item : in_.top)
      declare(item);
    for (ItemId item : in_.top)
      rest(item);
    for (const auto& [item, id] : bodies_)
      body(item, id);
    return r_.error();
  }

private:
  struct Arguments {
    ItemId item;
    std::span<const ItemId> list; ///< without the head
  };

  Arguments arguments(ItemId item) const { return {item, std::span(in_[item].children).subspan(1)}; }

  void check_form(ItemId item) {
    constexpr std::string_view known[] = {"sxir", "target",  "file",   "type",  "data",   "extern", "frame",
                                          "asm",  "reflect", "errors", "entry", "global", "func"};
    const std::string_view head = r_.head(item);
    if (std::ranges::find(known, head) == std::end(known))
      r_.fail(item, "expected a top-level form such as (func ...)");
    else if (head == "sxir" && (in_[item].children.size() != 2 || in_[in_[item].children[1]].text != text_version))
      r_.fail(item, "expected (sxir " + std::string(text_version) + ")");
  }

  void each(std::string_view head, void (ModuleReader::*handle)(Arguments)) {
    for (ItemId item : in_.top)
      if (!r_.failed() && r_.head(item) == head)
        (this->*handle)(arguments(item));
  }

  bool expect(const Arguments& form, std::size_t at_least, std::string_view shape) {
    if (form.list.size() < at_least)
      r_.fail(form.item, "expected " + std::string(shape));
    return !r_.failed();
  }

  void type(Arguments form) {
    if (expect(form, 1, "(type row)"))
      r_.add_type_row(form.list[0]);
  }

  void data(Arguments form) {
    if (expect(form, 1, "(data \"bytes\")"))
      module_.data.push_back(r_.text(form.list[0]));
  }

  void external(Arguments form) {
    if (!expect(form, 2, "(extern symbol type [variable] [(library name)] [span])"))
      return;
    Extern row;
    row.symbol = r_.name(form.list[0]);
    row.signature = r_.type(form.list[1]);
    for (ItemId item : form.list.subspan(2)) {
      if (r_.is_span(item))
        row.span = r_.span(item);
      else if (r_.is_atom(item) && in_[item].text == "variable")
        row.is_variable = true;
      else if (r_.head(item) == "library" && in_[item].children.size() == 2)
        row.library = r_.name(in_[item].children[1]);
      else
        r_.fail(item, "unknown part of an extern");
    }
    r_.externs.add(module_.text(row.symbol), static_cast<std::uint32_t>(module_.externs.size()));
    module_.externs.push_back(row);
  }

  void declare(ItemId item) {
    if (r_.failed())
      return;
    if (r_.head(item) == "func")
      function(arguments(item));
    else if (r_.head(item) == "global")
      global(arguments(item));
  }

  // What functions and globals have in common; false: not such a part.
  template <class Row> bool common_part(Row& row, ItemId item) {
    if (r_.is_span(item))
      row.span = r_.span(item);
    else if (r_.is_atom(item) && in_[item].text == "export")
      row.linkage = Linkage::Export;
    else if (r_.head(item) == "symbol" && in_[item].children.size() == 2)
      row.symbol = r_.name(in_[item].children[1]);
    else
      return false;
    return true;
  }

  void global(Arguments form) {
    if (!expect(form, 2, "(global name type ...)"))
      return;
    Global row;
    row.name = row.symbol = r_.name(form.list[0]);
    row.type = r_.type(form.list[1]);
    const auto id = static_cast<std::uint32_t>(module_.globals.size());
    for (ItemId item : form.list.subspan(2)) {
      if (common_part(row, item))
        continue;
      if (r_.is_atom(item) && in_[item].text == "constant")
        row.is_constant = true;
      else if (r_.head(item) == "init" || r_.head(item) == "image")
        bodies_.push_back({item, id});
      else
        r_.fail(item, "unknown part of a global");
    }
    r_.globals.add(module_.text(row.symbol), id);
    module_.globals.push_back(std::move(row));
  }

  void function(Arguments form) {
    if (!expect(form, 1, "(func name ...)"))
      return;
    Function row;
    row.name = row.symbol = r_.name(form.list[0]);
    Type derived = plain_type(TypeKind::Signature);
    std::optional<std::uint32_t> params;
    const auto id = static_cast<std::uint32_t>(module_.functions.size());
    bool has_signature = false;
    for (ItemId item : form.list.subspan(1)) {
      const std::string_view head = r_.head(item);
      const auto& parts = in_[item].children;
      if (common_part(row, item))
        continue;
      if (r_.is_atom(item) && in_[item].text == "comptime") {
        row.comptime_only = true;
      } else if (r_.is_atom(item) && in_[item].text == "naked") {
        row.is_naked = true;
      } else if ((head == "param" || head == "local") && parts.size() == 3) {
        if (head == "param" && row.param_count++ != row.locals.size())
          r_.fail(item, "parameters come before other locals");
        row.locals.push_back({r_.name(parts[1]), r_.type(parts[2])});
        if (head == "param")
          derived.params.push_back(row.locals.back().type);
      } else if (head == "result" && parts.size() == 2) {
        derived.element = r_.type(parts[1]);
      } else if (head == "signature" && parts.size() == 2) {
        row.signature = r_.type(parts[1]);
        has_signature = true;
      } else if (head == "params" && parts.size() == 2) {
        params = r_.number<std::uint32_t>(parts[1]);
      } else if ((head == "body" && parts.size() == 2) || head == "raw") {
        bodies_.push_back({item, id});
      } else {
        r_.fail(item, "unknown part of a function");
      }
    }
    if (!has_signature) {
      if (!derived.element)
        derived.element = module_.intern_type(plain_type(TypeKind::Void));
      row.signature = module_.intern_type(derived);
    }
    row.param_count = params.value_or(row.param_count);
    r_.functions.add(module_.text(row.symbol), id);
    module_.functions.push_back(std::move(row));
  }

  // Forms that nothing else refers to by name.
  void rest(ItemId item) {
    if (r_.failed())
      return;
    const Arguments form = arguments(item);
    const std::string_view head = r_.head(item);
    if (head == "target")
      target(form);
    else if (head == "file" && expect(form, 1, "(file \"path\")"))
      module_.files.push_back(r_.text(form.list[0]));
    else if (head == "frame")
      frame(form);
    else if (head == "asm")
      assembly(form);
    else if (head == "reflect")
      reflection(form);
    else if (head == "entry" && expect(form, 1, "(entry symbol)"))
      module_.entry_symbol = r_.name(form.list[0]);
    else if (head == "errors")
      for (ItemId name : form.list)
        module_.error_names.push_back(r_.name(name));
  }

  void target(Arguments form) {
    if (!expect(form, 2, "(target \"triple\" pointer-bytes)"))
      return;
    module_.target.triple = r_.text(form.list[0]);
    module_.target.pointer_bytes = r_.number<std::uint32_t>(form.list[1]);
    if (module_.target.pointer_bytes != 4 && module_.target.pointer_bytes != 8)
      r_.fail(form.list[1], "pointers have 4 or 8 bytes");
  }

  void frame(Arguments form) {
    if (!expect(form, 5, "(frame file line column function text)"))
      return;
    TraceFrame row;
    row.file = r_.name(form.list[0]);
    row.line = r_.number<std::int32_t>(form.list[1]);
    row.column = r_.number<std::int32_t>(form.list[2]);
    row.function = r_.name(form.list[3]);
    row.line_text = r_.name(form.list[4]);
    module_.frames.push_back(row);
  }

  void assembly(Arguments form) {
    if (!expect(form, 2, "(asm text constraints [volatile] [(memory type...)])"))
      return;
    Assembly row;
    row.text = r_.name(form.list[0]);
    row.constraints = r_.name(form.list[1]);
    for (ItemId item : form.list.subspan(2)) {
      if (r_.is_atom(item) && in_[item].text == "volatile")
        row.has_effects = true;
      else if (r_.head(item) == "memory")
        for (ItemId type : std::span(in_[item].children).subspan(1))
          row.memory.push_back(r_.type(type));
      else
        r_.fail(item, "unknown part of an assembly");
    }
    module_.assemblies.push_back(std::move(row));
  }

  void reflection(Arguments form) {
    if (!expect(form, 8,
                "(reflect word name size align fields variants lanes tag-width [unsigned] [flags] [(category n)] "
                "[(elements n)] [(info global)] (member ...))"))
      return;
    ReflectRow row;
    row.word = r_.number<std::int64_t>(form.list[0]);
    row.name = r_.name(form.list[1]);
    std::int64_t* const numbers[] = {&row.size,          &row.align, &row.field_count,
                                     &row.variant_count, &row.lanes, &row.tag_width};
    for (std::size_t i = 0; i < std::size(numbers); ++i)
      *numbers[i] = r_.number<std::int64_t>(form.list[2 + i]);
    for (ItemId item : form.list.subspan(8)) {
      const auto& parts = in_[item].children;
      if (r_.is_atom(item) && in_[item].text == "unsigned")
        row.is_unsigned = true;
      else if (r_.is_atom(item) && in_[item].text == "flags")
        row.is_flags = true;
      else if (r_.head(item) == "category" && parts.size() == 2)
        row.category = r_.number<std::uint8_t>(parts[1]);
      else if (r_.head(item) == "elements" && parts.size() == 2)
        row.element_count = r_.number<std::int64_t>(parts[1]);
      else if (r_.head(item) == "info" && parts.size() == 2)
        bodies_.push_back({item, static_cast<std::uint32_t>(module_.reflection.size())}); // globals come later
      else if (r_.head(item) == "member" && parts.size() == 5)
        row.members.push_back({r_.name(parts[1]), r_.number<std::int64_t>(parts[2]), r_.number<std::int64_t>(parts[3]),
                               r_.number<std::int64_t>(parts[4])});
      else
        r_.fail(item, "unknown part of a reflection row");
    }
    module_.reflection.push_back(std::move(row));
  }

  void body(ItemId item, std::uint32_t id) {
    if (r_.failed())
      return;
    const std::string_view head = r_.head(item);
    const Arguments form = arguments(item);
    if (head == "body")
      BodyReader(r_, module_.functions[id]).tree(form.list[0]);
    else if (head == "raw")
      BodyReader(r_, module_.functions[id]).raw(item);
    else if (head == "init" && expect(form, 1, "(init function)"))
      module_.globals[id].initializer = FuncId(r_.reference(form.list[0], r_.functions, "function"));
    else if (head == "info")
      module_.reflection[id].info = GlobalId(r_.reference(form.list[0], r_.globals, "global"));
    else if (head == "image" && expect(form, 1, "(image type (object align (hex ...) (reloc ...)...)...)"))
      image(form, module_.globals[id].image.emplace());
  }

  void image(Arguments form, FoldImage& image) {
    image.type = r_.type(form.list[0]);
    for (ItemId item : form.list.subspan(1)) {
      const auto& parts = in_[item].children;
      if (r_.head(item) != "object" || parts.size() < 3 || r_.head(parts[2]) != "hex")
        return r_.fail(item, "expected (object align (hex ...) (reloc ...)...)");
      ImageObject object;
      object.align = r_.number<std::uint32_t>(parts[1]);
      for (ItemId group : std::span(in_[parts[2]].children).subspan(1))
        hex(group, object.bytes);
      for (ItemId entry : std::span(parts).subspan(3))
        object.relocations.push_back(relocation(entry));
      image.objects.push_back(std::move(object));
    }
  }

  void hex(ItemId group, std::vector<std::uint8_t>& bytes) {
    const std::string& text = in_[group].text;
    if (text.size() % 2 != 0 || !r_.is_atom(group))
      return r_.fail(group, "expected an even number of hexadecimal digits");
    for (std::size_t i = 0; i < text.size(); i += 2) {
      std::uint8_t byte = 0;
      const auto [rest, error] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
      if (error != std::errc() || rest != text.data() + i + 2)
        return r_.fail(group, "expected hexadecimal digits");
      bytes.push_back(byte);
    }
  }

  Relocation relocation(ItemId item) {
    const auto& parts = in_[item].children;
    Relocation row;
    const auto kind = parts.size() == 5 ? relocation_from_name(in_[parts[2]].text) : std::nullopt;
    if (!kind || r_.head(item) != "reloc") {
      r_.fail(item, "expected (reloc offset kind target addend)");
      return row;
    }
    row.offset = r_.number<std::uint64_t>(parts[1]);
    row.kind = *kind;
    row.target = target_of(*kind, parts[3]);
    row.addend = r_.number<std::int64_t>(parts[4]);
    return row;
  }

  std::uint32_t target_of(Relocation::Kind kind, ItemId item) {
    switch (kind) {
    case Relocation::Kind::Function: return r_.reference(item, r_.functions, "function");
    case Relocation::Kind::Global: return r_.reference(item, r_.globals, "global");
    case Relocation::Kind::Extern: return r_.reference(item, r_.externs, "extern");
    case Relocation::Kind::Data:
      if (in_[item].kind == Item::Kind::String)
        return module_.intern_data(in_[item].text).value;
      break;
    default: break;
    }
    return r_.reference(item, {}, "row");
  }

  const Sexpr& in_;
  Reader r_;
  Module& module_;
  std::vector<std::pair<ItemId, std::uint32_t>> bodies_; ///< read last: bodies, images, initializers
};

ReadError locate(std::string_view text, const SexprError& error) {
  const std::string_view before = text.substr(0, std::min(error.offset, text.size()));
  const std::size_t newline = before.rfind('\n');
  ReadError result;
  result.line = 1 + static_cast<std::uint32_t>(std::ranges::count(before, '\n'));
  result.column =
      1 + static_cast<std::uint32_t>(newline == std::string_view::npos ? before.size() : before.size() - newline - 1);
  result.message = error.message;
  return result;
}

} // namespace

std::expected<std::unique_ptr<Module>, ReadError> read(std::string_view text) {
  const auto sexpr = parse_sexpr(text);
  if (!sexpr)
    return std::unexpected(locate(text, sexpr.error()));
  auto module = std::make_unique<Module>();
  if (const auto error = ModuleReader(*sexpr, *module).run())
    return std::unexpected(locate(text, *error));
  return module;
}

} // namespace sx::ir
