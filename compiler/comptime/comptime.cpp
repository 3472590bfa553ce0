#include "comptime/engine.h"
#include "comptime/limits.h"

#include <array>
#include <limits>

namespace sx::comptime {

namespace {

// In the order of `Reason`. `{}` is where the detail goes; without one it follows a colon, if there is any.
constexpr std::array reason_texts = {
    std::string_view("unsupported operation at compile time: `{}`"),
    std::string_view("division by zero"),
    std::string_view("division overflows: the minimum divided by -1"),
    std::string_view("access through a null pointer"),
    std::string_view("access outside of memory"),
    std::string_view("unwrap of an absent optional"),
    std::string_view("assertion failed"),
    std::string_view("call of a null function"),
    std::string_view("end of a function that never returns was reached"),
    std::string_view("recursion limit exceeded"),
    std::string_view("step limit exceeded"),
    std::string_view("allocation limit exceeded"),
    std::string_view("the default context is not available here"),
    std::string_view("a module variable cannot be written at compile time: `{}`"),
    std::string_view("symbol `{}` was not found"),
    std::string_view("function `{}` cannot be called at compile time; `--allow-comptime-ffi` grants it"),
    std::string_view("function `{}` is not declared as the C library has it"),
    std::string_view("service `{}` is not available here"),
    std::string_view("type registration failed"),
    std::string_view("the compiler has no answer"),
    std::string_view("malformed IR"),
    std::string_view("undefined behaviour"),
    std::string_view("`abort` was called"),
    std::string_view("a constant that it reads could not be evaluated"),
    std::string_view("the constant depends on itself"),
    std::string_view("evaluation was interrupted"),
};
static_assert(reason_texts.size() == static_cast<std::size_t>(Reason::Interrupted) + 1);

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

std::uint64_t slot_bytes(const ir::Module& module, ir::TypeId type) {
  const auto layout = module.try_layout(type);
  return layout ? (layout->size + 7) / 8 * 8 : 0;
}

} // namespace

std::string describe(const Failure& failure) {
  const auto index = static_cast<std::size_t>(failure.reason);
  const std::string_view text = index < reason_texts.size() ? reason_texts[index] : "evaluation failed";
  const std::size_t hole = text.find("{}");
  std::string result(text.substr(0, hole));
  if (hole != std::string_view::npos)
    return result.append(failure.detail).append(text.substr(hole + 2));
  if (!failure.detail.empty())
    result.append(": ").append(failure.detail);
  return result;
}

std::uint64_t frame_cost(const ir::Module& module, const ir::Function& function) {
  std::uint64_t total = 0;
  for (const ir::Local& local : function.locals)
    total = saturating_add(total, slot_bytes(module, local.type));
  for (const ir::Node& node : function.nodes)
    if (node.op == ir::Op::PlaceTemp)
      total = saturating_add(total, slot_bytes(module, node.type));
  return total;
}

} // namespace sx::comptime
