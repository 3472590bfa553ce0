#include "syntax/literal.h"

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>

namespace sx::syntax {

namespace {

struct Base {
  unsigned radix;
  std::size_t prefix; ///< length of the prefix
};

Base base_of(std::string_view text) {
  if (text.size() < 2 || text[0] != '0')
    return {10, 0};
  switch (text[1]) {
  case 'x':
  case 'X': return {16, 2};
  case 'o':
  case 'O': return {8, 2};
  case 'b':
  case 'B': return {2, 2};
  default: return {10, 0};
  }
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f')
    return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F')
    return static_cast<unsigned>(c - 'A') + 10;
  return {};
}

/// Long spellings are shortened so that a message stays one readable line.
std::string shown(std::string_view text) {
  constexpr std::size_t longest = 40;
  return text.size() <= longest ? std::string(text) : std::string(text.substr(0, longest)) + "...";
}

std::string byte_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte < 0x7f)
    return std::string(1, c);
  constexpr std::string_view digits = "0123456789ABCDEF";
  return {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
}

std::string hex_text(std::uint32_t value) {
  std::array<char, 8> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, 16);
  std::string text(buffer.data(), result.ptr);
  for (char& c : text)
    c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  return std::string(text.size() < 4 ? 4 - text.size() : 0, '0') + text;
}

std::unexpected<LexError> reject(const DiagnosticInfo& info, std::vector<DiagnosticArgument> arguments = {}) {
  return std::unexpected(LexError{&info, std::move(arguments), {}});
}

std::expected<std::uint32_t, LexError> checked_scalar(std::uint32_t value) {
  if (value > 0x10FFFF)
    return reject(diag::code_point_too_large, {hex_text(value)});
  if (value >= 0xD800 && value <= 0xDFFF)
    return reject(diag::code_point_is_surrogate, {hex_text(value)});
  return value;
}

/// `\x` and what follows.
std::expected<std::uint32_t, LexError> hex_escape(std::string_view digits) {
  if (digits.empty() || digits.size() > 2)
    return reject(diag::bad_hex_escape);
  std::uint32_t value = 0;
  for (char c : digits) {
    const auto digit = hex_digit(c);
    if (!digit)
      return reject(diag::bad_hex_escape);
    value = value * 16 + *digit;
  }
  return value;
}

/// `\u` and what follows.
std::expected<std::uint32_t, LexError> unicode_escape(std::string_view rest) {
  if (rest.size() < 3 || rest.size() > 8 || rest.front() != '{' || rest.back() != '}')
    return reject(diag::bad_unicode_escape);
  std::uint32_t value = 0;
  for (char c : rest.substr(1, rest.size() - 2)) {
    const auto digit = hex_digit(c);
    if (!digit)
      return reject(diag::bad_unicode_escape);
    value = value * 16 + *digit;
  }
  return checked_scalar(value);
}

std::expected<std::uint32_t, LexError> escaped_character(std::string_view body) {
  const char letter = body.size() > 1 ? body[1] : '\\';
  const std::string_view rest = body.substr(body.size() > 1 ? 2 : 1);
  if (letter == 'x')
    return hex_escape(rest);
  if (letter == 'u')
    return unicode_escape(rest);
  constexpr std::string_view letters = "ntr0\\'";
  constexpr std::string_view values{"\n\t\r\0\\'", 6};
  const std::size_t known = letters.find(letter);
  if (known == std::string_view::npos)
    return reject(diag::unknown_escape, {byte_text(letter)});
  if (!rest.empty())
    return reject(diag::several_characters);
  return static_cast<unsigned char>(values[known]);
}

struct Scalar {
  std::uint32_t value;
  std::size_t length; ///< bytes of the encoding
};

/// Decodes the UTF-8 sequence at the start of `bytes` (not empty); none if it is malformed or overlong.
/// Surrogates and values above U+10FFFF are decoded: they have messages of their own.
std::optional<Scalar> decode_utf8(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (lead < 0x80)
    return Scalar{lead, 1};
  const std::size_t length = lead >= 0xF0 && lead < 0xF8   ? 4
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xC0 && lead < 0xE0 ? 2
                                                           : 0;
  if (length == 0 || bytes.size() < length)
    return {};
  std::uint32_t value = lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(bytes[i]);
    if ((next & 0xC0) != 0x80)
      return {};
    value = value << 6 | (next & 0x3F);
  }
  constexpr std::array<std::uint32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  if (value < smallest[length])
    return {};
  return Scalar{value, length};
}

} // namespace

std::expected<std::uint64_t, LexError> integer_value(std::string_view text) {
  const Base base = base_of(text);
  std::uint64_t value = 0;
  bool any_digit = false;
  for (char c : text.substr(base.prefix)) {
    if (c == '_')
      continue;
    const std::uint64_t digit = hex_digit(c).value_or(0);
    any_digit = true;
    constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
    if (value > (largest - digit) / base.radix)
      return reject(diag::integer_too_large, {shown(text)});
    value = value * base.radix + digit;
  }
  if (!any_digit)
    return reject(diag::integer_without_digits, {shown(text)});
  return value;
}

double float_value(std::string_view text) {
  std::string digits;
  for (char c : text)
    if (c != '_')
      digits += c;
  double value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec != std::errc::result_out_of_range)
    return value;
  // from_chars does not say on which side of the range the number lies.
  const std::size_t first = digits.find_first_not_of('0');
  return digits[first] == '.' ? 0.0 : std::numeric_limits<double>::infinity();
}

std::string unescape_string(std::string_view body) {
  std::string out;
  out.reserve(body.size());
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\' || i + 1 == body.size()) {
      out += body[i];
      continue;
    }
    switch (const char c = body[++i]) {
    case 'n': out += '\n'; break;
    case 't': out += '\t'; break;
    case 'r': out += '\r'; break;
    case '0': out += '\0'; break;
    default: out += c; break;
    }
  }
  return out;
}

std::expected<std::uint32_t, LexError> character_value(std::string_view body) {
  if (body.empty())
    return reject(diag::empty_character);
  if (body[0] == '\\')
    return escaped_character(body);
  if (body.size() == 1)
    return static_cast<unsigned char>(body[0]);
  const auto scalar = decode_utf8(body);
  if (!scalar)
    return reject(diag::character_not_utf8);
  if (scalar->length != body.size())
    return reject(diag::several_characters);
  return checked_scalar(scalar->value);
}

} // namespace sx::syntax
