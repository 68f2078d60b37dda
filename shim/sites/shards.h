// SPDX-License-Identifier: MIT
//
// The counts of all sites, in shards: one a thread, its only writer, who adds without a lock prefix, and one
// that all share and add to atomically: for threads that are gone, and where there is no room for more.
//
// A shard is a directory of pieces, each the counts of some neighbouring sites, taken when the first of them
// counts. Its memory stays with a slot, and the slot's next thread goes on adding: nothing is ever folded.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sites/budget.h"
#include "sites/counts.h"

namespace heapmeter::sites {

inline constexpr size_t kSitesOfPiece = 4096 / sizeof(Counts);
inline constexpr size_t kMostSites = size_t{1} << 20;

// Lives in memory that starts as zero; most of it is hardly ever touched.
struct Shard {
  Counts *pieces[kMostSites / kSitesOfPiece];

  // Null where this shard has none yet.
  HEAPMETER_INLINE Counts *at(uint32_t site) noexcept {
    Counts *piece = pieces[site / kSitesOfPiece];
    return HEAPMETER_LIKELY(piece != nullptr) ? piece + site % kSitesOfPiece : nullptr;
  }
};

class Shards {
 public:
  // Reserves address space, once. False when there is none.
  bool map(size_t limit, uint32_t most_sites) noexcept;
  bool mapped() const noexcept { return pool_ != nullptr; }

  // The shard's counts of that site, with a piece taken for them; null where there is no room.
  Counts *take(Budget &budget, Shard &shard, uint32_t site) noexcept;
  // There for every site: the table sees to it that there is room.
  Counts &shared(uint32_t site) const noexcept { return shared_[site]; }
  static const Counts *look(const Shard &shard, uint32_t site) noexcept {
    const Counts *piece = __atomic_load_n(&shard.pieces[site / kSitesOfPiece], __ATOMIC_ACQUIRE);
    return piece == nullptr ? nullptr : piece + site % kSitesOfPiece;
  }

  // Everything, when nobody counts and the shards themselves were given back.
  void clear() noexcept;
  Memory memory() const noexcept { return {shared_, mapped() ? bytes() : 0}; }
  void unmap() noexcept;

 private:
  static constexpr size_t kPieceBytes = kSitesOfPiece * sizeof(Counts);
  size_t bytes() const noexcept { return shared_bytes_ + pool_pieces_ * kPieceBytes; }

  Counts *shared_ = nullptr;
  Counts *pool_ = nullptr;
  size_t shared_bytes_ = 0;
  size_t pool_pieces_ = 0;
  size_t given_ = 0;
};

}  // namespace heapmeter::sites
