#pragma once
// Values of literal spellings (chapter 01, 1.4). Every function takes any bytes.

#include "syntax/token.h"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace sx::syntax {

/// R1.30: `text` is a whole integer spelling, prefix and separators included.
std::expected<std::uint64_t, LexError> integer_value(std::string_view text);

/// R1.33: the nearest double; too large a number gives infinity.
double float_value(std::string_view text);

/// R1.35: replaces the escapes in the bytes between the quotes.
std::string unescape_string(std::string_view body);

/// R1.39, R1.40: `body` is what stands between the quotes.
std::expected<std::uint32_t, LexError> character_value(std::string_view body);

} // namespace sx::syntax
