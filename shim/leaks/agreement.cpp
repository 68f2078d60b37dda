// SPDX-License-Identifier: MIT
#include "leaks/agreement.h"

namespace heapmeter::leaks {
namespace {

// Found less counted; modulo 2^64.
struct Differences {
  uint64_t fine[kFineBins] = {};
  uint64_t coarse[kCoarseBins] = {};

  uint64_t &of(size_t size) noexcept {
    return size <= kFineLimit ? fine[fine_bin(static_cast<uint32_t>(size))] : coarse[coarse_bin(size)];
  }
};

uint64_t counted_in(const Cell &cell) noexcept { return cell.blocks_in - cell.blocks_out; }

uint64_t distance(uint64_t difference) noexcept {
  return static_cast<int64_t>(difference) < 0 ? -difference : difference;
}

}  // namespace

uint64_t told_by_half(const Blocks &blocks, const Bins &counted) noexcept {
  Differences differences;
  for (uintptr_t start = 0; (start = blocks.first_from(start)) != 0; start += kGranule)
    ++differences.of(blocks.size(start));
  uint64_t all = 0;
  for (size_t bin = 0; bin < kFineBins; ++bin)
    all += distance(differences.fine[bin] - counted_in(counted.fine[bin]));
  for (size_t bin = 0; bin < kCoarseBins; ++bin)
    all += distance(differences.coarse[bin] - counted_in(counted.coarse[bin].requested));
  return all;
}

}  // namespace heapmeter::leaks
