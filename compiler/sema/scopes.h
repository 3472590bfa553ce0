#pragma once
// Guards that restore a BodyChecker's state at the end of a construct.

#include "sema/body_checker.h"

namespace sx::sema {

/// A lexical scope: bindings end here, facts established inside end here, facts killed inside stay killed (R6.46).
class BodyChecker::Scope {
public:
  explicit Scope(BodyChecker& checker)
      : checker_(checker), bindings_(checker.bindings_.size()), kills_(checker.killed_facts_.size()),
        facts_(checker.facts_) {}
  ~Scope() {
    checker_.bindings_.resize(bindings_);
    checker_.facts_ = std::move(facts_);
    for (std::size_t i = kills_; i < checker_.killed_facts_.size(); ++i)
      std::erase(checker_.facts_, checker_.killed_facts_[i]);
  }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

private:
  BodyChecker& checker_;
  std::size_t bindings_;
  std::size_t kills_;
  std::vector<hir::LocalId> facts_;
};

/// Sets a value for the time of a construct.
template <class T> class Scoped {
public:
  Scoped(T& slot, T value) : slot_(slot), old_(std::move(slot)) { slot_ = std::move(value); }
  ~Scoped() { slot_ = std::move(old_); }
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;

private:
  T& slot_;
  T old_;
};

} // namespace sx::sema
