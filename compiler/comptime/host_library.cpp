#include "comptime/host_library.h"

#include "comptime/failures.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <string>
#include <unordered_map>

namespace sx::comptime {

namespace {

using Result = std::expected<HostResult, Failure>;
using Arguments = std::span<const Word>;

// Names the value of an expected, or hands its failure to the caller.
#define SX_TRY(name, expression)                                                                                       \
  auto name##_or = (expression);                                                                                       \
  if (!name##_or)                                                                                                      \
    return std::unexpected(std::move(name##_or.error()));                                                              \
  [[maybe_unused]] auto&& name = *name##_or
#define SX_CHECK(expression)                                                                                           \
  if (auto checked = (expression); !checked)                                                                           \
  return std::unexpected(std::move(checked.error()))

constexpr std::size_t chunk_bytes = 4096;

HostResult word(Word value) {
  return {value, std::nullopt, false};
}
HostResult integer(std::int64_t value) {
  return word(static_cast<Word>(value));
}
int as_int(Word value) {
  return static_cast<int>(static_cast<std::uint32_t>(value));
}
double as_double(Word value) {
  return std::bit_cast<double>(value);
}
float as_float(Word value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}
HostResult real(double value) {
  return word(std::bit_cast<std::uint64_t>(value));
}
HostResult real(float value) {
  return word(std::bit_cast<std::uint32_t>(value));
}

// R7.162: a negative size or one above the limit is an evaluation error.
std::expected<std::uint64_t, Failure> checked_size(HostCallContext& context, std::string_view function, Word size) {
  const auto value = static_cast<std::int64_t>(size);
  if (value >= 0 && size <= context.limits.single_allocation)
    return size;
  return std::unexpected(
      fail(Reason::AllocationLimit, {}, std::string(function) + " of " + std::to_string(value) + " bytes"));
}

std::expected<std::uint8_t, Failure> read_byte(HostCallContext& context, std::uint64_t address) {
  std::uint8_t byte = 0;
  SX_CHECK(context.memory.read(address, {&byte, 1}));
  return byte;
}

// The text has been measured in memory that exists, so its size is bounded.
std::expected<std::string, Failure> read_string(HostCallContext& context, std::uint64_t address) {
  SX_TRY(length, context.memory.string_length(address));
  std::string text(length, '\0');
  SX_CHECK(context.memory.read(address, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
  return text;
}

// ---- stdlib.h: memory ----

Result call_malloc(HostCallContext& context, Arguments a) {
  SX_TRY(size, checked_size(context, "malloc", a[0]));
  SX_TRY(address, context.memory.allocate(size));
  return word(address);
}

Result call_calloc(HostCallContext& context, Arguments a) {
  SX_TRY(count, checked_size(context, "calloc", a[0]));
  SX_TRY(each, checked_size(context, "calloc", a[1]));
  Word total = 0;
  if (__builtin_mul_overflow(count, each, &total))
    total = ~Word{0};
  SX_TRY(size, checked_size(context, "calloc", total));
  SX_TRY(address, context.memory.allocate(size));
  return word(address);
}

Result call_realloc(HostCallContext& context, Arguments a) {
  SX_TRY(size, checked_size(context, "realloc", a[1]));
  std::uint64_t kept = 0;
  if (a[0] != 0) {
    SX_TRY(old_size, context.memory.allocation_size(a[0]));
    kept = std::min(old_size, size);
  }
  SX_TRY(address, context.memory.allocate(size));
  SX_CHECK(context.memory.move(address, a[0], kept));
  SX_CHECK(context.memory.release(a[0]));
  return word(address);
}

Result call_free(HostCallContext& context, Arguments a) {
  SX_CHECK(context.memory.release(a[0]));
  return word(0);
}

// ---- string.h ----

Result call_memmove(HostCallContext& context, Arguments a) {
  SX_TRY(size, checked_size(context, "memory copy", a[2]));
  SX_CHECK(context.memory.move(a[0], a[1], size));
  return word(a[0]);
}

Result call_memset(HostCallContext& context, Arguments a) {
  SX_TRY(size, checked_size(context, "memset", a[2]));
  SX_CHECK(context.memory.fill(a[0], static_cast<std::uint8_t>(a[1]), size));
  return word(a[0]);
}

Result call_memcmp(HostCallContext& context, Arguments a) {
  SX_TRY(size, checked_size(context, "memcmp", a[2]));
  std::array<std::uint8_t, chunk_bytes> left{}, right{};
  for (std::uint64_t done = 0; done < size;) {
    const std::size_t part = std::min<std::uint64_t>(chunk_bytes, size - done);
    SX_CHECK(context.memory.read(a[0] + done, {left.data(), part}));
    SX_CHECK(context.memory.read(a[1] + done, {right.data(), part}));
    for (std::size_t i = 0; i < part; ++i)
      if (left[i] != right[i])
        return integer(left[i] < right[i] ? -1 : 1);
    done += part;
  }
  return integer(0);
}

Result call_memchr(HostCallContext& context, Arguments a) {
  SX_TRY(size, checked_size(context, "memchr", a[2]));
  const auto wanted = static_cast<std::uint8_t>(a[1]);
  for (std::uint64_t i = 0; i < size; ++i) {
    SX_TRY(byte, read_byte(context, a[0] + i));
    if (byte == wanted)
      return word(a[0] + i);
  }
  return word(0);
}

Result call_strlen(HostCallContext& context, Arguments a) {
  SX_TRY(length, context.memory.string_length(a[0]));
  return word(length);
}

Result call_strnlen(HostCallContext& context, Arguments a) {
  std::uint64_t length = 0;
  for (; length < a[1]; ++length) {
    SX_TRY(byte, read_byte(context, a[0] + length));
    if (byte == 0)
      break;
  }
  return word(length);
}

// Both stop at the first difference or NUL, so at most that much is read.
Result compare_strings(HostCallContext& context, std::uint64_t a, std::uint64_t b, std::uint64_t limit) {
  for (std::uint64_t i = 0; i < limit; ++i) {
    SX_TRY(left, read_byte(context, a + i));
    SX_TRY(right, read_byte(context, b + i));
    if (left != right)
      return integer(left < right ? -1 : 1);
    if (left == 0)
      break;
  }
  return integer(0);
}

Result call_strcmp(HostCallContext& context, Arguments a) {
  return compare_strings(context, a[0], a[1], ~std::uint64_t{0});
}

Result call_strncmp(HostCallContext& context, Arguments a) {
  return compare_strings(context, a[0], a[1], a[2]);
}

Result call_strcpy(HostCallContext& context, Arguments a) {
  SX_TRY(length, context.memory.string_length(a[1]));
  SX_CHECK(context.memory.move(a[0], a[1], length + 1));
  return word(a[0]);
}

Result call_strncpy(HostCallContext& context, Arguments a) {
  SX_TRY(size, checked_size(context, "strncpy", a[2]));
  SX_TRY(length, call_strnlen(context, std::array<Word, 2>{a[1], size}));
  SX_CHECK(context.memory.move(a[0], a[1], length.value));
  SX_CHECK(context.memory.fill(a[0] + length.value, 0, size - length.value));
  return word(a[0]);
}

Result append_string(HostCallContext& context, std::uint64_t to, std::uint64_t from, std::uint64_t length) {
  SX_TRY(used, context.memory.string_length(to));
  SX_CHECK(context.memory.move(to + used, from, length));
  SX_CHECK(context.memory.fill(to + used + length, 0, 1));
  return word(to);
}

Result call_strcat(HostCallContext& context, Arguments a) {
  SX_TRY(length, context.memory.string_length(a[1]));
  return append_string(context, a[0], a[1], length);
}

Result call_strncat(HostCallContext& context, Arguments a) {
  SX_TRY(length, call_strnlen(context, a.subspan(1)));
  return append_string(context, a[0], a[1], length.value);
}

Result call_strchr(HostCallContext& context, Arguments a) {
  const auto wanted = static_cast<std::uint8_t>(a[1]);
  for (std::uint64_t i = 0;; ++i) {
    SX_TRY(byte, read_byte(context, a[0] + i));
    if (byte == wanted)
      return word(a[0] + i);
    if (byte == 0)
      return word(0);
  }
}

// A position in the text as an address, null if there is none.
HostResult position(std::uint64_t base, std::size_t at) {
  return word(at == std::string::npos ? 0 : base + at);
}

Result call_strrchr(HostCallContext& context, Arguments a) {
  SX_TRY(text, read_string(context, a[0]));
  const char wanted = static_cast<char>(a[1]);
  return position(a[0], wanted == 0 ? text.size() : text.rfind(wanted));
}

Result call_strstr(HostCallContext& context, Arguments a) {
  SX_TRY(text, read_string(context, a[0]));
  SX_TRY(wanted, read_string(context, a[1]));
  return position(a[0], text.find(wanted));
}

Result call_strdup(HostCallContext& context, Arguments a) {
  SX_TRY(length, context.memory.string_length(a[0]));
  SX_TRY(address, context.memory.allocate(length + 1));
  SX_CHECK(context.memory.move(address, a[0], length + 1));
  return word(address);
}

// ---- ctype.h in the C locale ----

template <bool (*Predicate)(int)> Result classify(HostCallContext&, Arguments a) {
  return integer(Predicate(as_int(a[0])) ? 1 : 0);
}
constexpr bool between(int c, int low, int high) {
  return low <= c && c <= high;
}
constexpr bool digit(int c) {
  return between(c, '0', '9');
}
constexpr bool upper(int c) {
  return between(c, 'A', 'Z');
}
constexpr bool lower(int c) {
  return between(c, 'a', 'z');
}
constexpr bool alpha(int c) {
  return upper(c) || lower(c);
}
constexpr bool alnum(int c) {
  return alpha(c) || digit(c);
}
constexpr bool xdigit(int c) {
  return digit(c) || between(c, 'a', 'f') || between(c, 'A', 'F');
}
constexpr bool space(int c) {
  return c == ' ' || between(c, '\t', '\r');
}
constexpr bool blank(int c) {
  return c == ' ' || c == '\t';
}
constexpr bool print(int c) {
  return between(c, 0x20, 0x7e);
}
constexpr bool graph(int c) {
  return between(c, 0x21, 0x7e);
}
constexpr bool punct(int c) {
  return graph(c) && !alnum(c);
}
constexpr bool cntrl(int c) {
  return between(c, 0, 0x1f) || c == 0x7f;
}
Result call_toupper(HostCallContext&, Arguments a) {
  const int c = as_int(a[0]);
  return integer(lower(c) ? c - 'a' + 'A' : c);
}
Result call_tolower(HostCallContext&, Arguments a) {
  const int c = as_int(a[0]);
  return integer(upper(c) ? c - 'A' + 'a' : c);
}

// ---- stdlib.h: numbers ----

Result call_abs(HostCallContext&, Arguments a) {
  const std::int64_t value = as_int(a[0]);
  return integer(static_cast<std::int32_t>(value < 0 ? -value : value));
}

Result call_llabs(HostCallContext&, Arguments a) {
  const auto value = static_cast<std::int64_t>(a[0]);
  return word(value < 0 ? ~a[0] + 1 : a[0]);
}

struct ParsedInteger {
  std::uint64_t magnitude = 0;
  bool negative = false;
  bool overflow = false; ///< the magnitude does not fit
  std::size_t end = 0;   ///< 0: no number
};

int digit_value(char c) {
  if (digit(c))
    return c - '0';
  if (lower(c))
    return c - 'a' + 10;
  return upper(c) ? c - 'A' + 10 : 36;
}

ParsedInteger parse_integer(std::string_view text, int base) {
  ParsedInteger parsed;
  std::size_t at = 0;
  const auto peek = [&](std::size_t ahead) { return at + ahead < text.size() ? text[at + ahead] : '\0'; };
  while (space(static_cast<unsigned char>(peek(0))))
    ++at;
  if (peek(0) == '-' || peek(0) == '+')
    parsed.negative = text[at++] == '-';
  const bool hex = peek(0) == '0' && (peek(1) | 0x20) == 'x' && xdigit(static_cast<unsigned char>(peek(2)));
  if ((base == 0 || base == 16) && hex) {
    at += 2;
    base = 16;
  } else if (base == 0) {
    base = peek(0) == '0' ? 8 : 10;
  }
  for (; digit_value(peek(0)) < base; parsed.end = ++at) {
    const auto value = static_cast<std::uint64_t>(digit_value(peek(0)));
    if (__builtin_mul_overflow(parsed.magnitude, static_cast<std::uint64_t>(base), &parsed.magnitude) ||
        __builtin_add_overflow(parsed.magnitude, value, &parsed.magnitude))
      parsed.overflow = true;
  }
  return parsed;
}

// The value in a signed type of `bits`, clamped to its range.
std::int64_t clamp_signed(const ParsedInteger& parsed, unsigned bits) {
  const std::uint64_t top = std::uint64_t{1} << (bits - 1);
  const std::uint64_t most = parsed.negative ? top : top - 1;
  const std::uint64_t magnitude = parsed.overflow ? most : std::min(parsed.magnitude, most);
  return static_cast<std::int64_t>(parsed.negative ? ~magnitude + 1 : magnitude);
}

std::uint64_t clamp_unsigned(const ParsedInteger& parsed, unsigned bits) {
  const std::uint64_t top = ~std::uint64_t{0} >> (64 - bits);
  if (parsed.overflow || parsed.magnitude > top)
    return top;
  return (parsed.negative ? ~parsed.magnitude + 1 : parsed.magnitude) & top;
}

unsigned long_bits(const HostCallContext& context) {
  return context.pointer_bytes * 8;
}

std::expected<void, Failure> store_end(HostCallContext& context, Word end, Word pointer) {
  if (end == 0)
    return {};
  return context.memory.write_pointer(end, pointer);
}

template <bool Signed, bool Long> Result parse_based(HostCallContext& context, Arguments a) {
  const int base = as_int(a[2]);
  if (base != 0 && !between(base, 2, 36)) {
    SX_CHECK(store_end(context, a[1], a[0]));
    return integer(0);
  }
  SX_TRY(text, read_string(context, a[0]));
  const ParsedInteger parsed = parse_integer(text, base);
  SX_CHECK(store_end(context, a[1], a[0] + parsed.end));
  const unsigned bits = Long ? long_bits(context) : 64;
  return Signed ? integer(clamp_signed(parsed, bits)) : word(clamp_unsigned(parsed, bits));
}

Result call_atoi(HostCallContext& context, Arguments a) {
  SX_TRY(text, read_string(context, a[0]));
  return integer(static_cast<std::int32_t>(clamp_signed(parse_integer(text, 10), long_bits(context))));
}

Result call_atol(HostCallContext& context, Arguments a) {
  SX_TRY(text, read_string(context, a[0]));
  return integer(clamp_signed(parse_integer(text, 10), long_bits(context)));
}

Result call_atoll(HostCallContext& context, Arguments a) {
  SX_TRY(text, read_string(context, a[0]));
  return integer(clamp_signed(parse_integer(text, 10), 64));
}

Result call_strtod(HostCallContext& context, Arguments a) {
  SX_TRY(text, read_string(context, a[0]));
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  SX_CHECK(store_end(context, a[1], a[0] + static_cast<Word>(end - text.c_str())));
  return real(value);
}

Result call_atof(HostCallContext& context, Arguments a) {
  return call_strtod(context, std::array<Word, 2>{a[0], 0});
}

// ---- math.h ----

template <double (*F)(double)> Result math(HostCallContext&, Arguments a) {
  return real(F(as_double(a[0])));
}
template <double (*F)(double, double)> Result math2(HostCallContext&, Arguments a) {
  return real(F(as_double(a[0]), as_double(a[1])));
}
template <float (*F)(float)> Result mathf(HostCallContext&, Arguments a) {
  return real(F(as_float(a[0])));
}
template <float (*F)(float, float)> Result mathf2(HostCallContext&, Arguments a) {
  return real(F(as_float(a[0]), as_float(a[1])));
}
Result call_ldexp(HostCallContext&, Arguments a) {
  return real(std::ldexp(as_double(a[0]), as_int(a[1])));
}

// ---- output and the end of the process (R7.167) ----

// Checked and written piece by piece, so that a wild size costs nothing before it is refused.
std::expected<bool, Failure> write_memory(HostCallContext& context, int fd, std::uint64_t address, std::uint64_t size) {
  std::array<std::uint8_t, chunk_bytes> buffer{};
  for (std::uint64_t done = 0; done < size;) {
    const std::size_t part = std::min<std::uint64_t>(chunk_bytes, size - done);
    SX_CHECK(context.memory.read(address + done, {buffer.data(), part}));
    if (!context.host.write(fd, {reinterpret_cast<const char*>(buffer.data()), part}))
      return false;
    done += part;
  }
  return true;
}

Result call_write(HostCallContext& context, Arguments a) {
  const int fd = as_int(a[0]);
  SX_TRY(size, checked_size(context, "write", a[2]));
  if (!context.host.write(fd, {}))
    return integer(-1);
  SX_TRY(written, write_memory(context, fd, a[1], size));
  return integer(written ? static_cast<std::int64_t>(size) : -1);
}

Result call_putchar(HostCallContext& context, Arguments a) {
  const char c = static_cast<char>(a[0]);
  if (!context.host.write(1, {&c, 1}))
    return integer(-1);
  return integer(static_cast<unsigned char>(c));
}

Result call_puts(HostCallContext& context, Arguments a) {
  SX_TRY(length, context.memory.string_length(a[0]));
  SX_TRY(written, write_memory(context, 1, a[0], length));
  if (!written || !context.host.write(1, "\n"))
    return integer(-1);
  return integer(static_cast<std::int64_t>(std::min<std::uint64_t>(length + 1, 0x7fff'ffff)));
}

Result call_exit(HostCallContext&, Arguments a) {
  return HostResult{0, as_int(a[0]) & 0xff, false};
}

Result call_abort(HostCallContext&, Arguments) {
  return HostResult{0, std::nullopt, true};
}

constexpr HostEntry entries[] = {
    {"malloc", "pz", call_malloc},
    {"calloc", "pzz", call_calloc},
    {"realloc", "ppz", call_realloc},
    {"free", "vp", call_free},
    {"memcpy", "pppz", call_memmove},
    {"memmove", "pppz", call_memmove},
    {"memset", "ppiz", call_memset},
    {"memcmp", "ippz", call_memcmp},
    {"memchr", "ppiz", call_memchr},
    {"strlen", "zp", call_strlen},
    {"strnlen", "zpz", call_strnlen},
    {"strcmp", "ipp", call_strcmp},
    {"strncmp", "ippz", call_strncmp},
    {"strcpy", "ppp", call_strcpy},
    {"strncpy", "pppz", call_strncpy},
    {"strcat", "ppp", call_strcat},
    {"strncat", "pppz", call_strncat},
    {"strchr", "ppi", call_strchr},
    {"strrchr", "ppi", call_strrchr},
    {"strstr", "ppp", call_strstr},
    {"strdup", "pp", call_strdup},
    {"isalnum", "ii", classify<alnum>},
    {"isalpha", "ii", classify<alpha>},
    {"isblank", "ii", classify<blank>},
    {"iscntrl", "ii", classify<cntrl>},
    {"isdigit", "ii", classify<digit>},
    {"isgraph", "ii", classify<graph>},
    {"islower", "ii", classify<lower>},
    {"isprint", "ii", classify<print>},
    {"ispunct", "ii", classify<punct>},
    {"isspace", "ii", classify<space>},
    {"isupper", "ii", classify<upper>},
    {"isxdigit", "ii", classify<xdigit>},
    {"toupper", "ii", call_toupper},
    {"tolower", "ii", call_tolower},
    {"abs", "ii", call_abs},
    {"labs", "ll", call_llabs},
    {"llabs", "qq", call_llabs},
    {"atoi", "ip", call_atoi},
    {"atol", "lp", call_atol},
    {"atoll", "qp", call_atoll},
    {"strtol", "lppi", parse_based<true, true>},
    {"strtoll", "qppi", parse_based<true, false>},
    {"strtoul", "lppi", parse_based<false, true>},
    {"strtoull", "qppi", parse_based<false, false>},
    {"strtod", "dpp", call_strtod},
    {"atof", "dp", call_atof},
#define SX_MATH(name)                                                                                                  \
  {#name, "dd", math<::name>}, {                                                                                       \
    #name "f", "ff", mathf<::name##f>                                                                                  \
  }
#define SX_MATH2(name)                                                                                                 \
  {#name, "ddd", math2<::name>}, {                                                                                     \
    #name "f", "fff", mathf2<::name##f>                                                                                \
  }
    SX_MATH(sin),
    SX_MATH(cos),
    SX_MATH(tan),
    SX_MATH(asin),
    SX_MATH(acos),
    SX_MATH(atan),
    SX_MATH(sinh),
    SX_MATH(cosh),
    SX_MATH(tanh),
    SX_MATH(exp),
    SX_MATH(exp2),
    SX_MATH(log),
    SX_MATH(log2),
    SX_MATH(log10),
    SX_MATH(sqrt),
    SX_MATH(cbrt),
    SX_MATH(floor),
    SX_MATH(ceil),
    SX_MATH(round),
    SX_MATH(trunc),
    SX_MATH(fabs),
    SX_MATH2(pow),
    SX_MATH2(fmod),
    SX_MATH2(atan2),
    SX_MATH2(hypot),
    SX_MATH2(fmin),
    SX_MATH2(fmax),
    SX_MATH2(copysign),
#undef SX_MATH
#undef SX_MATH2
    {"ldexp", "ddi", call_ldexp},
    {"write", "zipz", call_write},
    {"putchar", "ii", call_putchar},
    {"puts", "ip", call_puts},
    {"exit", "ni", call_exit},
    {"_exit", "ni", call_exit},
    {"abort", "n", call_abort},
};

bool matches(char code, const ir::Module& module, const ir::Type& type) {
  const bool integral = type.kind == ir::TypeKind::Int || type.kind == ir::TypeKind::Bool;
  switch (code) {
  case 'd': return type.kind == ir::TypeKind::Float && type.bits == 64;
  case 'f': return type.kind == ir::TypeKind::Float && type.bits == 32;
  case 'p':
    return type.kind == ir::TypeKind::Pointer || type.kind == ir::TypeKind::Code ||
           (type.kind == ir::TypeKind::Int && type.bits >= module.target.pointer_bytes * 8);
  case 'v':
  case 'n': return false;
  default: return integral;
  }
}

} // namespace

const HostEntry* find_host_function(std::string_view symbol) {
  static const auto index = [] {
    std::unordered_map<std::string_view, const HostEntry*> table;
    for (const HostEntry& entry : entries)
      table.emplace(entry.symbol, &entry);
    return table;
  }();
  const auto found = index.find(symbol);
  return found == index.end() ? nullptr : found->second;
}

bool accepts(const HostEntry& entry, const ir::Module& module, const ir::Type& signature) {
  const auto row = [&module](ir::TypeId id) { return id.index() < module.types.size() ? &module.type(id) : nullptr; };
  const ir::Type* result = row(signature.element);
  if (signature.kind != ir::TypeKind::Signature || !result || signature.params.size() != entry.arguments())
    return false;
  const char result_code = entry.prototype[0];
  const bool ignored = result->kind == ir::TypeKind::Void;
  const bool diverges = result->kind == ir::TypeKind::Never && result_code == 'n';
  if (!ignored && !diverges && !matches(result_code, module, *result))
    return false;
  for (std::size_t i = 0; i < signature.params.size(); ++i) {
    const ir::Type* parameter = row(signature.params[i]);
    if (!parameter || !matches(entry.prototype[i + 1], module, *parameter))
      return false;
  }
  return true;
}

Word declared_result(const ir::Module& module, const ir::Type& result, Word word) {
  switch (result.kind) {
  case ir::TypeKind::Bool: return word != 0 ? 1 : 0;
  case ir::TypeKind::Pointer:
  case ir::TypeKind::Code: return module.target.pointer_bytes == 4 ? word & 0xffff'ffff : word;
  case ir::TypeKind::Void:
  case ir::TypeKind::Never: return 0;
  default: return ir::canonical_pattern(result, word);
  }
}

} // namespace sx::comptime
