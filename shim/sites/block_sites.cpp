// SPDX-License-Identifier: MIT
#include "sites/block_sites.h"

#include "base/sys.h"
#include "base/written_pages.h"

namespace heapmeter::sites {

bool BlockSites::map() noexcept {
  if (tables_ != nullptr) return true;
  auto *tables = static_cast<Tables *>(sys::map(sizeof(Tables)));
  if (tables == nullptr) return false;
  sys::keep_out_of_core_dumps(tables, sizeof(Tables));
  __atomic_store_n(&tables_, tables, __ATOMIC_RELEASE);
  return true;
}

uint32_t *BlockSites::born(const void *block) noexcept {
  if (uint32_t *found = find(block)) return found;
  const uintptr_t index = reinterpret_cast<uintptr_t>(block) >> ledger::kChunkShift;
  if (index >= ledger::kDirectorySize || load_whole(count_) >= kMostKnown) return nullptr;
  auto *chunk = static_cast<uint32_t *>(sys::map(kChunkBytes));
  if (chunk == nullptr) return nullptr;
  sys::keep_out_of_core_dumps(chunk, kChunkBytes);
  sys::keep_pages_small(chunk, kChunkBytes);
  // Two threads may map the same at once: the first one wins.
  uint32_t *none = nullptr;
  if (__atomic_compare_exchange_n(&tables_->directory[index], &none, chunk, false, __ATOMIC_ACQ_REL,
                                  __ATOMIC_ACQUIRE)) {
    const size_t at = __atomic_fetch_add(&count_, 1, __ATOMIC_RELAXED);
    if (at < kMostKnown) __atomic_store_n(&tables_->known[at], chunk, __ATOMIC_RELEASE);
  } else {
    sys::unmap(chunk, kChunkBytes);
  }
  return find(block);
}

const void *BlockSites::next(size_t &cursor) const noexcept {
  const size_t count = load_whole(count_);
  while (cursor < count && cursor < kMostKnown) {
    if (const void *chunk = __atomic_load_n(&tables_->known[cursor++], __ATOMIC_ACQUIRE)) return chunk;
  }
  return nullptr;
}

// Elsewhere a word is written plainly; here, where the page it is on may have gone or come back just now.
__attribute__((no_sanitize("thread"))) uint32_t BlockSites::look_again(const uint32_t *place) noexcept {
  while (true) {
    const uint32_t moves = moving_.moves();
    const uint32_t noted = __atomic_load_n(place, __ATOMIC_RELAXED);
    if (site_of(noted) != 0) return noted;
    // A trace on a fresh page is newer than what may come back.
    if (noted == kGone || moving_.settled(moves)) return 0;
    if (moves % 2 != 0 && !moving_.wait_for(moves)) {
      const uint32_t back = __atomic_load_n(place, __ATOMIC_RELAXED);
      return site_of(back) != 0 ? back : 0;
    }
  }
}

// Only where nothing is: what is there was born, or went, since.
__attribute__((no_sanitize("thread"))) void BlockSites::bring_back(const MovingPages::Away &away) noexcept {
  auto *here = reinterpret_cast<uint32_t *>(away.from);
  const auto *there = reinterpret_cast<const uint32_t *>(away.to);
  for (size_t at = 0; at < away.bytes / sizeof *here; ++at) {
    const uint32_t noted = __atomic_load_n(&there[at], __ATOMIC_RELAXED);
    uint32_t nothing = 0;
    if (site_of(noted) != 0)
      __atomic_compare_exchange_n(&here[at], &nothing, noted, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
  }
}

namespace {

// A guess, read while others write; what it may have missed is brought back.
__attribute__((no_sanitize("thread"))) bool all_gone(const uint8_t *page, size_t bytes) noexcept {
  const auto *words = reinterpret_cast<const uint32_t *>(page);
  for (size_t at = 0; at < bytes / sizeof *words; ++at) {
    if (BlockSites::site_of(__atomic_load_n(&words[at], __ATOMIC_RELAXED)) != 0) return false;
  }
  return true;
}

}  // namespace

// Most of a chunk was never written, and is not looked at.
void BlockSites::give_back(uint8_t *chunk) noexcept {
  const size_t page = sys::page_bytes(), pages = kChunkBytes / page;
  WrittenPages written;
  for (size_t first = 0; first < pages; first += WrittenPages::kAtOnce) {
    if (!written.look(chunk + first * page, WrittenPages::kAtOnce)) return;
    size_t run = 0;
    for (size_t at = 0; at <= WrittenPages::kAtOnce; ++at) {
      uint8_t *end = chunk + (first + at) * page;
      if (at < WrittenPages::kAtOnce && written.written(at) && all_gone(end, page)) {
        ++run;
      } else {
        if (run > 0 && !moving_.move(end - run * page, run * page)) return;
        run = 0;
      }
    }
  }
}

void BlockSites::give_back() noexcept {
  if (tables_ == nullptr || !moving_.begin(bring_back)) return;
  size_t cursor = 0;
  while (const void *chunk = next(cursor)) give_back(static_cast<uint8_t *>(const_cast<void *>(chunk)));
  moving_.end();
}

void BlockSites::clear() noexcept {
  size_t cursor = 0;
  while (const void *chunk = next(cursor)) sys::forget(const_cast<void *>(chunk), kChunkBytes);
}

void BlockSites::unmap() noexcept {
  size_t cursor = 0;
  while (const void *chunk = next(cursor)) sys::unmap(const_cast<void *>(chunk), kChunkBytes);
  if (tables_ != nullptr) sys::unmap(tables_, sizeof(Tables));
  tables_ = nullptr;
  count_ = 0;
}

}  // namespace heapmeter::sites
