#pragma once
// The IR of one program: tables of types, data, globals, externs and functions; each body a tree of nodes in flat
// arrays.

#include "ir/ids.h"
#include "ir/image.h"
#include "ir/type.h"
#include "source/span.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sx::ir {

enum class Category : std::uint8_t { Place, Value, Control };
enum class Shape : std::uint8_t {
  None,
  Value,
  OptValue,
  Place,
  Type,
  Local,
  Global,
  Func,
  Extern,
  Data,
  Frame,
  Text,
  Label,
  Word,
  Low,
  High,
  Values,
  Inits,
  Cases,
};

enum class Op : std::uint8_t {
#define SX_IR(op, text, category, a, b, c) op,
#include "ir/nodes.def"
};
enum class BinaryOp : std::uint8_t {
#define SX_IR_BINARY(op, text) op,
#include "ir/ops.def"
};
enum class CompareOp : std::uint8_t {
#define SX_IR_COMPARE(op, text) op,
#include "ir/ops.def"
};
enum class UnaryOp : std::uint8_t {
#define SX_IR_UNARY(op, text) op,
#include "ir/ops.def"
};
enum class ConvertOp : std::uint8_t {
#define SX_IR_CONVERT(op, text) op,
#include "ir/ops.def"
};
enum class TrapKind : std::uint8_t {
#define SX_IR_TRAP(op, text) op,
#include "ir/ops.def"
};
enum class Intrinsic : std::uint8_t {
#define SX_IR_INTRINSIC(op, text, arity) op,
#include "ir/intrinsics.def"
};

/// What `Intrinsic::Reflect` asks about a type word.
enum class ReflectQuery : std::uint8_t {
  Name,       ///< string
  IsUnsigned, ///< bool
  IsFlags,    ///< bool
  Size,
  Align, ///< i64
  FieldCount,
  VariantCount,
  VectorLanes,
  TagWidth,     ///< i64; TagWidth negative if signed
  MemberName,   ///< string; field or variant `index`, empty if none
  MemberType,   ///< i64 type word
  MemberOffset, ///< i64; payload offset for variants
  MemberValue,  ///< i64; variant value
  Category,     ///< i64; the front end's number of the type's category
  ElementCount, ///< i64; elements of an array, lanes of a vector, else 0
  Info,         ///< pointer; the constant record of `type_info`
};
inline constexpr std::uint32_t reflect_query_count = static_cast<std::uint32_t>(ReflectQuery::Info) + 1;

enum class Ordering : std::uint8_t { Relaxed, Acquire, Release, AcqRel, SeqCst };

/// Rows of the node table.
struct OpInfo {
  std::string_view text;
  Category category;
  Shape a, b, c;
};
const OpInfo& info(Op op);
inline constexpr std::size_t op_count = 0
#define SX_IR(op, text, category, a, b, c) +1
#include "ir/nodes.def"
    ;
std::string_view text(BinaryOp op);
std::string_view text(CompareOp op);
std::string_view text(UnaryOp op);
std::string_view text(ConvertOp op);
std::string_view text(TrapKind kind);
std::string_view text(Intrinsic intrinsic);
/// Number of arguments of an intrinsic, -1 for any.
int arity(Intrinsic intrinsic);
/// The operator that `Node::sub` of an `op` selects, empty if `op` has none or `sub` is out of the table.
std::string_view sub_text(Op op, std::uint8_t sub);
/// Number of values that `Node::sub` may have: 1 (only 0) for kinds without a table of their own.
unsigned sub_count(Op op);

/// The value that an optional operand has when it is absent.
inline constexpr std::uint32_t none = 0xffff'ffff;

/// Upper bounds of a verified module. Consumers may rely on them and must refuse what exceeds them.
inline constexpr std::uint64_t max_type_bytes = std::uint64_t{1} << 31; ///< size of any type
inline constexpr std::uint32_t max_alignment = 4096;                    ///< of any type and image object
inline constexpr std::uint32_t max_tree_depth = 2000;                   ///< nodes on a path from the root to a leaf

/// One node. Lists live in the function's word pool: b is the first word, c the number of words.
struct Node {
  Op op = Op::Poison;
  std::uint8_t sub = 0; ///< BinaryOp, CompareOp, UnaryOp, ConvertOp, TrapKind or Intrinsic; else 0
  TypeId type;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  friend bool operator==(const Node&, const Node&) = default;
};

struct Local {
  StringId name; ///< may be empty
  TypeId type;
  friend bool operator==(const Local&, const Local&) = default;
};

enum class Linkage : std::uint8_t { Internal, Export };

/// A function. `locals` starts with the parameters. A function without `root` has no body yet (lowered on demand).
struct Function {
  StringId name;   ///< as traces and frames show it (R6.134)
  StringId symbol; ///< unique in the module; the C name for exports
  TypeId signature;
  Linkage linkage = Linkage::Internal;
  bool comptime_only = false; ///< never emitted (R7.92, R7.93)
  bool is_naked = false;      ///< neither prologue nor epilogue: assembly that returns by itself (R2.66)
  Span span;                  ///< declared name
  std::uint32_t param_count = 0;
  std::vector<Local> locals;
  std::vector<Node> nodes;
  std::vector<Span> spans; ///< one a node
  std::vector<std::uint32_t> words;
  NodeId root;

  bool has_body() const { return root.valid(); }
  const Node& node(NodeId id) const { return nodes[id.index()]; }
  std::span<const std::uint32_t> list(const Node& n) const { return {words.data() + n.b, n.c}; }
};

/// A module variable or constant. Its value is `image`; while that is missing, `initializer` (a parameterless function
/// that returns the value) says how to get it; with neither it is all zero bytes.
struct Global {
  StringId name;
  StringId symbol;
  TypeId type;
  bool is_constant = false;
  Linkage linkage = Linkage::Internal;
  Span span;
  FuncId initializer;
  std::optional<FoldImage> image;
};

/// A C function (`signature`) or C variable (`is_variable`, `signature` is then its type).
struct Extern {
  StringId symbol;
  StringId library; ///< handle text, may be empty
  TypeId signature;
  bool is_variable = false;
  Span span;
};

/// A return-trace site (R6.133).
struct TraceFrame {
  StringId file; ///< base name
  std::int32_t line = 0;
  std::int32_t column = 0;
  StringId function;
  StringId line_text;
};

/// The text of an `asm` expression, for `Intrinsic::Asm` (R2.124).
struct Assembly {
  StringId text;              ///< operands are `${n}` or `${n:m}` by position in `constraints`, `$$` is a dollar sign
  StringId constraints;       ///< outputs, memory outputs (`=*m`), inputs, seeds, clobbers, as LLVM writes them
  bool has_effects = false;   ///< `volatile`
  std::vector<TypeId> memory; ///< what the first arguments, the addresses of memory operands, point to
};

/// What reflection answers for one type word (7.11). Members are fields or variants.
struct ReflectMember {
  StringId name;
  std::int64_t type = 0;
  std::int64_t offset = 0;
  std::int64_t value = 0;
};
struct ReflectRow {
  std::int64_t word = 0;
  StringId name;
  std::int64_t size = 0, align = 1, field_count = 0, variant_count = 0, lanes = 0, tag_width = 0, element_count = 0;
  std::uint8_t category = 0; ///< the front end's number
  bool is_unsigned = false, is_flags = false;
  GlobalId info; ///< the record of `type_info`, absent where no query can ask for it
  std::vector<ReflectMember> members;
};

struct Target {
  std::string triple;              ///< empty: the host
  std::uint32_t pointer_bytes = 8; ///< 4 or 8
};

/// Everything one program lowers to. Tables only grow; ids stay valid.
class Module {
public:
  Target target;
  Interner strings;
  std::vector<std::string> files; ///< display path per FileId, for spans
  std::deque<Type> types;
  std::deque<std::string> data; ///< read-only byte strings
  std::deque<Global> globals;
  std::deque<Function> functions;
  std::deque<Extern> externs;
  std::vector<TraceFrame> frames;
  std::vector<Assembly> assemblies;
  std::vector<ReflectRow> reflection; ///< ascending `word`
  std::vector<StringId> error_names;  ///< by tag; [0] is empty
  StringId entry_symbol;              ///< symbol of `main`'s function, may be empty

  /// The id of the first equal row, or of a new one. Component ids must already be rows.
  TypeId intern_type(const Type& type);
  /// The first equal row, or none. Also finds rows that were appended to `types` directly.
  TypeId find_type(const Type& type) const;
  DataId intern_data(std::string_view bytes);
  DataId find_data(std::string_view bytes) const;

  const Type& type(TypeId id) const { return types[id.index()]; }
  const Function& function(FuncId id) const { return functions[id.index()]; }
  Function& function(FuncId id) { return functions[id.index()]; }
  const Global& global(GlobalId id) const { return globals[id.index()]; }
  /// Empty for an absent id.
  std::string_view text(StringId id) const {
    return id.index() < strings.size() ? strings.text(id) : std::string_view();
  }

  /// Bytes and alignment of a type for `target` (R2.107); void and never have size 0. None for what no verified table
  /// holds: an id that is not a row, a signature, a component id that isn't smaller, more than `max_type_bytes`, an
  /// alignment that is no power of two or above `max_alignment`. Answers are kept, so rows must not change afterwards;
  /// not for concurrent use.
  std::optional<Layout> try_layout(TypeId type) const;
  /// The same for a valid storable row of a verified table; otherwise {max_type_bytes, 1}, which no buffer satisfies.
  Layout layout(TypeId type) const { return try_layout(type).value_or(Layout{max_type_bytes, 1}); }
  /// The row with that word, or null. `reflection` must be sorted.
  const ReflectRow* find_reflection(std::int64_t word) const;

private:
  struct KnownLayout {
    Layout layout;
    bool valid = false;
  };
  std::optional<Layout> compute_layout(std::size_t row) const;
  void index_types() const;
  void index_data() const;

  // Indices of the tables' first rows; they catch up when asked, because tables are public and only grow.
  mutable std::unordered_multimap<std::size_t, TypeId> type_index_;
  mutable std::unordered_map<std::string_view, DataId> data_index_;
  mutable std::size_t indexed_types_ = 0;
  mutable std::size_t indexed_data_ = 0;
  mutable std::vector<KnownLayout> layouts_;
  mutable std::uint32_t layout_pointer_bytes_ = 0;
};

/// `pattern` cut to the width of a Bool or Int type and sign- or zero-extended; unchanged for other kinds.
std::uint64_t canonical_pattern(const Type& type, std::uint64_t pattern);

} // namespace sx::ir
