// SPDX-License-Identifier: MIT
#include "sites/high_water.h"

namespace heapmeter::sites {
namespace {

// Whole ones. A thread that frees what others allocate holds less than nothing, for itself.
uint64_t whole_blocks(uint64_t in, uint64_t out, unsigned bits) noexcept {
  const auto half = static_cast<int64_t>((uint64_t{1} << bits) >> 1);
  return static_cast<uint64_t>((static_cast<int64_t>(in - out) + half) >> bits);
}
uint32_t blocks_now(const Counts &counts, unsigned bits) noexcept {
  return static_cast<uint32_t>(
      whole_blocks(load_whole(counts.blocks_in), load_whole(counts.blocks_out), bits));
}
uint64_t bytes_now(const Counts &counts) noexcept {
  return load_whole(counts.bytes_in) - load_whole(counts.bytes_out);
}

}  // namespace

void HighWater::rose(int64_t bytes) noexcept {
  int64_t seen = load_whole(bytes_);
  while (seen < bytes &&
         !__atomic_compare_exchange_n(&bytes_, &seen, bytes, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  if (seen >= bytes) return;
  uint32_t now = load_whole(number_);
  if (load_whole(kept_) != now) return;
  // Of two that find the same, one.
  __atomic_compare_exchange_n(&number_, &now, now + 1, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

void HighWater::keep(Counts &counts, uint32_t now) noexcept {
  store_whole(counts.peak_bytes, bytes_now(counts));
  store_whole(counts.peak_blocks, blocks_now(counts, 0));
  __atomic_store_n(&counts.peak, now, __ATOMIC_RELEASE);
  if (load_whole(kept_) != now) store_whole(kept_, now);
}

void HighWater::before_change_of_shared(Counts &counts, unsigned bits) noexcept {
  const uint32_t now = load_whole(number_);
  uint32_t was = load_whole(counts.peak);
  if (was == now) return;
  const uint64_t bytes = bytes_now(counts);
  const uint32_t blocks = blocks_now(counts, bits);
  if (!__atomic_compare_exchange_n(&counts.peak, &was, now, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return;
  store_whole(counts.peak_bytes, bytes);
  store_whole(counts.peak_blocks, blocks);
  if (load_whole(kept_) != now) store_whole(kept_, now);
}

HighWater::Held HighWater::held(const Counts &counts, uint32_t number, unsigned bits) noexcept {
  // Now first: what changes it meanwhile has kept what it was.
  const uint64_t blocks_out = read(counts.blocks_out), bytes_out = read(counts.bytes_out);
  const Held now{whole_blocks(read(counts.blocks_in), blocks_out, bits), read(counts.bytes_in) - bytes_out};
  const uint32_t kept = __atomic_load_n(&counts.peak, __ATOMIC_ACQUIRE);
  // Or of a peak that came since.
  if (kept == 0 || static_cast<int32_t>(kept - number) < 0) return now;
  return {static_cast<uint64_t>(int64_t{static_cast<int32_t>(load_whole(counts.peak_blocks))}),
          load_whole(counts.peak_bytes)};
}

void HighWater::clear() noexcept {
  store_whole(bytes_, int64_t{0});
  store_whole(number_, 1u);
  store_whole(kept_, 0u);
}

}  // namespace heapmeter::sites
