#include "comptime/engine.h"
#include "comptime/failures.h"
#include "comptime/host_library.h"
#include "comptime/limits.h"
#include "comptime/trace_text.h"
#include "ir/builder.h"
#include "ir/typing.h"

#include <array>
#include <bit>
#include <cstring>
#include <gtest/gtest.h>
#include <set>

namespace sx::comptime {
namespace {

TEST(Describe, EveryReasonHasItsOwnText) {
  std::set<std::string> texts;
  for (int i = 0; i <= static_cast<int>(Reason::Interrupted); ++i)
    texts.insert(describe(fail(static_cast<Reason>(i))));
  EXPECT_EQ(texts.size(), static_cast<std::size_t>(Reason::Interrupted) + 1);
}

TEST(Describe, DetailFillsTheHoleOrFollows) {
  EXPECT_EQ(describe(fail(Reason::SymbolNotFound, {}, "getpid")), "symbol `getpid` was not found");
  EXPECT_EQ(describe(fail(Reason::MalformedIr, {}, "no root")), "malformed IR: no root");
  EXPECT_EQ(describe(fail(Reason::DivisionByZero)), "division by zero");
}

TEST(Limits, EmptyBlocksCost) {
  EXPECT_EQ(allocation_cost(0), 32u);
  EXPECT_EQ(allocation_cost(1), 32u);
  EXPECT_EQ(allocation_cost(16), 32u);
  EXPECT_EQ(allocation_cost(17), 48u);
  EXPECT_EQ(allocation_cost(~0ull), ~0ull);
}

TEST(Limits, TotalAndSingleSizesAreChecked) {
  Limits limits;
  limits.heap_bytes = 100;
  limits.single_allocation = 50;
  EXPECT_TRUE(allocation_allowed(limits, 0, 50));
  EXPECT_FALSE(allocation_allowed(limits, 0, 51));
  EXPECT_FALSE(allocation_allowed(limits, 69, 16));
  EXPECT_TRUE(allocation_allowed(limits, 68, 16));
  EXPECT_FALSE(allocation_allowed(limits, 101, 0));
}

TEST(Limits, FrameCostCountsLocalsAndTemporaries) {
  ir::Module module;
  ir::Function function;
  ir::Builder b(module, function);
  b.add_local({}, b.int_type(8, false));
  b.add_local({}, b.array_type(b.int_type(32, true), 3));
  b.temp(b.const_int(b.int_type(64, true), 1));
  EXPECT_EQ(frame_cost(module, function), 8u + 16u + 8u);
  function.locals.push_back({{}, ir::TypeId(999u)});
  EXPECT_EQ(frame_cost(module, function), 32u);
}

// A flat memory of 4 KiB; addresses below 16 and above its end are refused.
class FlatMemory final : public Memory {
public:
  template <class T> using Checked = std::expected<T, Failure>;
  Checked<void> check(std::uint64_t address, std::uint64_t size) const {
    if (size != 0 && (address < 16 || address > bytes.size() || size > bytes.size() - address))
      return std::unexpected(fail(Reason::OutOfBounds));
    return {};
  }
  Checked<void> read(std::uint64_t address, std::span<std::uint8_t> out) override {
    if (auto bad = check(address, out.size()); !bad)
      return bad;
    if (!out.empty())
      std::memcpy(out.data(), bytes.data() + address, out.size());
    return {};
  }
  Checked<void> write(std::uint64_t address, std::span<const std::uint8_t> in) override {
    if (auto bad = check(address, in.size()); !bad)
      return bad;
    if (!in.empty())
      std::memcpy(bytes.data() + address, in.data(), in.size());
    return {};
  }
  Checked<void> write_pointer(std::uint64_t address, std::uint64_t pointer) override {
    return write(address, std::bit_cast<std::array<std::uint8_t, 8>>(pointer));
  }
  Checked<void> move(std::uint64_t to, std::uint64_t from, std::uint64_t size) override {
    if (auto bad = check(from, size); !bad)
      return bad;
    if (auto bad = check(to, size); !bad)
      return bad;
    if (size != 0)
      std::memmove(bytes.data() + to, bytes.data() + from, size);
    return {};
  }
  Checked<void> fill(std::uint64_t address, std::uint8_t byte, std::uint64_t size) override {
    if (auto bad = check(address, size); !bad)
      return bad;
    if (size != 0)
      std::memset(bytes.data() + address, byte, size);
    return {};
  }
  Checked<std::uint64_t> allocate(std::uint64_t size) override {
    const std::uint64_t address = next;
    next += allocation_cost(size);
    sizes[address] = size;
    return address;
  }
  Checked<void> release(std::uint64_t address) override {
    released.push_back(address);
    return {};
  }
  Checked<std::uint64_t> allocation_size(std::uint64_t address) override { return sizes[address]; }
  Checked<std::uint64_t> string_length(std::uint64_t address) override {
    for (std::uint64_t i = 0;; ++i) {
      if (auto bad = check(address + i, 1); !bad)
        return std::unexpected(bad.error());
      if (bytes[address + i] == 0)
        return i;
    }
  }

  std::uint64_t text(std::uint64_t address, std::string_view content) {
    std::memcpy(bytes.data() + address, content.data(), content.size());
    bytes[address + content.size()] = 0;
    return address;
  }
  std::string string(std::uint64_t address) const { return reinterpret_cast<const char*>(bytes.data() + address); }

  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(4096);
  std::uint64_t next = 2048;
  std::map<std::uint64_t, std::uint64_t> sizes;
  std::vector<std::uint64_t> released;
};

class OutputHost final : public Host {
public:
  bool ensure_body(ir::FuncId) override { return false; }
  std::expected<const ir::FoldImage*, Failure> global_image(ir::GlobalId) override { return nullptr; }
  bool write(int fd, std::string_view bytes) override {
    if (fd != 1 && fd != 2)
      return false;
    output[fd] += bytes;
    return true;
  }
  std::expected<std::string, Failure> compiler_call(std::uint32_t, std::span<const std::string>) override {
    return std::string();
  }
  std::map<int, std::string> output;
};

struct Library : ::testing::Test {
  std::expected<HostResult, Failure> invoke(std::string_view symbol, std::vector<Word> arguments) {
    const HostEntry* entry = find_host_function(symbol);
    if (!entry || entry->arguments() != arguments.size())
      return std::unexpected(fail(Reason::SymbolNotFound, {}, symbol));
    HostCallContext context{memory, host, limits, pointer_bytes};
    return entry->function(context, arguments);
  }
  Word call(std::string_view symbol, std::vector<Word> arguments) {
    const auto result = invoke(symbol, std::move(arguments));
    EXPECT_TRUE(result.has_value()) << symbol << ": " << (result ? "" : describe(result.error()));
    return result ? result->value : 0xbad;
  }
  std::int64_t number(std::string_view symbol, std::vector<Word> arguments) {
    return static_cast<std::int64_t>(call(symbol, std::move(arguments)));
  }
  Reason refused(std::string_view symbol, std::vector<Word> arguments) {
    const auto result = invoke(symbol, std::move(arguments));
    EXPECT_FALSE(result.has_value()) << symbol;
    return result ? Reason::Interrupted : result.error().reason;
  }

  FlatMemory memory;
  OutputHost host;
  Limits limits;
  std::uint32_t pointer_bytes = 8;
};

constexpr std::uint64_t at = 100, other = 300;

TEST_F(Library, UnknownSymbolsAreNotModelled) {
  EXPECT_EQ(find_host_function("system"), nullptr);
  EXPECT_EQ(find_host_function(""), nullptr);
}

TEST_F(Library, AllocationsAreBounded) {
  EXPECT_NE(call("malloc", {0}), 0u);
  EXPECT_EQ(refused("malloc", {~0ull}), Reason::AllocationLimit);
  EXPECT_EQ(refused("malloc", {limits.single_allocation + 1}), Reason::AllocationLimit);
  EXPECT_EQ(refused("calloc", {1u << 20, 1u << 20}), Reason::AllocationLimit);
  EXPECT_EQ(refused("memcpy", {at, other, ~0ull}), Reason::AllocationLimit);
}

TEST_F(Library, ReallocKeepsTheCommonPart) {
  const Word block = call("malloc", {4});
  memory.text(block, "abc");
  const Word larger = call("realloc", {block, 32});
  EXPECT_EQ(memory.string(larger), "abc");
  EXPECT_EQ(memory.released, std::vector<std::uint64_t>{block});
  EXPECT_NE(call("realloc", {0, 8}), 0u);
}

TEST_F(Library, MemoryFunctionsReturnTheDestination) {
  memory.text(at, "hello");
  EXPECT_EQ(call("memcpy", {other, at, 6}), other);
  EXPECT_EQ(memory.string(other), "hello");
  EXPECT_EQ(call("memmove", {at + 1, at, 5}), at + 1);
  EXPECT_EQ(memory.string(at), "hhello");
  EXPECT_EQ(call("memset", {at, 0x141, 2}), at);
  EXPECT_EQ(memory.string(at), "AAello");
  EXPECT_EQ(call("memchr", {at, 'l', 6}), at + 3);
  EXPECT_EQ(call("memchr", {at, 'z', 6}), 0u);
  EXPECT_EQ(number("memcmp", {at, other, 2}), -1);
  EXPECT_EQ(number("memcmp", {at, at, 6}), 0);
}

TEST_F(Library, StringFunctions) {
  memory.text(at, "abcabc");
  memory.text(other, "abd");
  EXPECT_EQ(call("strlen", {at}), 6u);
  EXPECT_EQ(call("strnlen", {at, 4}), 4u);
  EXPECT_EQ(number("strcmp", {at, other}), -1);
  EXPECT_EQ(number("strcmp", {other, at}), 1);
  EXPECT_EQ(number("strncmp", {at, other, 2}), 0);
  EXPECT_EQ(call("strchr", {at, 'b'}), at + 1);
  EXPECT_EQ(call("strrchr", {at, 'b'}), at + 4);
  EXPECT_EQ(call("strchr", {at, 0}), at + 6);
  EXPECT_EQ(call("strchr", {at, 'z'}), 0u);
  EXPECT_EQ(call("strstr", {at, memory.text(500, "cab")}), at + 2);
  EXPECT_EQ(call("strstr", {at, memory.text(500, "x")}), 0u);
  EXPECT_EQ(call("strcat", {at, other}), at);
  EXPECT_EQ(memory.string(at), "abcabcabd");
  EXPECT_EQ(call("strncat", {at, other, 1}), at);
  EXPECT_EQ(memory.string(at), "abcabcabda");
  call("strncpy", {other, at, 2});
  EXPECT_EQ(memory.string(other), "abd");
  call("strncpy", {600, other, 8});
  EXPECT_EQ(memory.string(600), "abd");
  EXPECT_EQ(memory.string(call("strdup", {other})), "abd");
}

TEST_F(Library, RefusedAccessesAreTheFailure) {
  EXPECT_EQ(refused("strlen", {0}), Reason::OutOfBounds);
  EXPECT_EQ(refused("strcmp", {0, at}), Reason::OutOfBounds);
  EXPECT_EQ(refused("memcpy", {at, 5000, 4}), Reason::OutOfBounds);
}

TEST_F(Library, CharacterClasses) {
  for (int c = 0; c < 128; ++c) {
    const Word word = static_cast<Word>(c);
    EXPECT_EQ(call("isalpha", {word}) != 0, std::isalpha(c) != 0) << c;
    EXPECT_EQ(call("isdigit", {word}) != 0, std::isdigit(c) != 0) << c;
    EXPECT_EQ(call("isspace", {word}) != 0, std::isspace(c) != 0) << c;
    EXPECT_EQ(call("ispunct", {word}) != 0, std::ispunct(c) != 0) << c;
    EXPECT_EQ(call("iscntrl", {word}) != 0, std::iscntrl(c) != 0) << c;
    EXPECT_EQ(call("isxdigit", {word}) != 0, std::isxdigit(c) != 0) << c;
    EXPECT_EQ(call("isprint", {word}) != 0, std::isprint(c) != 0) << c;
    EXPECT_EQ(number("toupper", {word}), std::toupper(c)) << c;
    EXPECT_EQ(number("tolower", {word}), std::tolower(c)) << c;
  }
}

TEST_F(Library, IntegerParsingAgreesWithC) {
  for (const char* text : {"", "42", "-42", "  +7x", "0x1F", "0x", "0777", "zz", "9223372036854775808",
                           "-9223372036854775809", "99999999999999999999", "-", "0"})
    for (const int base : {0, 8, 10, 16, 36}) {
      memory.text(at, text);
      char* end = nullptr;
      const long expected = std::strtol(text, &end, base);
      EXPECT_EQ(number("strtol", {at, other, static_cast<Word>(base)}), expected) << text << " base " << base;
      std::uint64_t stored = 0;
      std::memcpy(&stored, memory.bytes.data() + other, 8);
      EXPECT_EQ(stored - at, static_cast<std::uint64_t>(end - text)) << text << " base " << base;
      EXPECT_EQ(call("strtoul", {at, 0, static_cast<Word>(base)}), std::strtoul(text, nullptr, base)) << text;
    }
  EXPECT_EQ(number("atoi", {memory.text(at, "-12ab")}), -12);
}

TEST_F(Library, LongIsPointerSized) {
  pointer_bytes = 4;
  memory.text(at, "3000000000");
  EXPECT_EQ(number("strtol", {at, 0, 10}), 0x7fff'ffff);
  EXPECT_EQ(number("strtoll", {at, 0, 10}), 3'000'000'000);
  EXPECT_EQ(call("strtoul", {at, 0, 10}), 3'000'000'000u);
}

TEST_F(Library, FloatsTravelAsTheirOwnBits) {
  const auto d = [](double value) { return std::bit_cast<Word>(value); };
  const auto f = [](float value) { return Word{std::bit_cast<std::uint32_t>(value)}; };
  EXPECT_EQ(call("sqrt", {d(2.25)}), d(1.5));
  EXPECT_EQ(call("sqrtf", {f(2.25f)}), f(1.5f));
  EXPECT_EQ(call("pow", {d(2), d(10)}), d(1024));
  EXPECT_EQ(call("fmod", {d(-7), d(2)}), d(-1));
  EXPECT_EQ(call("floorf", {f(-0.5f)}), f(-1.0f));
  EXPECT_EQ(call("ldexp", {d(1), 3}), d(8));
  EXPECT_EQ(call("atof", {memory.text(at, "2.5e1")}), d(25));
  EXPECT_EQ(call("fabs", {d(-1)}), d(1));
}

TEST_F(Library, OutputGoesToTheHost) {
  memory.text(at, "hello");
  EXPECT_EQ(number("write", {1, at, 5}), 5);
  EXPECT_EQ(number("write", {2, at, 2}), 2);
  EXPECT_EQ(number("write", {7, at, 5}), -1);
  EXPECT_EQ(number("puts", {at}), 6);
  EXPECT_EQ(number("putchar", {'!'}), '!');
  EXPECT_EQ(host.output[1], "hellohello\n!");
  EXPECT_EQ(host.output[2], "he");
  EXPECT_EQ(refused("write", {1, 4000, 200}), Reason::OutOfBounds);
}

TEST_F(Library, LongOutputIsWrittenInPieces) {
  memory.bytes.assign(100'000, 'x');
  EXPECT_EQ(number("write", {1, 16, 90'000}), 90'000);
  EXPECT_EQ(host.output[1], std::string(90'000, 'x'));
}

TEST_F(Library, TheProcessEnds) {
  EXPECT_EQ(invoke("exit", {3})->exit_code, 3);
  EXPECT_EQ(invoke("_exit", {259})->exit_code, 3);
  EXPECT_TRUE(invoke("abort", {})->aborted);
}

struct Signatures : ::testing::Test {
  ir::Module module;
  ir::Function function;
  ir::Builder b{module, function};
  bool takes(std::string_view symbol, std::vector<ir::TypeId> params, ir::TypeId result) {
    return accepts(*find_host_function(symbol), module, module.type(b.signature_type(params, result, ir::CallConv::C)));
  }
};

TEST_F(Signatures, DeclarationsMustFitThePrototype) {
  const auto i64 = b.int_type(64, true), i32 = b.int_type(32, true), p = b.pointer_type();
  const auto f64 = b.float_type(64), f32 = b.float_type(32), nothing = b.void_type(), never = b.never_type();
  EXPECT_TRUE(takes("malloc", {i64}, p));
  EXPECT_TRUE(takes("malloc", {i64}, i64));
  EXPECT_FALSE(takes("malloc", {i64}, i32));
  EXPECT_FALSE(takes("malloc", {f64}, p));
  EXPECT_FALSE(takes("malloc", {}, p));
  EXPECT_TRUE(takes("memset", {p, i64, i64}, nothing));
  EXPECT_TRUE(takes("sin", {f64}, f64));
  EXPECT_FALSE(takes("sin", {f32}, f64));
  EXPECT_FALSE(takes("sinf", {f64}, f32));
  EXPECT_TRUE(takes("_exit", {i32}, never));
  EXPECT_FALSE(takes("strlen", {p}, never));
  EXPECT_TRUE(takes("free", {p}, nothing));
  EXPECT_FALSE(takes("free", {p}, i64));
}

TEST_F(Signatures, ResultsTakeTheDeclaredForm) {
  EXPECT_EQ(declared_result(module, ir::int_row(32, true), 0xffff'ffff), ~0ull);
  EXPECT_EQ(declared_result(module, ir::int_row(8, false), 0x1ff), 0xffu);
  EXPECT_EQ(declared_result(module, ir::plain_type(ir::TypeKind::Bool), 2), 1u);
  module.target.pointer_bytes = 4;
  EXPECT_EQ(declared_result(module, ir::plain_type(ir::TypeKind::Pointer), 0x1'0000'0002), 2u);
}

TEST(TraceText, RendersFramesOldestFirst) {
  ir::Module module;
  const auto text = [&](std::string_view t) { return module.strings.intern(t); };
  module.frames.push_back({text("demo.sx"), 2, 5, text("probe"), text("    raise error.Hot;")});
  module.frames.push_back({text("demo.sx"), 9, 1, text("main"), text("")});
  EXPECT_EQ(trace_text(module, std::vector<std::uint64_t>{1, 2}, true), "error return trace (most recent call last):\n"
                                                                        "  ... older frames omitted (buffer full)\n"
                                                                        "  probe at demo.sx:2:5\n"
                                                                        "        raise error.Hot;\n"
                                                                        "        ^\n"
                                                                        "  main at demo.sx:9:1\n");
  EXPECT_EQ(trace_text(module, {}, false), "");
  EXPECT_EQ(unhandled_report(module, "Hot", {}, false), "error: unhandled error reached main: error.Hot\n");
  EXPECT_EQ(trace_text(module, std::vector<std::uint64_t>{0, 77}, false),
            "error return trace (most recent call last):\n");
}

} // namespace
} // namespace sx::comptime
