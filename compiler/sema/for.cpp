// `for` over ranges and collections (section 4.12).

#include "sema/scopes.h"

namespace sx::sema {

/// One iterable of a run-time `for` after its header was evaluated (R4.108).
struct BodyChecker::Stream {
  bool is_range = false;
  hir::LocalId cursor; ///< range: the next value
  hir::NodeId limit;   ///< first range: exclusive end, a Load of a temporary
  hir::LocalId data;   ///< collection: pointer to its first element
  hir::LocalId lanes;  ///< vector: the copy
  hir::LocalId length; ///< first collection
  TypeId element;
  Span span; ///< vector: the iterable
  bool poisoned = false;
};

Operand BodyChecker::range_bound(AstId node, bool add_one) {
  Operand bound = to_operand(check(node, Expect::none()));
  if (bound.poisoned())
    return bound;
  if (!types().is_integer(bound.type)) {
    report<diag::value_mismatch>(bound.span, name(bound.type), "i64");
    return Operand::poison(bound.span);
  }
  bound = convert(bound, types().i64, {.site = bound.span});
  if (add_one && !bound.poisoned())
    bound =
        make(hir::Binary{hir::BinaryOp::Add, bound.node, word(1, types().i64, bound.span)}, types().i64, bound.span);
  return bound;
}

/// Adds the words of a `{pointer, length}` place.
void BodyChecker::stream_words(Stream& stream, hir::NodeId pointer, hir::NodeId length, bool first, Span span,
                               std::vector<hir::NodeId>& out) {
  const TypeId many = types().many_pointer(stream.element);
  stream.data = temporary(many, span);
  out.push_back(let(stream.data, pointer, span));
  if (!first)
    return;
  stream.length = temporary(types().i64, span);
  out.push_back(let(stream.length, length, span));
}

BodyChecker::Stream BodyChecker::open_collection(AstId node, bool first, std::vector<hir::NodeId>& out) {
  Stream stream;
  Operand source = read_through_reference(check(node, Expect::none()));
  const Span span = source.span.valid() ? source.span : span_of(node);
  const auto fail = [&] {
    stream.poisoned = true;
    stream.element = types().poison;
    return stream;
  };
  if (source.poisoned())
    return fail();
  if (source.kind == Operand::Kind::Pack) {
    report<diag::pack_as_value>(span, text(source.name)).help("use 'inline for'");
    return fail();
  }
  if (source.kind == Operand::Kind::Property)
    source = to_value(source);
  if (!source.is_value() && !source.is_place()) {
    report<diag::not_iterable>(span).help("a call as iterable needs a capture list or parentheses");
    return fail();
  }
  if (types().is(source.type, TypeKind::Pointer))
    source = deref(to_value(source), span);
  const Type shape = types()[source.type];
  const TypeId i64 = types().i64;
  switch (shape.kind) {
  case TypeKind::Array: {
    const Operand storage = to_place(source);
    stream.element = shape.element;
    const hir::NodeId address = emit(hir::AddressOf{storage.node}, types().pointer(source.type), span);
    stream_words(stream,
                 emit(hir::Convert{hir::ConvertOp::PointerCast, address}, types().many_pointer(shape.element), span),
                 word(shape.count, i64, span), first, span, out);
    return stream;
  }
  case TypeKind::Slice:
  case TypeKind::String: {
    stream.element = shape.kind == TypeKind::String ? types().u8 : shape.element;
    const Operand storage = to_place(source);
    const TypeId many = types().many_pointer(stream.element);
    stream_words(stream, emit(hir::Load{emit(hir::Field{storage.node, 0}, many, span)}, many, span),
                 emit(hir::Load{emit(hir::Field{storage.node, 1}, i64, span)}, i64, span), first, span, out);
    return stream;
  }
  case TypeKind::Vector:
    stream.element = shape.element;
    stream.lanes = spill(to_value(source), out);
    stream.span = span;
    if (first) {
      stream.length = temporary(i64, span);
      out.push_back(let(stream.length, word(shape.count, i64, span), span));
    }
    return stream;
  case TypeKind::ManyPointer:
    if (first)
      break;
    stream.element = shape.element;
    stream_words(stream, to_value(source).node, {}, false, span, out);
    return stream;
  case TypeKind::Struct: {
    // `items: []T`, or `items: [*]T` with `len` (R4.107).
    const auto items = find_field(source.type, strings().intern("items"));
    if (!items)
      break;
    const TypeId items_type = types().nominal(source.type).fields[*items].type;
    const Operand storage = to_place(source);
    const hir::NodeId field = emit(hir::Field{storage.node, *items}, items_type, span);
    if (types().is(items_type, TypeKind::Slice)) {
      stream.element = types()[items_type].element;
      const TypeId many = types().many_pointer(stream.element);
      stream_words(stream, emit(hir::Load{emit(hir::Field{field, 0}, many, span)}, many, span),
                   emit(hir::Load{emit(hir::Field{field, 1}, i64, span)}, i64, span), first, span, out);
      return stream;
    }
    const auto len = find_field(source.type, strings().intern("len"));
    if (!types().is(items_type, TypeKind::ManyPointer) || !len ||
        !types().is_integer(types().nominal(source.type).fields[*len].type))
      break;
    stream.element = types()[items_type].element;
    const TypeId len_type = types().nominal(source.type).fields[*len].type;
    const Operand length =
        convert(place(emit(hir::Field{storage.node, *len}, len_type, span), len_type, span), i64, {.site = span});
    stream_words(stream, emit(hir::Load{field}, items_type, span), length.node, first, span, out);
    return stream;
  }
  case TypeKind::Poison: return fail();
  default: break;
  }
  report<diag::type_not_iterable>(span, name(source.type))
      .help("a call as iterable needs a capture list or parentheses");
  return fail();
}

BodyChecker::Stream BodyChecker::open_stream(const ast::Iterable& iterable, bool first, std::vector<hir::NodeId>& out) {
  if (!iterable.is_range)
    return open_collection(iterable.start, first, out);
  Stream stream;
  stream.is_range = true;
  stream.element = types().i64;
  const Operand start = range_bound(iterable.start, iterable.range.start_exclusive);
  stream.poisoned = start.poisoned();
  stream.cursor = spill(start, out);
  if (first && iterable.end.valid()) {
    const Operand end = range_bound(iterable.end, iterable.range.end_inclusive);
    stream.poisoned = stream.poisoned || end.poisoned();
    stream.length = spill(end, out);
  }
  return stream;
}

Operand BodyChecker::check_for(const ast::For& loop, AstId node, Expect) {
  const Span span = span_of(node);
  const Scope scope(*this);
  const std::span<const AstId> iterables = tree().list(loop.iterables);
  const std::span<const AstId> captures = tree().list(loop.captures);
  const TypeId i64 = types().i64;
  std::vector<hir::NodeId> before;
  std::vector<Stream> streams;
  bool poisoned = false;
  for (std::size_t i = 0; i < iterables.size(); ++i) {
    streams.push_back(open_stream(tree().get<ast::Iterable>(iterables[i]), i == 0, before));
    poisoned = poisoned || streams.back().poisoned;
  }
  kill_assigned(loop.body);
  const hir::LoopId id = body().add_loop();
  const hir::LocalId index = temporary(i64, span);
  before.push_back(let(index, word(0, i64, span), span));

  std::vector<hir::NodeId> round;
  if (!poisoned) {
    const Stream& first = streams[0];
    const hir::NodeId position = local_value(first.is_range ? first.cursor : index, span);
    const hir::NodeId more =
        emit(hir::Compare{hir::CompareOp::Less, position, local_value(first.length, span)}, types().bool_, span);
    const hir::NodeId leave = emit(hir::Break{id}, types().noreturn, span);
    round.push_back(emit(hir::If{more, block({}, {}, types().void_, span), leave}, types().void_, span));
  }
  for (std::size_t i = 0; i < captures.size() && i < streams.size(); ++i)
    bind_capture(tree().get<ast::Capture>(captures[i]), streams[i], index, round);

  loops_.push_back(id);
  std::vector<hir::NodeId> inner;
  bool diverges = false;
  if (loop.arrow) {
    const Scope single(*this);
    check_statement(loop.body, inner, diverges);
  } else {
    inner.push_back(statement_node(check(loop.body, Expect::statement())));
  }
  loops_.pop_back();
  if (poisoned)
    return Operand::poison(span);
  round.push_back(block(inner, {}, types().void_, span));

  std::vector<hir::NodeId> steps;
  const auto advance = [&](hir::LocalId local) {
    const hir::NodeId target = emit(hir::Local{local}, i64, span);
    steps.push_back(emit(hir::Update{hir::BinaryOp::Add, target, word(1, i64, span)}, types().void_, span));
  };
  advance(index);
  for (const Stream& stream : streams)
    if (stream.is_range)
      advance(stream.cursor);
  const hir::NodeId step = emit(hir::Sequence{body().add_list(steps), {}}, types().void_, span);
  const hir::NodeId turning = emit(hir::Loop{id, block(round, {}, types().void_, span), step}, types().void_, span);
  before.push_back(turning);
  return value(block(before, {}, types().void_, span), types().void_, span);
}

void BodyChecker::bind_capture(const ast::Capture& capture, const Stream& stream, hir::LocalId index,
                               std::vector<hir::NodeId>& round) {
  const Span span = capture.name.span;
  if (text(capture.name.text) == "_" && !capture.name.raw)
    return;
  if (stream.poisoned) {
    declare_local(capture.name, types().poison, Access::Capture);
    return;
  }
  if (stream.is_range) {
    const hir::LocalId local = declare_local(capture.name, types().i64, Access::Capture);
    round.push_back(let(local, local_value(stream.cursor, span), span));
    return;
  }
  hir::NodeId element;
  if (stream.lanes.valid()) {
    const TypeId vector = body().locals[stream.lanes.index()].type;
    if (capture.by_reference) {
      report<diag::type_not_iterable>(stream.span, name(vector));
      declare_local(capture.name, types().poison, Access::Reference);
      return;
    }
    element = emit(hir::Element{emit(hir::Local{stream.lanes}, vector, span), local_value(index, span)}, stream.element,
                   span);
  } else {
    element = emit(hir::PointerElement{local_value(stream.data, span), local_value(index, span)}, stream.element, span);
  }
  if (capture.by_reference) {
    const TypeId pointer = types().pointer(stream.element);
    const hir::LocalId local = declare_local(capture.name, pointer, Access::Reference);
    round.push_back(let(local, emit(hir::AddressOf{element}, pointer, span), span));
    return;
  }
  const hir::LocalId local = declare_local(capture.name, stream.element, Access::LoopElement);
  round.push_back(let(local, emit(hir::Load{element}, stream.element, span), span));
}

} // namespace sx::sema
