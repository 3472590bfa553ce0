#include "comptime/reference/bytes.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace sx::comptime::reference {

namespace {

constexpr std::uint64_t granule = 4;
constexpr Provenance split = ~Provenance{0};
constexpr std::uint64_t charged_from = 4096;

} // namespace

thread_local std::uint64_t Charge::live_ = 0;

Bytes::Bytes(std::uint64_t size, Fill fill) {
  reset(size, fill);
}

Bytes::Bytes(const Bytes& other)
    : data_(other.data_), undefined_(other.undefined_), words_(other.words_), charge_(other.charge_) {
  if (other.fragments_)
    fragments_ = std::make_unique<std::unordered_map<std::uint64_t, Provenance>>(*other.fragments_);
}

void Bytes::reset(std::uint64_t size, Fill fill) {
  if (data_.capacity() > charged_from) {
    data_ = {};
    undefined_ = {};
  }
  charge_ = Charge(size >= charged_from ? size : 0);
  data_.assign(size, 0);
  undefined_.clear();
  words_.clear();
  fragments_.reset();
  if (fill == Fill::Undefined)
    undefined_.assign(size, 1);
}

std::optional<std::uint64_t> Bytes::first_undefined(std::uint64_t offset, std::uint64_t size) const {
  if (undefined_.empty() || size == 0)
    return std::nullopt;
  const void* found = std::memchr(undefined_.data() + offset, 1, size);
  if (!found)
    return std::nullopt;
  return static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(found) - undefined_.data());
}

Provenance Bytes::provenance_at(std::uint64_t offset) const {
  if (words_.empty())
    return no_provenance;
  const Provenance word = words_[offset / granule];
  if (word != split)
    return word;
  const auto found = fragments_->find(offset);
  return found == fragments_->end() ? no_provenance : found->second;
}

bool Bytes::has_provenance(std::uint64_t offset, std::uint64_t size) const {
  if (words_.empty())
    return false;
  for (std::uint64_t at = offset; at < offset + size;) {
    const Provenance word = words_[at / granule];
    if (word != split && word != no_provenance)
      return true;
    if (word == split && provenance_at(at) != no_provenance)
      return true;
    at = word == split ? at + 1 : (at / granule + 1) * granule;
  }
  return false;
}

Provenance Bytes::common_provenance(std::uint64_t offset, std::uint64_t size) const {
  if (words_.empty() || size == 0)
    return no_provenance;
  const Provenance first = provenance_at(offset);
  for (std::uint64_t i = 1; i < size; ++i)
    if (provenance_at(offset + i) != first)
      return no_provenance;
  return first;
}

void Bytes::mark_defined(std::uint64_t offset, std::uint64_t size) {
  if (!undefined_.empty() && size != 0)
    std::memset(undefined_.data() + offset, 0, size);
}

void Bytes::write(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  if (bytes.empty())
    return;
  std::memcpy(data_.data() + offset, bytes.data(), bytes.size());
  mark_defined(offset, bytes.size());
  set_provenance(offset, bytes.size(), no_provenance);
}

void Bytes::fill(std::uint64_t offset, std::uint8_t byte, std::uint64_t size) {
  if (size == 0)
    return;
  std::memset(data_.data() + offset, byte, size);
  mark_defined(offset, size);
  set_provenance(offset, size, no_provenance);
}

void Bytes::set_undefined(std::uint64_t offset, std::uint64_t size) {
  if (size == 0)
    return;
  fill(offset, 0, size);
  if (undefined_.empty())
    undefined_.assign(data_.size(), 0);
  std::memset(undefined_.data() + offset, 1, size);
}

void Bytes::set_byte_provenance(std::uint64_t offset, Provenance provenance) {
  Provenance& word = words_[offset / granule];
  if (word == provenance)
    return;
  if (!fragments_)
    fragments_ = std::make_unique<std::unordered_map<std::uint64_t, Provenance>>();
  if (word != split) {
    const std::uint64_t base = offset / granule * granule;
    for (std::uint64_t i = 0; i < granule; ++i)
      (*fragments_)[base + i] = word;
    word = split;
  }
  (*fragments_)[offset] = provenance;
}

void Bytes::set_provenance(std::uint64_t offset, std::uint64_t size, Provenance provenance) {
  if (words_.empty()) {
    if (provenance == no_provenance)
      return;
    words_.assign((data_.size() + granule - 1) / granule, no_provenance);
  }
  for (std::uint64_t at = offset, end = offset + size; at < end;) {
    if (at % granule != 0 || end - at < granule) {
      set_byte_provenance(at++, provenance);
      continue;
    }
    Provenance& word = words_[at / granule];
    if (word == split)
      for (std::uint64_t i = 0; i < granule; ++i)
        fragments_->erase(at + i);
    word = provenance;
    at += granule;
  }
}

void Bytes::copy(std::uint64_t offset, const Bytes& from, std::uint64_t from_offset, std::uint64_t size) {
  if (size == 0)
    return;
  std::memmove(data_.data() + offset, from.data_.data() + from_offset, size);
  if (from.undefined_.empty()) {
    mark_defined(offset, size);
  } else {
    if (undefined_.empty())
      undefined_.assign(data_.size(), 0);
    std::memmove(undefined_.data() + offset, from.undefined_.data() + from_offset, size);
  }
  copy_provenance(offset, from, from_offset, size);
}

void Bytes::copy_provenance(std::uint64_t offset, const Bytes& from, std::uint64_t from_offset, std::uint64_t size) {
  if (from.words_.empty()) {
    set_provenance(offset, size, no_provenance);
    return;
  }
  if (words_.empty())
    words_.assign((data_.size() + granule - 1) / granule, no_provenance);
  // Piece by piece in the direction in which an overlapping source is read before it is overwritten.
  constexpr std::uint64_t piece_bytes = 1024;
  const bool backward = this == &from && offset > from_offset;
  std::array<Provenance, piece_bytes> piece{};
  for (std::uint64_t done = 0; done < size;) {
    const std::uint64_t part = std::min(piece_bytes, size - done);
    const std::uint64_t start = backward ? size - done - part : done;
    for (std::uint64_t i = 0; i < part; ++i)
      piece[i] = from.provenance_at(from_offset + start + i);
    for (std::uint64_t i = 0; i < part;) {
      std::uint64_t run = 1;
      while (i + run < part && piece[i + run] == piece[i])
        ++run;
      set_provenance(offset + start + i, run, piece[i]);
      i += run;
    }
    done += part;
  }
}

} // namespace sx::comptime::reference
