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

/// A muted check whose effects on names and facts are undone; nodes it made stay in the body, unused.
class BodyChecker::Tentative {
public:
  explicit Tentative(BodyChecker& checker)
      : checker_(checker), scope_(checker), errors_(checker.errors_), kills_(checker.killed_facts_.size()) {
    ++checker_.tentative_;
    checker_.diagnostics().mute();
  }
  ~Tentative() {
    checker_.diagnostics().unmute();
    --checker_.tentative_;
    checker_.errors_ = errors_;
    checker_.killed_facts_.resize(kills_);
  }
  bool failed() const { return checker_.errors_ != errors_; }

private:
  BodyChecker& checker_;
  Scope scope_;
  std::size_t errors_;
  std::size_t kills_;
};

/// Counts nesting over all bodies that are being checked.
class BodyChecker::DepthGuard {
public:
  explicit DepthGuard(BodyChecker& checker) : depth_(checker.checker_.body_depth) { ++depth_; }
  ~DepthGuard() { --depth_; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;
  bool exceeded() const { return depth_ > max_depth; }

private:
  int& depth_;
};

/// Inside a category arm, `xx v` of the matched `any` reads by category (R2.94, R3.15.28).
class BodyChecker::CategoryScope {
public:
  CategoryScope(BodyChecker& checker, StringId subject, std::span<const Category> categories) : checker_(checker) {
    if (!subject.valid() || categories.size() != 1 ||
        (categories[0] != Category::Int && categories[0] != Category::Float))
      return;
    const Binding* binding = checker.own_binding(subject);
    if (binding == nullptr || !binding->local.valid())
      return;
    checker.category_subjects_.push_back({binding->local, categories[0]});
    active_ = true;
  }
  ~CategoryScope() {
    if (active_)
      checker_.category_subjects_.pop_back();
  }
  CategoryScope(const CategoryScope&) = delete;
  CategoryScope& operator=(const CategoryScope&) = delete;

private:
  BodyChecker& checker_;
  bool active_ = false;
};

/// The names visible at a declaration that outlives the body it stands in.
class BodyChecker::Snapshot : public LocalNames {
public:
  explicit Snapshot(const LocalNames* outer) : outer_(outer) {}
  std::optional<LocalEntity> find_local(StringId name) const override {
    if (const auto found = names_.find(name); found != names_.end())
      return found->second;
    return outer_ == nullptr ? std::nullopt : outer_->find_local(name);
  }
  void set(StringId name, LocalEntity entity) { names_.insert_or_assign(name, std::move(entity)); }

private:
  const LocalNames* outer_;
  std::map<StringId, LocalEntity> names_;
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
