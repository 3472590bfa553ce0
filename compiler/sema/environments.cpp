// Generic bindings: interned so that equal bindings are one id, and instances can be memoised by it.

#include "sema/checker.h"

#include <algorithm>
#include <bit>

namespace sx::sema {

namespace {

void mix(std::size_t& seed, std::uint64_t value) {
  seed ^= value + 0x9e3779b97f4a7c15u + (seed << 6) + (seed >> 2);
}

void mix(std::size_t& seed, const ConstValue& value) {
  mix(seed, static_cast<std::uint64_t>(value.kind));
  mix(seed, value.type.value);
  mix(seed, value.bits);
  mix(seed, std::hash<double>{}(value.real));
  mix(seed, value.text.value);
  mix(seed, value.denoted.value);
}

std::size_t hash_of(const Environment& environment) {
  std::size_t seed = environment.bindings.size();
  for (const NamedArgument& binding : environment.bindings) {
    mix(seed, binding.name.value);
    mix(seed, static_cast<std::uint64_t>(binding.argument.kind));
    mix(seed, binding.argument.type.value);
    mix(seed, binding.argument.value);
    for (TypeId type : binding.argument.types)
      mix(seed, type.value);
  }
  return seed;
}

} // namespace

bool operator==(const ConstValue& a, const ConstValue& b) {
  // Bits, not float comparison: NaN is one instance, and the two zeroes are two.
  return a.kind == b.kind && a.type == b.type && a.bits == b.bits && a.text == b.text && a.denoted == b.denoted &&
         a.function == b.function && std::bit_cast<std::uint64_t>(a.real) == std::bit_cast<std::uint64_t>(b.real);
}

bool operator==(const GenericArgument& a, const GenericArgument& b) {
  return a.kind == b.kind && a.type == b.type && a.value == b.value && a.types == b.types &&
         a.constraint == b.constraint;
}

EnvironmentId Checker::extend(EnvironmentId base, std::span<const NamedArgument> bindings) {
  Environment made = environments_[base.valid() ? base.index() : 0];
  for (const NamedArgument& binding : bindings) {
    NamedArgument canonical = binding;
    canonical.argument.value.untyped = canonical.argument.value.is_literal = false;
    const auto known = std::ranges::find(made.bindings, binding.name, &NamedArgument::name);
    if (known == made.bindings.end())
      made.bindings.push_back(std::move(canonical));
    else
      *known = std::move(canonical);
  }
  const std::size_t hash = hash_of(made);
  for (auto [it, last] = environment_index_.equal_range(hash); it != last; ++it)
    if (environments_[it->second.index()].bindings == made.bindings)
      return it->second;
  const EnvironmentId id{environments_.size()};
  environments_.push_back(std::move(made));
  environment_index_.emplace(hash, id);
  return id;
}

const GenericArgument* Checker::find_argument(EnvironmentId id, StringId name) const {
  if (!id.valid())
    return nullptr;
  const auto& bindings = environments_[id.index()].bindings;
  const auto found = std::ranges::find(bindings, name, &NamedArgument::name);
  return found == bindings.end() ? nullptr : &found->argument;
}

std::string Checker::argument_name(const GenericArgument& argument) const {
  switch (argument.kind) {
  case GenericArgument::Kind::Type: return types.argument_name(argument.type);
  case GenericArgument::Kind::Value: {
    const ConstValue& value = argument.value;
    switch (value.kind) {
    case ConstValue::Kind::Bool: return value.bits != 0 ? "true" : "false";
    case ConstValue::Kind::Float: return std::to_string(value.real);
    case ConstValue::Kind::String: return text(value.text);
    default: break;
    }
    const bool is_signed = !types.is_integer(value.type) || types.is_signed(value.type);
    return is_signed ? std::to_string(value.as_signed()) : std::to_string(value.bits);
  }
  case GenericArgument::Kind::Pack: {
    std::string out;
    for (TypeId type : argument.types)
      out += (out.empty() ? "" : "__") + types.argument_name(type);
    return out;
  }
  case GenericArgument::Kind::None: break;
  }
  return {};
}

} // namespace sx::sema
