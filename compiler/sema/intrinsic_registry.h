#pragma once
// The list of intrinsics (7.10): what exists, where it is declared, how many parameters it has, who answers a call.

#include <cstdint>
#include <string_view>

namespace sx::sema {

/// Which part of the checker answers a call.
enum class IntrinsicForm : std::uint8_t {
  TypeQuery,   ///< one type in, a constant out, or a query of a type word (R8.303)
  MemberQuery, ///< a type and a member index
  MemberView,  ///< a value and a member index: a view of the member (R8.305)
  TypeOf,
  VariantIndex,
  ErrorName,
  AnyElement,
  AnyData,
  MakeAny,
  TypeEq,
  HasImpl,
  IsComptime,
  PrintFrames,
  ResolveFrame,
  Math,
  Atomic,
  TypeInfo,
  Evaluate, ///< served by the evaluator only
};

/// One entry of `intrinsic_registry.def`. `number` is its position, dense from 0.
struct IntrinsicEntry {
  std::string_view module; ///< declaring module below the library root, empty: known without declaration
  std::string_view name;
  std::uint32_t parameters = 0;
  IntrinsicForm form = IntrinsicForm::TypeQuery;
  std::uint32_t number = 0;
};

/// The entry called `name`, or null.
const IntrinsicEntry* find_intrinsic(std::string_view name);

/// True if a file spelled `path` is the registered module `module`: equal, or below some directory.
bool is_library_module(std::string_view path, std::string_view module);

} // namespace sx::sema
