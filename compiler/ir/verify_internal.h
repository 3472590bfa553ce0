#pragma once
// Shared by the parts of the verifier: verify.cpp (tables), verify_tree.cpp (structure), verify_types.cpp (types).

#include "ir/verify.h"

namespace sx::ir {

/// Collects errors up to a bound.
class VerifySink {
public:
  VerifySink(const Module& module, std::size_t max_errors) : module_(module), max_errors_(max_errors) {}

  void report(Rule rule, std::string detail, FuncId function = {}, NodeId node = {});
  bool full() const { return errors_.size() >= max_errors_; }
  std::size_t count() const { return errors_.size(); }
  std::vector<VerifyError> take() { return std::move(errors_); }

private:
  const Module& module_;
  std::size_t max_errors_;
  std::vector<VerifyError> errors_;
};

/// A row that values can have in memory: not never, not a signature.
bool is_storable(const Module& module, TypeId id);

/// Structure of a body: order, single use, lists, table ids, categories, depth. True if it is a sound tree.
bool verify_tree(const Module& module, FuncId function, VerifySink& sink);

/// Types of the nodes and scopes of the labels of a sound tree.
void verify_types(const Module& module, FuncId function, VerifySink& sink);

} // namespace sx::ir
