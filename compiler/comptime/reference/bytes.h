#pragma once
// A run of bytes that knows which of them are undefined and which belong to an address.

#include "comptime/reference/provenance.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace sx::comptime::reference {

/// Counts host memory held by large runs of bytes on this thread, so that a bound can be kept.
class Charge {
public:
  Charge() = default;
  explicit Charge(std::uint64_t bytes) : bytes_(bytes) { live_ += bytes_; }
  Charge(const Charge& other) : Charge(other.bytes_) {}
  Charge(Charge&& other) noexcept : bytes_(other.bytes_) { other.bytes_ = 0; }
  Charge& operator=(Charge other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Charge() { live_ -= bytes_; }
  static std::uint64_t live() { return live_; }

private:
  std::uint64_t bytes_ = 0;
  static thread_local std::uint64_t live_;
};

/// The content of an object in memory, or an aggregate value. Offsets and sizes given to the members must lie inside.
class Bytes {
public:
  enum class Fill : std::uint8_t { Zero, Undefined };

  Bytes() = default;
  explicit Bytes(std::uint64_t size, Fill fill = Fill::Zero);
  Bytes(const Bytes& other);
  Bytes(Bytes&&) noexcept = default;
  Bytes& operator=(Bytes&&) noexcept = default;
  Bytes& operator=(const Bytes&) = delete;

  /// Starts over with `size` bytes, keeping small storage.
  void reset(std::uint64_t size, Fill fill);

  std::uint64_t size() const { return data_.size(); }
  std::span<const std::uint8_t> data(std::uint64_t offset, std::uint64_t size) const {
    return std::span(data_).subspan(offset, size);
  }
  /// Offset of the first undefined byte of the range.
  std::optional<std::uint64_t> first_undefined(std::uint64_t offset, std::uint64_t size) const;
  Provenance provenance_at(std::uint64_t offset) const;
  bool has_provenance(std::uint64_t offset, std::uint64_t size) const;
  /// The provenance that all bytes of the range have; none if they differ.
  Provenance common_provenance(std::uint64_t offset, std::uint64_t size) const;

  /// Plain defined bytes.
  void write(std::uint64_t offset, std::span<const std::uint8_t> bytes);
  void fill(std::uint64_t offset, std::uint8_t byte, std::uint64_t size);
  void set_undefined(std::uint64_t offset, std::uint64_t size);
  void set_provenance(std::uint64_t offset, std::uint64_t size, Provenance provenance);
  /// Bytes, undefinedness and provenance of a range; `from` may be this object and ranges may overlap.
  void copy(std::uint64_t offset, const Bytes& from, std::uint64_t from_offset, std::uint64_t size);

private:
  void mark_defined(std::uint64_t offset, std::uint64_t size);
  void copy_provenance(std::uint64_t offset, const Bytes& from, std::uint64_t from_offset, std::uint64_t size);
  void set_byte_provenance(std::uint64_t offset, Provenance provenance);

  std::vector<std::uint8_t> data_;
  std::vector<std::uint8_t> undefined_; ///< 1 for an undefined byte; empty: all defined
  /// One entry for four bytes of equal provenance; `split` sends to `fragments_`. Empty: none anywhere.
  std::vector<Provenance> words_;
  std::unique_ptr<std::unordered_map<std::uint64_t, Provenance>> fragments_;
  Charge charge_;
};

} // namespace sx::comptime::reference
