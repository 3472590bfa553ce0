// Equality of composite types (R2.41, R3.8.1, 6.4): one generated function a type, taking two addresses.

#include "lower/impl.h"

namespace sx::lower {

using sema::TypeKind;

namespace {

/// Builds `(ptr, ptr) -> bool` bodies: a run of tests that return early.
class EqualityBuilder {
public:
  EqualityBuilder(Lowerer::Impl& owner, ir::FuncId id) : owner_(owner), b_(owner.module, owner.module.function(id)) {}

  ir::NodeId left(ir::TypeId type) { return b_.deref(b_.load(b_.local(ir::LocalId(0))), type); }
  ir::NodeId right(ir::TypeId type) { return b_.deref(b_.load(b_.local(ir::LocalId(1))), type); }
  ir::NodeId truth(bool value) { return b_.const_int(owner_.bool_type(), value); }
  ir::NodeId negated(ir::NodeId value) { return b_.unary(ir::UnaryOp::BitNot, value); }
  ir::NodeId equal(ir::NodeId lhs, ir::NodeId rhs) { return b_.compare(ir::CompareOp::Eq, lhs, rhs); }

  /// Equality of two places of `type`.
  ir::NodeId places(sema::TypeId type, ir::NodeId lhs, ir::NodeId rhs) {
    switch (owner_.types.kind(type)) {
    case TypeKind::Void:
    case TypeKind::Poison:
    case TypeKind::NoReturn: return truth(true);
    case TypeKind::TaggedUnion: return equal(b_.load(b_.field(lhs, 0)), b_.load(b_.field(rhs, 0)));
    case TypeKind::Protocol:
    case TypeKind::Closure:
    case TypeKind::Any:
      return b_.if_(equal(b_.load(b_.field(lhs, 0)), b_.load(b_.field(rhs, 0))), truth(true), truth(false),
                    owner_.bool_type());
    case TypeKind::String:
    case TypeKind::Slice:
    case TypeKind::Struct:
    case TypeKind::Tuple:
    case TypeKind::Array:
    case TypeKind::Optional: {
      if (owner_.types.is(type, TypeKind::Optional) && owner_.types.is_sentinel_optional(type) &&
          owner_.module.type(owner_.value_type(type)).kind != ir::TypeKind::Aggregate)
        break;
      const ir::NodeId addresses[] = {b_.address_of(lhs), b_.address_of(rhs)};
      return b_.call(owner_.equal_function(type), addresses);
    }
    default: break;
    }
    return equal(b_.load(lhs), b_.load(rhs));
  }

  void leave_unless(ir::NodeId condition) {
    out_.push_back(b_.if_(condition, unit(), b_.return_(truth(false)), owner_.void_type()));
  }
  void leave_if(ir::NodeId condition, bool result) {
    out_.push_back(b_.if_(condition, b_.return_(truth(result)), ir::NodeId(), owner_.void_type()));
  }
  void leave_if(ir::NodeId condition, ir::NodeId result) {
    out_.push_back(b_.if_(condition, b_.return_(result), ir::NodeId(), owner_.void_type()));
  }
  void finish(ir::NodeId result) {
    out_.push_back(b_.return_(result));
    const ir::NodeId root = b_.block(b_.new_label(), owner_.never_type(), out_);
    b_.function().root = root;
  }
  ir::NodeId unit() { return b_.zero(owner_.void_type()); }
  ir::Builder& b() { return b_; }

private:
  Lowerer::Impl& owner_;
  ir::Builder b_;
  std::vector<ir::NodeId> out_;
};

ir::TypeId two_pointers_to_bool(Lowerer::Impl& owner) {
  ir::Type type;
  type.kind = ir::TypeKind::Signature;
  type.params = {owner.pointer_type(), owner.pointer_type()};
  type.element = owner.bool_type();
  return owner.module.intern_type(type);
}

} // namespace

ir::FuncId Lowerer::Impl::equal_function(sema::TypeId type) {
  const HelperKey key{HelperKind::Equal, type.value};
  if (auto found = helpers_.find(key); found != helpers_.end())
    return found->second;
  ir::FuncId id;
  declare_helper("equal." + types.name(type), two_pointers_to_bool(*this), {}, id);
  helpers_.emplace(key, id);
  EqualityBuilder e(*this, id);
  ir::Builder& b = e.b();
  const ir::TypeId layout = storage_type(type);
  const sema::Type row = types[type];
  switch (row.kind) {
  case TypeKind::String: {
    const auto length = [&](ir::NodeId text) { return b.load(b.field(text, 1)); };
    e.leave_unless(e.equal(length(e.left(layout)), length(e.right(layout))));
    // The pointers of two empty texts may be null.
    e.leave_if(e.equal(length(e.left(layout)), b.const_int(int_type(64, true), 0)), true);
    const ir::NodeId bytes[] = {b.load(b.field(e.left(layout), 0)), b.load(b.field(e.right(layout), 0)),
                                length(e.left(layout))};
    e.finish(b.intrinsic(ir::Intrinsic::MemEqual, 0, bool_type(), bytes));
    break;
  }
  case TypeKind::Slice:
    e.leave_unless(e.equal(b.load(b.field(e.left(layout), 0)), b.load(b.field(e.right(layout), 0))));
    e.finish(e.equal(b.load(b.field(e.left(layout), 1)), b.load(b.field(e.right(layout), 1))));
    break;
  case TypeKind::Struct: {
    const std::vector<sema::FieldInfo>& fields = types.nominal(type).fields;
    for (std::uint32_t i = 0; i < fields.size(); ++i)
      if (!fields[i].is_padding)
        e.leave_unless(e.places(fields[i].type, b.field(e.left(layout), i), b.field(e.right(layout), i)));
    e.finish(e.truth(true));
    break;
  }
  case TypeKind::Tuple:
    for (std::uint32_t i = 0; i < row.elements.size(); ++i)
      e.leave_unless(e.places(row.elements[i], b.field(e.left(layout), i), b.field(e.right(layout), i)));
    e.finish(e.truth(true));
    break;
  case TypeKind::Array: {
    const ir::TypeId i64 = int_type(64, true);
    const ir::LocalId cursor = b.add_local(StringId(0), i64);
    const auto at = [&] { return b.load(b.local(cursor)); };
    const std::uint32_t done = b.new_label();
    const ir::NodeId start = b.store(b.local(cursor), b.const_int(i64, 0));
    const ir::NodeId more = b.compare(ir::CompareOp::Lt, at(), b.const_int(i64, row.count));
    const ir::NodeId same = e.places(row.element, b.index(e.left(layout), at()), b.index(e.right(layout), at()));
    const ir::NodeId differ = b.if_(same, e.unit(), b.return_(e.truth(false)), void_type());
    const ir::NodeId next = b.store(b.local(cursor), b.binary(ir::BinaryOp::Add, at(), b.const_int(i64, 1)));
    const ir::NodeId steps[] = {differ, next, e.unit()};
    const ir::NodeId body = b.block(b.new_label(), void_type(), steps);
    const ir::NodeId guarded = b.if_(more, body, b.break_(done), void_type());
    const ir::NodeId parts[] = {start, b.loop(done, void_type(), guarded), b.return_(e.truth(true))};
    b.function().root = b.block(b.new_label(), never_type(), parts);
    break;
  }
  case TypeKind::Optional: {
    const bool sentinel = types.is_sentinel_optional(type);
    const auto has = [&](ir::NodeId optional) {
      if (!sentinel)
        return b.load(b.field(optional, 1));
      return b.convert(ir::ConvertOp::Truth, b.load(b.field(optional, 0)), bool_type());
    };
    e.leave_unless(e.equal(has(e.left(layout)), has(e.right(layout))));
    e.leave_if(e.negated(has(e.left(layout))), true);
    if (sentinel)
      e.finish(e.places(row.element, e.left(layout), e.right(layout)));
    else
      e.finish(e.places(row.element, b.field(e.left(layout), 0), b.field(e.right(layout), 0)));
    break;
  }
  default: e.finish(e.places(type, e.left(layout), e.right(layout))); break;
  }
  return id;
}

ir::FuncId Lowerer::Impl::tuple_order_function(sema::TypeId type, bool or_equal) {
  const HelperKey key{or_equal ? HelperKind::TupleLessEqual : HelperKind::TupleLess, type.value};
  if (auto found = helpers_.find(key); found != helpers_.end())
    return found->second;
  ir::FuncId id;
  declare_helper((or_equal ? "less_equal." : "less.") + types.name(type), two_pointers_to_bool(*this), {}, id);
  helpers_.emplace(key, id);
  EqualityBuilder e(*this, id);
  ir::Builder& b = e.b();
  const ir::TypeId layout = storage_type(type);
  // R2.83: the first unequal pair decides by the ordering of its element type.
  const sema::Type row = types[type];
  for (std::uint32_t i = 0; i < row.elements.size(); ++i) {
    const ir::NodeId same = e.places(row.elements[i], b.field(e.left(layout), i), b.field(e.right(layout), i));
    ir::NodeId less;
    if (types.is(row.elements[i], TypeKind::Tuple)) {
      const ir::NodeId addresses[] = {b.address_of(b.field(e.left(layout), i)),
                                      b.address_of(b.field(e.right(layout), i))};
      less = b.call(tuple_order_function(row.elements[i], false), addresses);
    } else {
      const ir::NodeId lhs = b.load(b.field(e.left(layout), i));
      less = b.compare(ir::CompareOp::Lt, lhs, b.load(b.field(e.right(layout), i)));
    }
    e.leave_if(e.negated(same), less);
  }
  e.finish(e.truth(or_equal));
  return id;
}

} // namespace sx::lower
