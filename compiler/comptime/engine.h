#pragma once
// The interface of a compile-time engine, and what an engine asks of its surroundings.

#include "comptime/outcome.h"
#include "ir/module.h"

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace sx::comptime {

/// Limits count source-level things only (calls, loop back-edges, nesting, bytes), so both engines meet them at the
/// same point. Every limit gives an evaluation failure.
struct Limits {
  std::uint64_t calls = 200'000'000;
  std::uint64_t back_edges = 2'000'000'000;
  std::uint32_t depth = 4096;                                 ///< active calls (R7.175: at least 512)
  std::uint64_t heap_bytes = std::uint64_t{1} << 30;          ///< allocated in total
  std::uint64_t single_allocation = std::uint64_t{256} << 20; ///< R7.162
  std::uint64_t frame_bytes = std::uint64_t{256} << 20;       ///< locals and temporaries of all active calls
};

/// Comptime: `#run` rules (R7.155 to R7.167): module variables are read-only copies, `is_comptime` is true.
/// Main: the program itself on the modelled host library: variables are mutable, `is_comptime` is false.
enum class Mode : std::uint8_t { Comptime, Main };

/// Services of the surroundings. One object serves one compilation; engines call it during `evaluate`.
class Host {
public:
  virtual ~Host() = default;
  /// Makes sure `function` has a body (lowering it if needed). False: it has none; the failure is already reported.
  virtual bool ensure_body(ir::FuncId function) = 0;
  /// The initial value of a global, evaluated on demand and memoised (R7.157). Null image: all zero bytes.
  virtual std::expected<const ir::FoldImage*, Failure> global_image(ir::GlobalId global) = 0;
  /// Writes program output; `fd` is 1 or 2. False: not a writable descriptor.
  virtual bool write(int fd, std::string_view bytes) = 0;
  /// The compiler API (7.15): `call` selects. Arguments travel as text, by their IR type: bool and integers in signed
  /// or unsigned decimal, `code` as the decimal FuncId, a {ptr, i64} aggregate as the bytes it denotes; one whose type
  /// name starts with "[]" is a slice of 24-byte members {name: string, type: i64}, each encoded as the type word, a
  /// blank, the length of the name, a blank, the name. The result is read back the same way by the node's type.
  virtual std::expected<std::string, Failure> compiler_call(std::uint32_t call,
                                                            std::span<const std::string> arguments) = 0;
};

struct Request {
  ir::FuncId entry;
  /// Values of the entry's parameters; each image has the parameter's type. Usually empty.
  std::span<const ir::FoldImage> arguments;
  Mode mode = Mode::Comptime;
  Limits limits;
};

/// An engine evaluates functions of one module. Each `evaluate` starts from fresh memory (R7.158, R7.160) and may be
/// re-entered through `Host::global_image`. An engine never crashes, hangs or allocates without bound, whatever the
/// module holds, verified or not: it answers with a failure.
class Engine {
public:
  virtual ~Engine() = default;
  virtual std::string_view name() const = 0;
  virtual Outcome evaluate(const Request& request) = 0;
};

/// Text of a failure as the diagnostic shows it.
std::string describe(const Failure& failure);

} // namespace sx::comptime
