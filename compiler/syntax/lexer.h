#pragma once
// Text to tokens (chapter 01, 1.1 to 1.5). The whole text is read at once.

#include "syntax/token.h"

#include <string_view>

namespace sx::syntax {

/// Splits `text` into tokens, interning names and strings. Any bytes are accepted; reading stops at the first
/// token that is not one (`TokenBuffer::error`). `text` must be shorter than 4 GiB.
TokenBuffer lex(std::string_view text, Interner& strings);

} // namespace sx::syntax
