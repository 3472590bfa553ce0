#pragma once
// Checks one call of an intrinsic (7.10). Arguments are checked here, not by the general binder: their positions are
// types, members and orderings as often as values.

#include "sema/body_checker.h"
#include "sema/intrinsic_registry.h"

#include <optional>
#include <string_view>

namespace sx::sema {

class IntrinsicCall {
public:
  IntrinsicCall(BodyChecker& body, CallSite& site, const IntrinsicEntry& entry, Span name_span)
      : body_(body), site_(site), entry_(entry), name_span_(name_span) {}
  Operand check();

private:
  /// A type argument: a static type, or a run-time word of type Type.
  struct TypeArgument {
    TypeId type;      ///< static, or invalid
    hir::NodeId word; ///< dynamic
    bool poisoned = false;
    bool from_any = false; ///< dynamic, and the argument was an `any`
    bool is_static() const { return type.valid(); }
  };

  /// A written argument, or one that is checked already: the receiver of a dot call, a part of a spread.
  struct Argument {
    AstId node; ///< invalid if checked
    Operand operand;
    Span span;
  };

  /// Fills `arguments_`; false after a report.
  bool list_arguments();
  Operand dispatch();
  Span argument_span(std::size_t i) const { return arguments_[i].span; }
  /// Argument `i` as a place or value.
  Operand argument(std::size_t i, Expect expect = Expect::none());
  Operand argument_as(std::size_t i, TypeId type);
  TypeArgument type_argument(std::size_t i);
  hir::NodeId word_of(const TypeArgument& argument, Span span);
  hir::NodeId held_type_word(const Operand& any_value, Span span);
  std::optional<std::int64_t> constant_index(std::size_t i, bool report);

  Operand type_query();
  Operand static_query(TypeId type);
  bool gate(TypeId type);
  Operand member_query();
  Operand static_member(TypeId type, std::int64_t index);
  Operand member_view();
  Operand view_of_any(const Operand& receiver);
  Operand view_of_place(const Operand& receiver);
  Operand type_of();
  Operand variant_index();
  Operand run_time_variant_index(hir::NodeId type_word, const Operand& any_operand);
  hir::NodeId switch_case(std::int64_t value, hir::NodeId result);
  /// The tag word behind the `any` in `view`, extended by the signedness that `type` gives its tag.
  hir::NodeId tag_word(hir::LocalId view, hir::LocalId type);
  Operand resolve_frame();
  Operand error_name();
  Operand any_element();
  Operand any_data();
  Operand make_any();
  Operand type_eq();
  Operand has_impl();
  Operand type_info();
  Operand evaluated();
  Operand members_argument(std::size_t i);
  Operand math();
  Operand atomic();
  std::optional<std::uint32_t> ordering(std::size_t i);
  bool atomic_type_allowed(TypeId type, bool needs_integer, Span at);

  Operand type_operand(TypeId type);
  Operand integer(std::int64_t value, TypeId type);
  Operand boolean(bool value);
  Operand string(std::string_view text);
  Operand make_intrinsic(hir::Intrinsic which, std::initializer_list<hir::NodeId> args, TypeId result, TypeId type = {},
                         std::uint32_t immediate = 0);
  /// `{data, type}` as an `any`.
  Operand any_value(hir::NodeId data, hir::NodeId type_word);
  /// `data` moved by `bytes`.
  hir::NodeId advance(hir::NodeId data, hir::NodeId bytes);
  hir::NodeId member_of_any(hir::LocalId any_local, std::uint32_t member);
  TypeTable& types() { return body_.types(); }

  BodyChecker& body_;
  CallSite& site_;
  std::vector<Argument> arguments_;
  std::vector<hir::NodeId> before_; ///< operands of empty spreads
  const IntrinsicEntry& entry_;
  Span name_span_;
};

} // namespace sx::sema
