// SPDX-License-Identifier: MIT
//
// Pages of the ledger whose blocks are all gone, back to the kernel while others go on.
//
// On a page there is either an entry of a live block, and it stays, or there are tombstones only. The next
// block there may be born at any moment, by who asks nobody. So the page is not thrown away where it is: it
// is moved elsewhere as a whole, leaving a fresh one, and what was born in time to be moved along is brought
// back. Until then its release finds nothing, and waits in look_up(); so does whatever else finds nothing.
// That there were tombstones is remembered by a bit.
//
// No fence stands between an entry's plain stores and the move: the kernel unmaps a page only once all that
// other processors did through its old address is done, on x86 by interrupting them, on arm64 by a barrier
// that waits for it. So each of those stores is on the page that moves, and what the mover stored before, the
// bit, is seen by whoever finds a fresh page.
#include <string.h>
#include <sys/mman.h>

#include "base/sandbox.h"
#include "base/sys.h"
#include "books/ledger.h"

namespace heapmeter {
namespace {

using ledger::kWindowEntries;  // a page, where those of the kernel are as small
constexpr size_t kAtOnce = 256;

constexpr uint64_t kTombstones = entry::kTombstone * 0x0101010101010101u;

// A guess, read while others write; what it may have missed is brought back.
__attribute__((no_sanitize("thread"))) bool all_gone(const uint8_t *page, bool &any) noexcept {
  uint64_t seen = 0, word;
  for (size_t at = 0; at < kWindowEntries; at += sizeof word) {
    memcpy(&word, page + at, sizeof word);
    if ((word & ~kTombstones) != 0) return false;
    seen |= word;
  }
  any = seen != 0;
  return true;
}

}  // namespace

// Once, whoever is first: the mover, or who waited for it as long as for one that is gone.
void Ledger::end_move(uint32_t move) noexcept {
  __atomic_compare_exchange_n(&moves_, &move, move + 1, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

bool Ledger::move_away(uint8_t *from, size_t windows, uint8_t *landing) noexcept {
  constexpr long kKeepMapped = 4;  // MREMAP_DONTUNMAP, since Linux 5.7
  const auto bytes = static_cast<long>(windows * kWindowEntries);
  moved_ = {from, landing, windows * kWindowEntries};
  __atomic_store_n(&mover_, __builtin_thread_pointer(), __ATOMIC_RELAXED);
  const uint32_t move = __atomic_add_fetch(&moves_, 1, __ATOMIC_SEQ_CST);
  const long moved = sys::call(SYS_mremap, reinterpret_cast<long>(from), bytes, bytes,
                               MREMAP_MAYMOVE | MREMAP_FIXED | kKeepMapped, reinterpret_cast<long>(landing));
  if (!sys::failed(moved)) moved_.bring_back();
  end_move(move);
  return !sys::failed(moved);
}

// Pages that were never written are looked at, too, which gives them the kernel's page of zeros, and go with
// the rest: who asked which they are would make a system call that no program of its own makes, and a sandbox
// may kill for that.
void Ledger::give_back(const Part &part, uint8_t *landing) noexcept {
  size_t first = 0;
  for (size_t window = 0; window <= part.windows; ++window) {
    bool any = false;
    const bool gone = window < part.windows && all_gone(part.entries + window * kWindowEntries, any);
    if (gone && any) part.forget(window);
    if (gone && window - first < kAtOnce - 1) continue;
    const size_t windows = window - first + (gone ? 1 : 0);
    if (windows > 0 && !move_away(part.entries + first * kWindowEntries, windows, landing)) return;
    first = window + 1;
  }
}

void Ledger::give_back() noexcept {
  if (sys::page_bytes() != kWindowEntries || !sandbox::lets_move() ||
      __atomic_exchange_n(&giving_back_, true, __ATOMIC_ACQUIRE))
    return;
  auto *landing = static_cast<uint8_t *>(sys::map(kAtOnce * kWindowEntries));
  size_t cursor = 0;
  for (Part part; landing != nullptr && next(cursor, part);) give_back(part, landing);
  if (landing != nullptr) sys::unmap(landing, kAtOnce * kWindowEntries);
  __atomic_store_n(&giving_back_, false, __ATOMIC_RELEASE);
}

void Ledger::in_child() noexcept {
  // It has the landing, too.
  if (const uint32_t move = __atomic_load_n(&moves_, __ATOMIC_ACQUIRE); move % 2 != 0) {
    moved_.bring_back();
    end_move(move);
  }
  if (giving_back_) giving_back_ = false;  // a page written to is one copied
}

void Ledger::wait_for(uint32_t moves) noexcept {
  // A handler waits in vain for what it interrupted.
  if (__atomic_load_n(&mover_, __ATOMIC_RELAXED) == __builtin_thread_pointer()) return moved_.bring_back();
  // In a child that was forked by a bare system call nobody goes on with it.
  constexpr int kTurns = 1000, kLongMs = 10'000;
  for (int turns = 0; __atomic_load_n(&moves_, __ATOMIC_ACQUIRE) == moves; ++turns) {
    if (turns > kTurns + kLongMs) {
      moved_.bring_back();
      return end_move(moves);
    }
    if (turns > kTurns) sys::futex_wait(&moves_, moves, 1);
  }
}

entry::Decoded Ledger::look_up(const void *block, Place &place) noexcept {
  place = {};
  if (reinterpret_cast<uintptr_t>(block) % kGranule != 0) return {};
  while (true) {
    const uint32_t moves = __atomic_load_n(&moves_, __ATOMIC_ACQUIRE);
    place = find(block);
    const entry::Decoded noted = place ? place.decode() : entry::Decoded{};
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    const bool settled = moves % 2 == 0 && __atomic_load_n(&moves_, __ATOMIC_RELAXED) == moves;
    // What one store wrote is there or not; of a wide record the rest may still have to come back.
    const bool whole = noted.live() && noted.form != entry::Form::kWide;
    if (whole || settled || !place) return noted;
    if (moves % 2 == 0) continue;
    wait_for(moves);
    if (__atomic_load_n(&moves_, __ATOMIC_ACQUIRE) == moves) return place.decode();
  }
}

}  // namespace heapmeter
