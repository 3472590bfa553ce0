// `inline for` (7.7, R5.151): the body is checked once a round, with the cursor as a constant and elements as aliases.

#include "sema/scopes.h"

namespace sx::sema {
namespace {

constexpr std::uint64_t max_rounds = 65536;

/// One iterable: a range of integers or a pack.
struct Unrolled {
  bool is_pack = false;
  std::int64_t start = 0;
  std::uint64_t length = 0; ///< packs and the first range
  std::uint32_t pack = 0;
};

} // namespace

/// The range or pack that `node` denotes; nothing if it was reported. The first position needs both bounds.
static std::optional<Unrolled> unrolled(BodyChecker& body, AstId node, bool first) {
  const auto& iterable = body.tree().get<ast::Iterable>(node);
  Unrolled result;
  if (!iterable.is_range) {
    const Operand operand = body.check(iterable.start, Expect::none());
    if (operand.poisoned())
      return {};
    if (operand.kind != Operand::Kind::Pack) {
      body.report<diag::inline_for_iterable>(body.span_of(iterable.start)).help("use a constant range or a pack");
      return {};
    }
    result.is_pack = true;
    result.pack = operand.index;
    if (body.pack(operand.index).elements.size() != body.pack(operand.index).types.size()) {
      // A compile-time entry knows the types of the elements only.
      body.report<diag::comptime_value_needed>(body.span_of(iterable.start),
                                               std::string(body.text(body.pack(operand.index).name)));
      return {};
    }
    result.length = body.pack(operand.index).types.size();
    return result;
  }
  const auto start = body.fold_integer(iterable.start);
  if (!start) {
    body.report<diag::inline_for_bound>(body.span_of(iterable.start), "start");
    return {};
  }
  if (__builtin_add_overflow(*start, iterable.range.start_exclusive ? 1 : 0, &result.start))
    return result;
  if (!first || !iterable.end.valid())
    return result;
  const auto end = body.fold_integer(iterable.end);
  if (!end) {
    body.report<diag::inline_for_bound>(body.span_of(iterable.end), "end");
    return {};
  }
  const __int128 stop = static_cast<__int128>(*end) + (iterable.range.end_inclusive ? 1 : 0);
  result.length = stop > result.start ? static_cast<std::uint64_t>(stop - result.start) : 0;
  return result;
}

void BodyChecker::inline_for_statement(const ast::For& loop, AstId node, std::vector<hir::NodeId>& out,
                                       bool& diverges) {
  const auto iterables = tree().list(loop.iterables);
  const auto captures = tree().list(loop.captures);
  std::vector<Unrolled> positions;
  for (std::size_t i = 0; i < iterables.size(); ++i) {
    const std::optional<Unrolled> position = unrolled(*this, iterables[i], i == 0);
    if (!position)
      return;
    if (i > 0 && position->is_pack && position->length < positions.front().length) {
      report<diag::inline_for_pack_too_short>(span_of(iterables[i]), std::string(text(pack(position->pack).name)),
                                              position->length, positions.front().length);
      return;
    }
    positions.push_back(*position);
  }
  for (std::size_t i = 0; i < captures.size() && i < positions.size(); ++i) {
    const auto& capture = tree().get<ast::Capture>(captures[i]);
    if (positions[i].is_pack && capture.by_reference) {
      report<diag::pack_element_by_reference>(capture.name.span);
      return;
    }
  }
  const std::uint64_t rounds = positions.empty() ? 0 : positions.front().length;
  if (rounds > max_rounds) {
    report<diag::limit_exceeded>(span_of(node), "the number of rounds of an 'inline for'", max_rounds);
    return;
  }
  for (std::uint64_t round = 0; round < rounds && !diverges; ++round) {
    const Scope scope(*this);
    forget_natural_types();
    for (std::size_t i = 0; i < captures.size() && i < positions.size(); ++i) {
      const auto& capture = tree().get<ast::Capture>(captures[i]);
      const Unrolled& position = positions[i];
      Binding binding{.access = Access::Capture, .name = capture.name.text, .span = capture.name.span};
      if (position.is_pack) {
        const PackBinding& elements = pack(position.pack);
        binding.kind = Binding::Kind::PackElement;
        binding.type = elements.types[round];
        binding.local = elements.elements.empty() ? hir::LocalId{} : elements.elements[round];
        binding.constraint = elements.constraint;
      } else {
        binding.kind = Binding::Kind::Constant;
        binding.type = types().i64;
        binding.value = checker().integer_constant(
            static_cast<std::int64_t>(static_cast<std::uint64_t>(position.start) + round), types().i64);
      }
      bind(std::move(binding));
    }
    if (tree().is(loop.body, AstKind::Block)) {
      const Operand body_value = check_block(loop.body, Expect::statement());
      if (!body_value.poisoned() && body_value.node.valid()) {
        out.push_back(body_value.node);
        diverges = types().is(body_value.type, TypeKind::NoReturn);
      }
    } else {
      std::vector<hir::NodeId> statements;
      check_statement(loop.body, statements, diverges);
      out.push_back(block(statements, {}, diverges ? types().noreturn : types().void_, span_of(loop.body)));
    }
  }
}

} // namespace sx::sema
