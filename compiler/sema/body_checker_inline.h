#pragma once
// Template members of BodyChecker.

#include "sema/body_checker.h"

namespace sx::sema {

template <class Work> auto BodyChecker::elsewhere(const Site& other, Work&& work) {
  struct Restore {
    BodyChecker& checker;
    Site where = checker.where_;
    std::size_t floor = checker.floor_;
    bool isolated = checker.isolated_;
    const LocalNames* outer = checker.outer_names_;
    std::vector<hir::LocalId> facts = std::move(checker.facts_);
    std::vector<hir::LoopId> loops = std::move(checker.loops_);
    std::map<std::pair<const syntax::Tree*, std::uint64_t>, NaturalType> natural = std::move(checker.natural_types_);
    ~Restore() {
      checker.where_ = where;
      checker.floor_ = floor;
      checker.isolated_ = isolated;
      checker.outer_names_ = outer;
      checker.facts_ = std::move(facts);
      checker.loops_ = std::move(loops);
      checker.natural_types_ = std::move(natural);
    }
  } restore{*this};
  where_ = other;
  outer_names_ = other.locals;
  where_.locals = this;
  floor_ = bindings_.size();
  isolated_ = true;
  facts_.clear();
  loops_.clear();
  natural_types_.clear();
  return work();
}

} // namespace sx::sema
