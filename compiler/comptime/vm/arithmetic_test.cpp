// Every operator at every width against an oracle in 128 bits.

#include "comptime/vm/testing.h"
#include "ir/builder.h"

#include <gtest/gtest.h>

namespace sx::comptime::vm {
namespace {

using testing::ModuleHost;
using testing::word_of;
__extension__ using Wide = __int128;

struct Width {
  unsigned bits;
  bool is_signed;
  Wide low() const { return is_signed ? -(Wide{1} << (bits - 1)) : 0; }
  Wide high() const { return (Wide{1} << (is_signed ? bits - 1 : bits)) - 1; }
  /// The value of a canonical word.
  Wide value(std::uint64_t word) const { return is_signed ? Wide{static_cast<std::int64_t>(word)} : Wide{word}; }
  /// The canonical word of any value.
  std::uint64_t word(Wide value) const {
    ir::Type type;
    type.kind = ir::TypeKind::Int;
    type.bits = static_cast<std::uint8_t>(bits);
    type.is_signed = is_signed;
    return ir::canonical_pattern(type, static_cast<std::uint64_t>(value));
  }
};

struct Answer {
  std::uint64_t word = 0;
  std::optional<Reason> failure;
};

Answer binary_oracle(Width w, ir::BinaryOp op, Wide x, Wide y) {
  const Wide count = y < 0 ? y + (Wide{1} << w.bits) : y;
  switch (op) {
  case ir::BinaryOp::Add: return {w.word(x + y), {}};
  case ir::BinaryOp::Sub: return {w.word(x - y), {}};
  case ir::BinaryOp::Mul:
    return {w.word(static_cast<Wide>(static_cast<unsigned __int128>(x) * static_cast<unsigned __int128>(y))), {}};
  case ir::BinaryOp::Div:
  case ir::BinaryOp::Rem:
    if (y == 0)
      return {0, Reason::DivisionByZero};
    if (w.is_signed && x == w.low() && y == -1)
      return {0, Reason::DivisionOverflow};
    return {w.word(op == ir::BinaryOp::Div ? x / y : x % y), {}};
  case ir::BinaryOp::And: return {w.word(x & y), {}};
  case ir::BinaryOp::Or: return {w.word(x | y), {}};
  case ir::BinaryOp::Xor: return {w.word(x ^ y), {}};
  case ir::BinaryOp::Shl:
    return {count >= w.bits ? 0
                            : w.word(static_cast<Wide>(static_cast<unsigned __int128>(x) << static_cast<int>(count))),
            {}};
  case ir::BinaryOp::Shr: return {w.word(count >= w.bits ? (x < 0 ? -1 : 0) : x >> static_cast<int>(count)), {}};
  }
  return {};
}

std::vector<Wide> samples(Width w) {
  std::vector<Wide> values;
  for (const Wide base : {Wide{0}, w.low(), w.high(), Wide{w.bits}, Wide{100}, Wide{1} << (w.bits / 2)})
    for (int delta = -1; delta <= 1; ++delta)
      if (base + delta >= w.low() && base + delta <= w.high())
        values.push_back(base + delta);
  return values;
}

// All samples of one width in one module: a function of a constant and a local each, so that both the immediate and
// the register form run.
class Cases {
public:
  Cases() : host_(module_) {}

  ir::Module& module() { return module_; }

  template <class Body> ir::FuncId add(ir::TypeId result, Body&& body) {
    module_.functions.emplace_back();
    ir::Function& function = module_.functions.back();
    function.name = function.symbol = module_.strings.intern("f" + std::to_string(module_.functions.size()));
    ir::Builder b(module_, function);
    function.signature = b.signature_type({}, result);
    std::vector<ir::NodeId> statements;
    const ir::NodeId value = body(b, statements);
    statements.push_back(b.return_(value));
    b.finish(b.block(b.new_label(), b.never_type(), statements));
    return ir::FuncId(module_.functions.size() - 1);
  }

  void expect(Engine& engine, ir::FuncId function, const Answer& answer, const std::string& what) {
    const Outcome outcome = engine.evaluate({function, {}, Mode::Comptime, {}});
    if (answer.failure) {
      ASSERT_TRUE(outcome.failure) << what;
      EXPECT_EQ(outcome.failure->reason, *answer.failure) << what;
      return;
    }
    ASSERT_TRUE(outcome.image) << what << ": " << (outcome.failure ? describe(*outcome.failure) : "");
    const std::size_t size = outcome.image->objects[0].bytes.size();
    const std::uint64_t mask = size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * size)) - 1;
    EXPECT_EQ(word_of(outcome), answer.word & mask) << what;
  }
  Host& host() { return host_; }

private:
  ir::Module module_;
  ModuleHost host_;
};

std::string show(Width w, int op, Wide x, Wide y) {
  return std::string(w.is_signed ? "i" : "u") + std::to_string(w.bits) + " " + std::to_string(op) + ": " +
         std::to_string(static_cast<std::int64_t>(x)) + ", " + std::to_string(static_cast<std::int64_t>(y));
}

ir::NodeId in_local(ir::Builder& b, std::vector<ir::NodeId>& statements, ir::TypeId type, std::uint64_t word) {
  const ir::LocalId local = b.add_local({}, type);
  statements.push_back(b.store(b.local(local), b.const_int(type, word)));
  return b.load(b.local(local));
}

// Widths with forms of their own, and some without.
constexpr unsigned widths[] = {1, 2, 3, 7, 8, 12, 16, 31, 32, 33, 48, 63, 64};

TEST(Arithmetic, wraps_and_traps_at_every_width) {
  for (const unsigned bits : widths)
    for (const bool is_signed : {true, false}) {
      const Width w{bits, is_signed};
      Cases cases;
      struct Pending {
        ir::FuncId function;
        Answer answer;
        std::string what;
      };
      std::vector<Pending> pending;
      const auto values = samples(w);
      for (int op = 0; op <= static_cast<int>(ir::BinaryOp::Shr); ++op)
        for (std::size_t i = 0; i < values.size(); ++i)
          for (std::size_t j = 0; j < values.size(); j += 1 + i % 3) {
            const Wide x = values[i], y = values[j];
            const bool immediate = (i + j) % 2 == 0;
            ir::Function scratch;
            const ir::TypeId type = ir::Builder(cases.module(), scratch).int_type(bits, is_signed);
            const auto function = cases.add(type, [&](ir::Builder& b, auto& statements) {
              const auto lhs = in_local(b, statements, type, w.word(x));
              const auto rhs = immediate ? b.const_int(type, w.word(y)) : in_local(b, statements, type, w.word(y));
              return b.binary(static_cast<ir::BinaryOp>(op), lhs, rhs);
            });
            pending.push_back({function, binary_oracle(w, static_cast<ir::BinaryOp>(op), x, y), show(w, op, x, y)});
          }
      const auto engine = make_vm_engine(cases.module(), cases.host(), available_dispatch().back());
      for (const Pending& row : pending)
        cases.expect(*engine, row.function, row.answer, row.what);
    }
}

TEST(Arithmetic, compares_and_branches_at_every_width) {
  const auto holds = [](ir::CompareOp op, Wide x, Wide y) {
    switch (op) {
    case ir::CompareOp::Eq: return x == y;
    case ir::CompareOp::Ne: return x != y;
    case ir::CompareOp::Lt: return x < y;
    case ir::CompareOp::Le: return x <= y;
    case ir::CompareOp::Gt: return x > y;
    case ir::CompareOp::Ge: return x >= y;
    }
    return false;
  };
  for (const unsigned bits : widths)
    for (const bool is_signed : {true, false}) {
      const Width w{bits, is_signed};
      Cases cases;
      std::vector<std::pair<ir::FuncId, std::pair<std::uint64_t, std::string>>> pending;
      const auto values = samples(w);
      for (int op = 0; op < 6; ++op)
        for (std::size_t i = 0; i < values.size(); ++i)
          for (std::size_t j = 0; j < values.size(); j += 2) {
            ir::Function scratch;
            ir::Builder types(cases.module(), scratch);
            const ir::TypeId type = types.int_type(bits, is_signed), byte = types.int_type(8, false);
            const Wide x = values[i], y = values[j];
            const auto function = cases.add(byte, [&](ir::Builder& b, auto& statements) {
              // The value of the comparison, the branch on it, and the branch on a constant left side.
              const auto compare = [&](bool left, bool right) {
                const auto lhs = left ? b.const_int(type, w.word(x)) : in_local(b, statements, type, w.word(x));
                const auto rhs = right ? b.const_int(type, w.word(y)) : in_local(b, statements, type, w.word(y));
                return b.compare(static_cast<ir::CompareOp>(op), lhs, rhs);
              };
              const auto bit = [&](ir::NodeId condition, unsigned value) {
                return b.if_(condition, b.const_int(byte, value), b.const_int(byte, 0), byte);
              };
              const auto value = b.convert(ir::ConvertOp::Resize, compare(false, false), byte);
              const auto first = bit(compare(false, false), 2), second = bit(compare(false, true), 4);
              const auto third = bit(compare(true, false), 8);
              return b.binary(ir::BinaryOp::Or, b.binary(ir::BinaryOp::Or, value, first),
                              b.binary(ir::BinaryOp::Or, second, third));
            });
            pending.push_back({function, {holds(static_cast<ir::CompareOp>(op), x, y) ? 15u : 0u, show(w, op, x, y)}});
          }
      const auto engine = make_vm_engine(cases.module(), cases.host(), available_dispatch().back());
      for (const auto& [function, row] : pending)
        cases.expect(*engine, function, {row.first, {}}, row.second);
    }
}

TEST(Arithmetic, converts_between_all_widths) {
  for (const unsigned from_bits : widths)
    for (const unsigned to_bits : widths)
      for (int signs = 0; signs < 4; ++signs) {
        const Width from{from_bits, (signs & 1) != 0}, to{to_bits, (signs & 2) != 0};
        Cases cases;
        std::vector<std::pair<ir::FuncId, Wide>> pending;
        for (const Wide x : samples(from)) {
          ir::Function scratch;
          ir::Builder types(cases.module(), scratch);
          const ir::TypeId source = types.int_type(from_bits, from.is_signed),
                           target = types.int_type(to_bits, to.is_signed);
          pending.push_back({cases.add(target,
                                       [&](ir::Builder& b, auto& statements) {
                                         return b.convert(ir::ConvertOp::Resize,
                                                          in_local(b, statements, source, from.word(x)), target);
                                       }),
                             x});
        }
        const auto engine = make_vm_engine(cases.module(), cases.host(), available_dispatch().back());
        for (const auto& [function, x] : pending)
          cases.expect(*engine, function, {to.word(x), {}}, show(from, static_cast<int>(to_bits), x, signs));
      }
}

TEST(Arithmetic, saturates_floats_to_integers) {
  struct Row {
    double value;
    unsigned bits;
    bool is_signed;
    std::int64_t expected;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const Row rows[] = {
      {1.9, 32, true, 1},    {-1.9, 32, true, -1},        {nan, 32, true, 0},
      {inf, 8, true, 127},   {-inf, 8, true, -128},       {300, 8, false, 255},
      {-5, 8, false, 0},     {63.9, 7, true, 63},         {64, 7, true, 63},
      {-64.9, 7, true, -64}, {1e30, 64, true, INT64_MAX}, {-1e30, 64, true, INT64_MIN},
      {1e30, 64, false, -1}, {0.99, 64, false, 0},        {4294967295.5, 32, false, 4294967295},
  };
  for (const Row& row : rows)
    for (const unsigned float_bits : {32u, 64u}) {
      if (float_bits == 32 && static_cast<double>(static_cast<float>(row.value)) != row.value && row.value == row.value)
        continue;
      Cases cases;
      ir::Function scratch;
      ir::Builder types(cases.module(), scratch);
      const ir::TypeId target = types.int_type(row.bits, row.is_signed), source = types.float_type(float_bits);
      const std::uint64_t pattern = float_bits == 64 ? std::bit_cast<std::uint64_t>(row.value)
                                                     : std::bit_cast<std::uint32_t>(static_cast<float>(row.value));
      const auto function = cases.add(target, [&](ir::Builder& b, auto&) {
        return b.convert(ir::ConvertOp::FloatToInt, b.const_float(source, pattern), target);
      });
      const auto engine = make_vm_engine(cases.module(), cases.host(), Dispatch::Switch);
      cases.expect(*engine, function, {static_cast<std::uint64_t>(row.expected), {}}, std::to_string(row.value));
    }
}

} // namespace
} // namespace sx::comptime::vm
