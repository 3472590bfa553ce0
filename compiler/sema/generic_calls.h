#pragma once
// One call of a generic or pack function: binds its `$` parameters, requests the instance, passes the arguments (5.3,
// 5.5, 5.21).

#include "sema/body_checker.h"
#include "sema/inference.h"

#include <optional>
#include <vector>

namespace sx::sema {

class GenericCall {
public:
  /// `declaration` has at least one `$` parameter or pack; `owner` binds the parameters of the type it is a method of.
  GenericCall(BodyChecker& body, CallSite& site, DeclId declaration, EnvironmentId owner);

  /// The whole call; poison after a report.
  Operand run();
  /// Could every type parameter be bound? Nothing is reported, no instance is made (R4.61).
  bool binds();
  /// The receiver's type is a bare type parameter behind pointers: the less specific candidate (R5.58).
  bool has_bare_receiver() const;

private:
  /// A written formal.
  struct Formal {
    enum class Kind : std::uint8_t { Type, Value, Comptime, Variadic, Pack };
    Kind kind = Kind::Value;
    AstId node;
    StringId name;
    AstId type;
    AstId initial;
  };

  void collect_formals();
  void introduce(AstId type);
  bool is_header_name(StringId name) const;
  /// Takes the explicit type arguments out of the argument list if the counting rule says so (R5.13).
  void take_explicit();
  bool spreads_named_operands();
  bool bind();
  void infer();
  void infer_from(const Formal& formal, const BoundArgument& argument);
  std::optional<TypeId> argument_type(const BoundArgument& argument);
  bool bind_packs();
  bool has_pack() const;
  EnvironmentId bound_so_far();
  bool infer_lambdas();
  bool infer_result();
  bool bind_comptime();
  std::optional<ConstValue> comptime_value(const Formal& formal, const BoundArgument& argument, TypeId type);
  std::optional<ConstValue> constant_of(const Operand& operand, TypeId type);
  bool check_constraints();
  bool check_constraint(const TypeParameter& parameter, AstId constraint);
  bool report_open();
  std::optional<std::vector<TypeId>> instance_arguments(AstId head, TypeId actual);
  bool travels_at_run_time(const Formal& formal);
  bool has_format_arguments();
  bool note_origin(FunctionId function);
  Operand call();

  TypeTable& types() { return body_.types(); }
  Checker& checker() { return body_.checker(); }

  BodyChecker& body_;
  CallSite& site_;
  DeclId declaration_;
  EnvironmentId environment_; ///< grows while parameters are bound
  Site declaring_;
  syntax::NodeList params_;
  AstId result_; ///< written result, or none
  std::vector<Formal> formals_;
  std::vector<TypeParameter> parameters_;
  std::vector<AstId> arguments_; ///< without explicit type arguments
  CallSite value_site_;          ///< `site_` with `arguments_`
  std::vector<Parameter> value_parameters_;
  std::vector<std::size_t> value_formals_; ///< formal of each value parameter
  std::vector<BoundArgument> bound_;
  CheckedArguments checked_;
  bool poisoned_argument_ = false;
};

} // namespace sx::sema
