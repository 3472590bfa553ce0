#pragma once
// The checked tree (see hir.def) and its node store.

#include "sema/types.h"

#include <span>
#include <tuple>

namespace sx::sema {

using FunctionId = Id<struct FunctionTag>;
using GlobalId = Id<struct GlobalTag>;
using ExternId = Id<struct ExternTag>;
using RunId = Id<struct RunTag>;

namespace hir {

using NodeId = Id<struct HirNodeTag>;
using LocalId = Id<struct HirLocalTag>;
using LoopId = Id<struct HirLoopTag>;

struct NodeList {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};
struct WordList {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};
/// Pairs (member index, value node) in the list pool, in evaluation order.
struct MemberInits {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};
struct MemberInit {
  std::uint32_t member = 0;
  NodeId value;
};

enum class UnaryOp : std::uint8_t { Negate, BitNot, Not };
enum class BinaryOp : std::uint8_t { Add, Sub, Mul, Div, Rem, And, Or, Xor, Shl, Shr };
enum class CompareOp : std::uint8_t { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual };

enum class ConvertOp : std::uint8_t {
  Resize, ///< integer, bool, enum, error tag to integer or enum: by the source's signedness
  Truth,  ///< scalar to bool (R2.42, R2.78)
  IntToFloat,
  FloatToInt,
  FloatResize,
  PointerToInt,
  IntToPointer,
  PointerCast, ///< between pointer-likes: same bits
  Same,        ///< other type, same bytes: string and []u8, equal shapes, Type and its word
  Bits,        ///< reinterpretation of any value as any type (R2.101)
};

enum class TrapKind : std::uint8_t { Unreachable, NullUnwrap, FailedAssertion };

enum class Intrinsic : std::uint8_t {
#define SX_INTRINSIC(name) name,
#include "sema/intrinsics.def"
};

#define SX_HIR(kind) struct kind {
#define SX_HIR_FIELD(type, name) type name{};
#define SX_HIR_END(kind)                                                                                               \
  }                                                                                                                    \
  ;
#include "sema/hir.def"

enum class Kind : std::uint8_t {
#define SX_HIR(kind) kind,
#define SX_HIR_FIELD(type, name)
#define SX_HIR_END(kind)
#include "sema/hir.def"
};

template <class T> inline constexpr Kind kind_of = Kind{};
#define SX_HIR(kind) template <> inline constexpr Kind kind_of<kind> = Kind::kind;
#define SX_HIR_FIELD(type, name)
#define SX_HIR_END(kind)
#include "sema/hir.def"

std::string_view kind_name(Kind kind);
/// True for the node kinds that denote storage.
bool is_place(Kind kind);

/// A parameter, variable or temporary of one function.
struct LocalInfo {
  StringId name; ///< 0 for synthetic locals
  TypeId type;
  Span span;
};

/// The body of one function instance.
class Body {
public:
  template <class T> NodeId add(T node, TypeId type, Span span) {
    auto& pool = std::get<std::vector<T>>(pools_);
    const NodeId id{headers_.size()};
    headers_.push_back({kind_of<T>, static_cast<std::uint32_t>(pool.size()), type, span});
    pool.push_back(node);
    return id;
  }
  NodeList add_list(std::span<const NodeId> ids);
  WordList add_words(std::span<const std::uint32_t> words);
  MemberInits add_inits(std::span<const MemberInit> inits);
  LocalId add_local(StringId name, TypeId type, Span span);
  LoopId add_loop() { return LoopId{loop_count_++}; }

  Kind kind(NodeId id) const { return headers_[id.index()].kind; }
  TypeId type(NodeId id) const { return headers_[id.index()].type; }
  Span span(NodeId id) const { return headers_[id.index()].span; }
  template <class T> const T& get(NodeId id) const {
    return std::get<std::vector<T>>(pools_)[headers_[id.index()].payload];
  }
  template <class T> T& get_mutable(NodeId id) {
    return std::get<std::vector<T>>(pools_)[headers_[id.index()].payload];
  }
  void set_type(NodeId id, TypeId type) { headers_[id.index()].type = type; }

  std::span<const NodeId> list(NodeList l) const { return {nodes_.data() + l.first, l.count}; }
  std::span<const std::uint32_t> words(WordList l) const { return {words_.data() + l.first, l.count}; }
  std::span<const MemberInit> inits(MemberInits l) const { return {inits_.data() + l.first, l.count}; }

  std::vector<LocalInfo> locals; ///< parameters first
  NodeId root;                   ///< a Block; its value is the implicit return value
  std::size_t size() const { return headers_.size(); }

private:
  struct Header {
    Kind kind;
    std::uint32_t payload;
    TypeId type;
    Span span;
  };
  std::vector<Header> headers_;
  std::vector<NodeId> nodes_;
  std::vector<std::uint32_t> words_;
  std::vector<MemberInit> inits_;
  std::uint32_t loop_count_ = 0;
  struct Unused {};
  std::tuple<
#define SX_HIR(kind) std::vector<kind>,
#define SX_HIR_FIELD(type, name)
#define SX_HIR_END(kind)
#include "sema/hir.def"
      Unused>
      pools_;
};

} // namespace hir
} // namespace sx::sema
