#pragma once
// The verifier: says whether a module keeps every rule of `rules.def`, on which engines and back end rely.

#include "ir/module.h"

#include <string>
#include <string_view>
#include <vector>

namespace sx::ir {

enum class Rule : std::uint8_t {
#define SX_IR_RULE(rule, name, text) rule,
#include "ir/rules.def"
};
inline constexpr std::size_t rule_count = 0
#define SX_IR_RULE(rule, name, text) +1
#include "ir/rules.def"
    ;
std::string_view rule_name(Rule rule);
std::string_view rule_text(Rule rule);

struct VerifyError {
  FuncId function; ///< none: the module's tables
  NodeId node;     ///< none: the function as a whole
  Rule rule = Rule::Body;
  std::string message; ///< complete: names function, node and rule
};

/// The errors in table order, at most `max_errors` of them; none: the module is well-formed. Safe on any module, in
/// time linear in its size. A function whose tree is broken isn't typed; functions aren't looked at if the type table
/// is wrong.
std::vector<VerifyError> verify(const Module& module, std::size_t max_errors = 100);

/// The same for one function of a module whose tables are verified (lowering on demand).
std::vector<VerifyError> verify_function(const Module& module, FuncId function, std::size_t max_errors = 100);

} // namespace sx::ir
