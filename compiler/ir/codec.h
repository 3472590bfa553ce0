#pragma once
// The binary form of a module.

#include "ir/module.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sx::ir {

/// Any module, verified or not. Strings are numbered by first use, so modules that differ only in the interner's order
/// (or in texts that nothing refers to) give equal bytes. Ids that name no string become "absent".
std::vector<std::uint8_t> encode(const Module& module);

/// Strict: magic, version, enumerators, counts and the end must be right. Ids of tables other than strings are not
/// checked (`verify` does that). Memory is bounded by a constant factor of the input's size.
std::expected<std::unique_ptr<Module>, std::string> decode(std::span<const std::uint8_t> bytes);

/// Any bytes give a module (for fuzzing: ids, types and trees may be wrong in every way). Enumerators and counts are
/// cut to what is legal and what is left to read; past the end everything is zero. There are never more rows, nodes and
/// words than bytes. What `encode` made is decoded as `decode` does.
std::unique_ptr<Module> decode_tolerant(std::span<const std::uint8_t> bytes);

} // namespace sx::ir
