#include "sema/hir_dump.h"

#include <sstream>

namespace sx::sema {

namespace {

class Dump {
public:
  Dump(const Program& program, const Interner& strings, const hir::Body& body)
      : program_(program), strings_(strings), body_(body) {}

  void node(hir::NodeId id, int depth) {
    if (!id.valid()) {
      out_ << '-';
      return;
    }
    if (depth > 200) {
      out_ << "...";
      return;
    }
    depth_ = depth;
    switch (body_.kind(id)) {
#define SX_HIR(name)                                                                                                   \
  case hir::Kind::name: {                                                                                              \
    [[maybe_unused]] const hir::name& n = body_.get<hir::name>(id);                                                    \
    out_ << '(' << #name << type_of(id);
#define SX_HIR_FIELD(type, name)                                                                                       \
  out_ << ' ';                                                                                                         \
  field(n.name, depth);
#define SX_HIR_END(name)                                                                                               \
  out_ << ')';                                                                                                         \
  break;                                                                                                               \
  }
#include "sema/hir.def"
    }
  }

  std::string text() const { return out_.str(); }

private:
  /// Conversions and constants mean little without their type.
  std::string type_of(hir::NodeId id) const {
    switch (body_.kind(id)) {
    case hir::Kind::Convert:
    case hir::Kind::IntConst:
    case hir::Kind::FloatConst:
    case hir::Kind::Zero:
    case hir::Kind::Aggregate:
    case hir::Kind::OptionalWrap:
    case hir::Kind::VariantInit: return ":" + program_.types.name(body_.type(id));
    default: return {};
    }
  }

  void field(hir::NodeId id, int depth) { node(id, depth + 1); }
  void field(hir::NodeList list, int depth) {
    out_ << '[';
    bool first = true;
    for (const hir::NodeId item : body_.list(list)) {
      out_ << (first ? "" : " ");
      first = false;
      node(item, depth + 1);
    }
    out_ << ']';
  }
  void field(hir::MemberInits inits, int depth) {
    out_ << '[';
    bool first = true;
    for (const hir::MemberInit& init : body_.inits(inits)) {
      out_ << (first ? "" : " ") << init.member << '=';
      first = false;
      node(init.value, depth + 1);
    }
    out_ << ']';
  }
  void field(hir::WordList list, int) {
    out_ << '{';
    bool first = true;
    for (const std::uint32_t item : body_.words(list)) {
      out_ << (first ? "" : " ") << item;
      first = false;
    }
    out_ << '}';
  }
  void field(hir::LocalId id, int) {
    if (!id.valid()) {
      out_ << '-';
      return;
    }
    const StringId name = body_.locals[id.index()].name;
    if (name.value == 0)
      out_ << '%' << id.value;
    else
      out_ << strings_.text(name);
  }
  void field(StringId text, int) { out_ << '"' << (text.valid() ? strings_.text(text) : "") << '"'; }
  void field(TypeId type, int) { out_ << (type.valid() ? program_.types.name(type) : "-"); }
  void field(FunctionId id, int) {
    out_ << (id.valid() ? strings_.text(program_.functions[id.index()].name) : std::string_view("-"));
  }
  void field(std::uint64_t value, int) { out_ << value; }
  void field(std::uint32_t value, int) { out_ << value; }
  void field(double value, int) { out_ << value; }
  template <class Tag> void field(Id<Tag> id, int) { out_ << '#' << id.value; }
  template <class Enum>
    requires std::is_enum_v<Enum>
  void field(Enum value, int) {
    out_ << '.' << static_cast<unsigned>(value);
  }

  const Program& program_;
  const Interner& strings_;
  const hir::Body& body_;
  std::ostringstream out_;
  int depth_ = 0;
};

} // namespace

std::string dump_body(const Program& program, const Interner& strings, FunctionId function) {
  const Function& made = program.functions[function.index()];
  if (!made.body.root.valid())
    return "-";
  Dump dump(program, strings, made.body);
  dump.node(made.body.root, 0);
  return dump.text();
}

} // namespace sx::sema
