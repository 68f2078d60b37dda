// SPDX-License-Identifier: MIT
//
// Bins of the size histogram. Fine bins are 16 bytes wide and reach to kFineLimit: bin i holds the requested
// sizes 16 * (i - 1) + 1 to 16 * i, bin 0 the size 0. As the backend's size classes are multiples of 16,
// every fine bin lies in just one class. Coarse bins follow, four to a doubling, each with its exact usable
// bytes.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter {

inline constexpr size_t kGranule = 16;
// What an allocator is asked for at least: every block has two granules.
inline constexpr size_t kLeastRequest = kGranule + 1;
inline constexpr size_t kFineLimit = 4096;
// Up to here the commonest calls are tallied by exact size: see counters.h.
inline constexpr size_t kTallyLimit = 1024;
inline constexpr size_t kFineBins = kFineLimit / kGranule + 1;
inline constexpr size_t kCoarseBins = 144;  // 4 to a doubling from 4 KiB to 2^48

// In 32 bits, which is what makes the compiler fold it into the address.
inline constexpr uint32_t fine_bin(uint32_t bytes) noexcept { return (bytes + 15) / 16; }

// bytes > kFineLimit.
inline constexpr size_t coarse_bin(size_t bytes) noexcept {
  const uint64_t last = bytes - 1;
  const unsigned doubling = 63u ^ static_cast<unsigned>(__builtin_clzll(last));  // one instruction
  const size_t bin = (doubling - 12u) * 4u + ((last >> (doubling - 2u)) & 3u);
  return bin < kCoarseBins ? bin : kCoarseBins - 1;
}

// The largest size that falls into the coarse bin.
inline constexpr uint64_t coarse_bin_bytes(size_t bin) noexcept {
  return (static_cast<uint64_t>(bin % 4) + 5) << (bin / 4 + 10);
}

// The smallest size that falls into the bin.
inline constexpr uint64_t fine_bin_least(size_t bin) noexcept {
  return bin == 0 ? 0 : kGranule * (bin - 1) + 1;
}
inline constexpr uint64_t coarse_bin_least(size_t bin) noexcept {
  return (bin == 0 ? kFineLimit : coarse_bin_bytes(bin - 1)) + 1;
}

static_assert(coarse_bin(4097) == 0 && coarse_bin(5120) == 0 && coarse_bin(5121) == 1);
static_assert(coarse_bin_bytes(0) == 5120 && coarse_bin_bytes(3) == 8192 && coarse_bin(8192) == 3);

}  // namespace heapmeter
