#pragma once
// What an expression gives: a scalar word, or the bytes of an aggregate, array or vector.

#include "comptime/reference/bytes.h"

#include <memory>

namespace sx::comptime::reference {

/// The type is that of the node that made it; the value itself does not repeat it.
struct Value {
  std::uint64_t bits = 0; ///< canonical integer, float bits, address, or function index + 1
  Provenance provenance = no_provenance;
  bool undefined = false; ///< a scalar `---`
  std::unique_ptr<Bytes> bytes;

  static Value scalar(std::uint64_t bits, Provenance provenance = no_provenance) {
    Value value;
    value.bits = bits;
    value.provenance = provenance;
    return value;
  }
};

/// An address and the object it was made from.
struct Pointer {
  std::uint64_t address = 0;
  Provenance provenance = no_provenance;
};

} // namespace sx::comptime::reference
