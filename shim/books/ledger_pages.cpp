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
// Nobody asks for it yet: raced against births and releases, some page in ten thousand came back with a byte
// of an entry that was gone over one of its successor's (ledger_test, WhileBlocksComeAndGo).
#include <string.h>
#include <sys/mman.h>

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

// From the last to the first byte: an entry is complete when its first one is there. What is back is gone
// there, so that whoever goes on with it, or begins anew, brings nothing back twice.
// The kernel puts the move between what was written there before and here after, which TSan does not know.
__attribute__((no_sanitize("thread"))) void Ledger::bring_back() noexcept {
  for (size_t end = moving_.bytes; end > 0; end -= sizeof(uint64_t)) {
    uint8_t *eight = moving_.to + end - sizeof(uint64_t);
    uint64_t word;
    memcpy(&word, eight, sizeof word);
    const size_t at = end - sizeof word;
    if ((word & ~kTombstones) == 0) continue;
    for (size_t i = end; i-- > at;) {
      const uint8_t byte = moving_.to[i];
      if (byte == entry::kNothing || byte == entry::kTombstone) continue;
      __atomic_store_n(&moving_.from[i], byte, __ATOMIC_RELEASE);
      moving_.to[i] = entry::kNothing;
    }
  }
}

// Once, whoever is first: the mover, or who waited for it as long as for one that is gone.
void Ledger::end_move(uint32_t move) noexcept {
  __atomic_compare_exchange_n(&moves_, &move, move + 1, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

bool Ledger::move_away(const Part &part, size_t first, size_t windows, uint8_t *landing) noexcept {
  constexpr long kKeepMapped = 4;  // MREMAP_DONTUNMAP, since Linux 5.7
  const auto bytes = static_cast<long>(windows * kWindowEntries);
  moving_.from = part.entries + first * kWindowEntries;
  moving_.to = landing;
  moving_.bytes = windows * kWindowEntries;
  __atomic_store_n(&moving_.by, __builtin_thread_pointer(), __ATOMIC_RELAXED);
  const uint32_t move = __atomic_add_fetch(&moves_, 1, __ATOMIC_SEQ_CST);
  const long moved = sys::call(SYS_mremap, reinterpret_cast<long>(moving_.from), bytes, bytes,
                               MREMAP_MAYMOVE | MREMAP_FIXED | kKeepMapped, reinterpret_cast<long>(landing));
  if (!sys::failed(moved)) bring_back();
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
    if (gone && any) {
      __atomic_fetch_or(&part.forgotten()[window / 64], uint64_t{1} << window % 64, __ATOMIC_RELAXED);
    }
    if (gone && window - first < kAtOnce - 1) continue;
    const size_t windows = window - first + (gone ? 1 : 0);
    if (windows > 0 && !move_away(part, first, windows, landing)) return;
    first = window + 1;
  }
}

void Ledger::give_back() noexcept {
  if (sys::page_bytes() != kWindowEntries || __atomic_exchange_n(&giving_back_, true, __ATOMIC_ACQUIRE))
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
    bring_back();
    end_move(move);
  }
  giving_back_ = false;
}

void Ledger::wait_for(uint32_t moves) noexcept {
  // A handler waits in vain for what it interrupted.
  if (__atomic_load_n(&moving_.by, __ATOMIC_RELAXED) == __builtin_thread_pointer()) return bring_back();
  // In a child that was forked by a bare system call nobody goes on with it.
  constexpr int kTurns = 1000, kLongMs = 10'000;
  for (int turns = 0; __atomic_load_n(&moves_, __ATOMIC_ACQUIRE) == moves; ++turns) {
    if (turns > kTurns + kLongMs) return in_child();
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
