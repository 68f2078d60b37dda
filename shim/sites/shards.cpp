// SPDX-License-Identifier: MIT
#include "sites/shards.h"

#include "base/sys.h"

namespace heapmeter::sites {

bool Shards::map(size_t limit, uint32_t most_sites) noexcept {
  if (mapped()) return true;
  shared_bytes_ = (most_sites + kSitesOfPiece) / kSitesOfPiece * kPieceBytes;
  pool_pieces_ = limit / kPieceBytes;
  auto *start = static_cast<char *>(sys::map(bytes()));
  if (start == nullptr) return false;
  sys::keep_out_of_core_dumps(start, bytes());
  sys::keep_pages_small(start, bytes());
  shared_ = reinterpret_cast<Counts *>(start);
  __atomic_store_n(&pool_, reinterpret_cast<Counts *>(start + shared_bytes_), __ATOMIC_RELEASE);
  return true;
}

Counts *Shards::take(Budget &budget, Shard &shard, uint32_t site) noexcept {
  if (Counts *counts = shard.at(site)) return counts;
  if (load_whole(given_) >= pool_pieces_ || !budget.take(kPieceBytes)) return nullptr;
  const size_t piece = __atomic_fetch_add(&given_, 1, __ATOMIC_RELAXED);
  if (piece >= pool_pieces_) return nullptr;
  Counts *counts = pool_ + piece * kSitesOfPiece;
  __atomic_store_n(&shard.pieces[site / kSitesOfPiece], counts, __ATOMIC_RELEASE);
  return counts + site % kSitesOfPiece;
}

void Shards::clear() noexcept {
  if (!mapped()) return;
  sys::forget(shared_, bytes());
  store_whole(given_, size_t{0});
}

void Shards::unmap() noexcept {
  if (!mapped()) return;
  sys::unmap(shared_, bytes());
  pool_ = nullptr;
}

}  // namespace heapmeter::sites
