// SPDX-License-Identifier: MIT
#include "books/moving_pages.h"

#include <sys/mman.h>

#include "base/sandbox.h"
#include "base/sys.h"

namespace heapmeter {

bool MovingPages::begin(BringBack bring_back) noexcept {
  if (!sandbox::lets_move() || __atomic_exchange_n(&at_it_, true, __ATOMIC_ACQUIRE)) return false;
  landing_ = static_cast<uint8_t *>(sys::map(kAtOnce * sys::page_bytes()));
  bring_back_ = bring_back;
  if (landing_ == nullptr) __atomic_store_n(&at_it_, false, __ATOMIC_RELEASE);
  return landing_ != nullptr;
}

void MovingPages::end() noexcept {
  sys::unmap(landing_, kAtOnce * sys::page_bytes());
  __atomic_store_n(&at_it_, false, __ATOMIC_RELEASE);
}

// Once, whoever is first: the mover, or who waited for it as long as for one that is gone.
void MovingPages::end_move(uint32_t move) noexcept {
  __atomic_compare_exchange_n(&moves_, &move, move + 1, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

bool MovingPages::move(uint8_t *from, size_t bytes) noexcept {
  constexpr long kKeepMapped = 4;  // MREMAP_DONTUNMAP, since Linux 5.7
  away_ = {from, landing_, bytes};
  __atomic_store_n(&mover_, __builtin_thread_pointer(), __ATOMIC_RELAXED);
  const uint32_t move = __atomic_add_fetch(&moves_, 1, __ATOMIC_SEQ_CST);
  const long moved =
      sys::call(SYS_mremap, reinterpret_cast<long>(from), static_cast<long>(bytes), static_cast<long>(bytes),
                MREMAP_MAYMOVE | MREMAP_FIXED | kKeepMapped, reinterpret_cast<long>(landing_));
  if (!sys::failed(moved)) bring_back_(away_);
  end_move(move);
  return !sys::failed(moved);
}

void MovingPages::in_child() noexcept {
  // It has the landing, too.
  if (const uint32_t move = moves(); move % 2 != 0) {
    bring_back_(away_);
    end_move(move);
  }
  at_it_ = false;
}

bool MovingPages::wait_for(uint32_t moves) noexcept {
  // A handler waits in vain for what it interrupted.
  if (__atomic_load_n(&mover_, __ATOMIC_RELAXED) == __builtin_thread_pointer()) {
    bring_back_(away_);
    return __atomic_load_n(&moves_, __ATOMIC_ACQUIRE) != moves;
  }
  // In a child that was forked by a bare system call nobody goes on with it.
  constexpr int kTurns = 1000, kLongMs = 10'000;
  for (int turns = 0; __atomic_load_n(&moves_, __ATOMIC_ACQUIRE) == moves; ++turns) {
    if (turns > kTurns + kLongMs) {
      bring_back_(away_);
      end_move(moves);
      break;
    }
    if (turns > kTurns) sys::futex_wait(&moves_, moves, 1);
  }
  return __atomic_load_n(&moves_, __ATOMIC_ACQUIRE) != moves;
}

}  // namespace heapmeter
