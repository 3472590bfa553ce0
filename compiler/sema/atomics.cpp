// Atomic intrinsics: operand types, orderings and their restrictions (R7.103, R7.104, R2.121, R2.122).

#include "sema/intrinsic_calls.h"

#include <array>

namespace sx::sema {
namespace {

enum Ordering : std::uint32_t { Relaxed, Acquire, Release, AcquireRelease, Sequential };
constexpr std::array<std::string_view, 5> ordering_names{"relaxed", "acquire", "release", "acq_rel", "seq_cst"};

/// relaxed < acquire = release < acq_rel < seq_cst
constexpr std::array<int, 5> strength{0, 1, 1, 2, 3};

std::optional<std::uint32_t> ordering_named(std::string_view name) {
  for (std::uint32_t i = 0; i < ordering_names.size(); ++i)
    if (ordering_names[i] == name)
      return i;
  return {};
}

struct ReadModifyWrite {
  std::string_view name;
  hir::Intrinsic which;
};
constexpr ReadModifyWrite read_modify_writes[] = {
    {"atomic_fetch_add", hir::Intrinsic::AtomicAdd}, {"atomic_fetch_sub", hir::Intrinsic::AtomicSub},
    {"atomic_fetch_and", hir::Intrinsic::AtomicAnd}, {"atomic_fetch_or", hir::Intrinsic::AtomicOr},
    {"atomic_fetch_xor", hir::Intrinsic::AtomicXor}, {"atomic_fetch_min", hir::Intrinsic::AtomicMin},
    {"atomic_fetch_max", hir::Intrinsic::AtomicMax}, {"atomic_swap", hir::Intrinsic::AtomicSwap},
};

} // namespace

/// The ordering of argument `i`: a variant literal, or anything that folds to a variant of an enum with these names.
std::optional<std::uint32_t> IntrinsicCall::ordering(std::size_t i) {
  const AstId node = arguments_[i].node;
  const auto* literal = node.valid() ? body_.tree().try_get<ast::DotName>(node) : nullptr;
  if (literal) {
    if (const auto found = ordering_named(body_.text(literal->name.text)))
      return found;
  } else {
    const Operand operand = body_.to_value(argument(i));
    if (operand.poisoned())
      return {};
    if (operand.constant.is_integer() && types().is(operand.type, TypeKind::Enum))
      for (const VariantInfo& variant : types().nominal(operand.type).variants)
        if (variant.value == operand.constant.integer)
          if (const auto found = ordering_named(body_.text(variant.name)))
            return found;
  }
  body_.report<diag::atomic_ordering_not_constant>(argument_span(i));
  return {};
}

bool IntrinsicCall::atomic_type_allowed(TypeId type, bool needs_integer, Span at) {
  const TypeKind kind = types().kind(type);
  bool scalar = types().is_integer(type) || kind == TypeKind::Bool || kind == TypeKind::Float ||
                kind == TypeKind::Pointer || kind == TypeKind::ManyPointer || kind == TypeKind::CString ||
                kind == TypeKind::Enum;
  if (kind == TypeKind::Int) {
    const unsigned bits = types().bit_width(type);
    scalar = bits == 8 || bits == 16 || bits == 32 || bits == 64;
  }
  if (!scalar) {
    body_.report<diag::no_atomic_access>(at, body_.name(type));
    return false;
  }
  if (needs_integer && !types().is_integer(type)) {
    body_.report<diag::no_atomic_change>(at, body_.name(type));
    return false;
  }
  return true;
}

Operand IntrinsicCall::atomic() {
  const Span span = site_.span;
  const std::string_view name = entry_.name;
  if (name == "atomic_fence") {
    const auto order = ordering(0);
    if (!order)
      return Operand::poison(span);
    if (*order == Relaxed) {
      body_.report<diag::fence_ordering>(argument_span(0), ordering_names[*order]);
      return Operand::poison(span);
    }
    return make_intrinsic(hir::Intrinsic::AtomicFence, {}, types().void_, {}, *order);
  }
  const TypeArgument element = type_argument(0);
  if (element.poisoned)
    return Operand::poison(span);
  if (!element.is_static()) {
    body_.report<diag::run_time_type_query>(name_span_, name);
    return Operand::poison(span);
  }
  const TypeId type = element.type;
  const bool is_load = name == "atomic_load";
  const bool is_store = name == "atomic_store";
  if (!atomic_type_allowed(type, !is_load && !is_store, argument_span(0)))
    return Operand::poison(span);
  const Operand pointer = argument_as(1, types().pointer(type));
  if (is_load) {
    const auto order = ordering(2);
    if (order && (*order == Release || *order == AcquireRelease)) {
      body_.report<diag::atomic_ordering>(argument_span(2), "load", ordering_names[*order]);
      return Operand::poison(span);
    }
    if (!order || pointer.poisoned())
      return Operand::poison(span);
    return make_intrinsic(hir::Intrinsic::AtomicLoad, {pointer.node}, type, type, *order);
  }
  const Operand value = argument_as(2, type);
  if (name.starts_with("atomic_cmpxchg")) {
    const Operand desired = argument_as(3, type);
    const auto success = ordering(4);
    const auto failure = ordering(5);
    if (!success || !failure)
      return Operand::poison(span);
    if (*failure == Release || *failure == AcquireRelease) {
      body_.report<diag::failure_ordering>(argument_span(5), ordering_names[*failure]);
      return Operand::poison(span);
    }
    if (strength[*failure] > strength[*success]) {
      body_.report<diag::failure_ordering_stronger>(argument_span(5), ordering_names[*failure],
                                                    ordering_names[*success]);
      return Operand::poison(span);
    }
    if (pointer.poisoned() || value.poisoned() || desired.poisoned())
      return Operand::poison(span);
    return make_intrinsic(hir::Intrinsic::AtomicExchange, {pointer.node, value.node, desired.node},
                          types().optional(type), type, *success | *failure << 8);
  }
  const auto order = ordering(3);
  if (is_store && order && (*order == Acquire || *order == AcquireRelease)) {
    body_.report<diag::atomic_ordering>(argument_span(3), "store", ordering_names[*order]);
    return Operand::poison(span);
  }
  if (!order || pointer.poisoned() || value.poisoned())
    return Operand::poison(span);
  if (is_store)
    return make_intrinsic(hir::Intrinsic::AtomicStore, {pointer.node, value.node}, types().void_, type, *order);
  for (const ReadModifyWrite& row : read_modify_writes)
    if (row.name == name)
      return make_intrinsic(row.which, {pointer.node, value.node}, type, type, *order);
  return Operand::poison(span);
}

} // namespace sx::sema
