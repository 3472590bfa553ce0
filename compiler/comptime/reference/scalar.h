#pragma once
// Arithmetic on scalar words by exact IR type (language sections 2.6, 2.7 and 2.14).

#include "comptime/outcome.h"
#include "ir/module.h"

#include <cstdint>
#include <expected>

namespace sx::comptime::reference {

using ScalarResult = std::expected<std::uint64_t, Reason>;

/// `Reason::MalformedIr` if the operator does not exist for `type`.
ScalarResult binary(ir::BinaryOp op, const ir::Type& type, std::uint64_t a, std::uint64_t b);
/// 0 or 1.
ScalarResult compare(ir::CompareOp op, const ir::Type& type, std::uint64_t a, std::uint64_t b);
ScalarResult unary(ir::UnaryOp op, const ir::Type& type, std::uint64_t a);
/// `pointer_bits` is the width of addresses on the target.
ScalarResult convert(ir::ConvertOp op, const ir::Type& from, const ir::Type& to, std::uint64_t a,
                     unsigned pointer_bits);

} // namespace sx::comptime::reference
