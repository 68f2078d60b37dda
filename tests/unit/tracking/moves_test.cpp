// SPDX-License-Identifier: MIT
//
// The page of the ledger with a block's entry goes away at any instruction of a call about that block, and
// comes back some instructions later: the books, and the entry, are what they are without. Another thread
// moves it, at each instruction once. Steps by the trap flag of x86-64.
#include <gtest/gtest.h>
#include <semaphore.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <ostream>
#include <thread>
#include <vector>

#include "books/ledger.h"
#include "books/snapshot.h"
#include "tracking/tracked_heap.h"

#if defined(__x86_64__) && !defined(HEAPMETER_SANITIZED)

#include "trap_flag.h"

using namespace heapmeter;

// A page that goes though it has something on it was taken for empty by who looked before that was born. Only
// a test waits for such a moment, so that nobody else gets at what moves.
MovingPages &moving_pages_of(Ledger &ledger);
template <MovingPages Ledger::*kMoving>
struct Reveal {
  friend MovingPages &moving_pages_of(Ledger &ledger) { return ledger.*kMoving; }
};
template struct Reveal<&Ledger::moving_>;

namespace {

using Found = std::array<uint64_t, 15>;

void *allocate(size_t bytes) {
  return tracked_heap::allocate<AllocationKind::k_malloc, Family::kMalloc>(bytes);
}
void *allocate_new(size_t bytes) {
  return tracked_heap::allocate<AllocationKind::k_new, Family::kNew>(bytes);
}
void *allocate_aligned(size_t bytes) {
  return tracked_heap::allocate_aligned<AllocationKind::k_aligned, Family::kMalloc>(bytes, 64);
}
void *allocate_new_aligned(size_t bytes) {
  return tracked_heap::allocate_aligned<AllocationKind::k_new_aligned, Family::kNew>(bytes, 64);
}
void *release(void *block, size_t) {
  tracked_heap::release<FreeKind::k_free, Family::kMalloc>(block);
  return nullptr;
}
void *release_sized(void *block, size_t bytes) {
  tracked_heap::release<FreeKind::k_delete_sized, Family::kNew, true>(block, bytes);
  return nullptr;
}
void *release_slow(void *block, size_t) {
  tracked_heap::release_slow(block, FreeKind::k_free, Family::kMalloc, tracked_heap::kAnySize);
  return nullptr;
}
void *reallocate(void *block, size_t bytes) { return tracked_heap::reallocate(block, bytes); }
uint64_t usable = 0;
void *ask_usable(void *block, size_t) {
  usable = tracked_heap::usable_bytes(block);
  return block;
}

struct Call {
  const char *name;
  void *(*make)(size_t);
  size_t bytes;
  void *(*call)(void *, size_t);
  size_t to = 0;  // else as many as before

  friend void PrintTo(const Call &call, std::ostream *out) { *out << call.name; }
};

// After so many instructions of the call the page goes, and after so many more it comes back.
struct Moment {
  size_t goes_after, stays_away;
};
Moment moment;
constexpr Moment kNever = {SIZE_MAX, 0};
volatile size_t instructions;
volatile bool is_away;
sem_t go, away, back, done;

// Who looks for them finds the instructions that read the page or write to it, each by its number.
uint8_t *page = nullptr;
volatile bool looks, looked;
std::array<size_t, 256> accesses;
volatile size_t access_count;

void wait_for(sem_t &semaphore) {
  while (sem_wait(&semaphore) != 0) {
  }
}

void let_come_back() {
  if (!is_away) return;
  sem_post(&back);
  wait_for(done);
  is_away = false;
}

void set_page(int protection) { mprotect(page, sys::page_bytes(), protection); }

void touched(int, siginfo_t *fault, void *) {
  const auto at = reinterpret_cast<uintptr_t>(fault->si_addr) - reinterpret_cast<uintptr_t>(page);
  if (!looks || at >= sys::page_bytes() || access_count == accesses.size()) std::abort();
  accesses[access_count] = instructions;
  access_count = access_count + 1;
  set_page(PROT_READ | PROT_WRITE);
  looked = true;
}

void trapped(int, siginfo_t *, void *context) {
  if (looked) set_page(PROT_NONE);
  looked = false;
  if (instructions == moment.goes_after) {
    sem_post(&go);
    wait_for(away);
    is_away = true;
  } else if (is_away && instructions == moment.goes_after + moment.stays_away) {
    let_come_back();
    step_no_more(context);
  }
  instructions = instructions + 1;
}

void hold_and_bring_back(const MovingPages::Away &pages) noexcept {
  sem_post(&away);
  wait_for(back);
  ledger::bring_back(pages);
}

void handle(int signal, void (*by)(int, siginfo_t *, void *)) {
  struct sigaction action {};
  action.sa_sigaction = by;
  action.sa_flags = SA_SIGINFO;
  sigaction(signal, &action, nullptr);
}

class Moves : public testing::TestWithParam<Call> {
 protected:
  void SetUp() override {
    for (sem_t *semaphore : {&go, &away, &back, &done}) ASSERT_EQ(sem_init(semaphore, 0, 0), 0);
    handle(SIGTRAP, trapped);
    handle(SIGSEGV, touched);
    tracked_heap::begin();
    mover_ = std::thread([this] {
      for (wait_for(go); !ends_; wait_for(go)) {
        MovingPages &moving = moving_pages_of(the_ledger);
        const bool moved = moving.begin(hold_and_bring_back) && moving.move(page, sys::page_bytes());
        if (!moved) std::abort();
        moving.end();
        sem_post(&done);
      }
    });
  }
  void TearDown() override {
    ends_ = true;
    sem_post(&go);
    mover_.join();
    for (const int signal : {SIGTRAP, SIGSEGV}) std::signal(signal, SIG_DFL);
  }

  // What comes of the call, by the books and the ledger, where the page goes then.
  Found after(const Moment &then, bool looks_for_accesses = false) {
    const Call &call = GetParam();
    void *block = call.make(call.bytes);
    heapmeter_snapshot before;
    snapshot::take_counts(before);
    uint8_t *at = the_ledger.find(block).at();
    page = at - reinterpret_cast<uintptr_t>(at) % sys::page_bytes();
    moment = then;
    instructions = 0;
    access_count = 0;
    looks = looks_for_accesses;
    if (looks) set_page(PROT_NONE);
    BEGIN_TO_STEP();
    void *now = call.call(block, call.to != 0 ? call.to : call.bytes);
    END_TO_STEP();
    if (looks) set_page(PROT_READ | PROT_WRITE);
    looks = false;
    let_come_back();
    const Found found = found_after(block, now, before);
    if (now != nullptr) release_slow(now, 0);
    return found;
  }

 private:
  // Of a record that should be gone.
  static size_t digits_at(const uint8_t *at) {
    return static_cast<size_t>(std::count_if(at + 2, at + entry::kWideBytes, [](uint8_t byte) {
      return byte >= 0x80 && (byte & entry::kTagMask) == 0;
    }));
  }

  static Found found_after(const void *was, void *is, const heapmeter_snapshot &before) {
    heapmeter_snapshot now;
    snapshot::take_counts(now);
    ledger::Place place, was_place;
    const entry::Decoded old = the_ledger.look_up(was, was_place);
    const entry::Decoded noted = is != nullptr ? the_ledger.look_up(is, place) : entry::Decoded{};
    return {now.live_blocks - before.live_blocks,
            now.live_bytes - before.live_bytes,
            now.usable_bytes - before.usable_bytes,
            now.allocations - before.allocations,
            now.frees - before.frees,
            now.reallocations - before.reallocations,
            now.failures - before.failures,
            now.mismatches + now.size_mismatches - before.mismatches - before.size_mismatches,
            now.double_frees + now.foreign_frees + now.inner_frees,
            old.live(),
            was != is ? digits_at(was_place.at()) : 0,
            noted.live(),
            noted.size,
            noted.usable,
            usable};
  }

  std::thread mover_;
  std::atomic<bool> ends_ = false;
};

// Longer than any call waits for a page that is away.
constexpr size_t kLong = 400;

TEST_P(Moves, BeforeAnyAccess) {
  // What the first call of its kind does is long, and not looked at.
  for (int i = 0; i < 3; ++i) after(kNever);
  const Found undisturbed = after(kNever, true);
  ASSERT_EQ(after(kNever, true), undisturbed);
  std::vector<size_t> before(accesses.begin(), accesses.begin() + access_count);
  ASSERT_FALSE(before.empty());
  before.push_back(before.back() + 1);
  for (size_t goes = 0; goes < before.size(); ++goes) {
    for (size_t comes = goes + 1; comes <= before.size(); ++comes) {
      const size_t stays = comes < before.size() ? before[comes] - before[goes] : kLong;
      EXPECT_EQ(after({before[goes] - 1, stays}), undisturbed)
          << "gone after " << before[goes] << " instructions for " << stays;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    , Moves,
    testing::Values(Call{"free", allocate, 100, release},                              //
                    Call{"free of a long block", allocate, 3000, release},             //
                    Call{"free of an aligned block", allocate_aligned, 100, release},  //
                    Call{"free of a medium block", allocate, 9000, release},           //
                    Call{"sized delete", allocate_new, 100, release_sized},
                    Call{"sized delete of a long block", allocate_new, 3000, release_sized},
                    Call{"sized delete of an aligned block", allocate_new_aligned, 100, release_sized},
                    Call{"sized delete of a medium block", allocate_new, 9000, release_sized},
                    Call{"the general way", allocate, 100, release_slow},
                    Call{"the general way of an aligned block", allocate_aligned, 100, release_slow},
                    Call{"the general way of a medium block", allocate, 9000, release_slow},
                    Call{"realloc", allocate, 100, reallocate, 300},
                    Call{"realloc within a class", allocate, 100, reallocate, 98},
                    Call{"realloc in place", allocate, 100, reallocate, 70},
                    Call{"realloc of an aligned block", allocate_aligned, 100, reallocate, 90},
                    Call{"realloc of a medium block in place", allocate, 9000, reallocate, 8900},
                    Call{"realloc to a medium block", allocate, 100, reallocate, 9000},
                    Call{"realloc to a large block", allocate, 100, reallocate, 60'000},
                    Call{"usable bytes", allocate, 100, ask_usable},
                    Call{"usable bytes of an aligned block", allocate_aligned, 100, ask_usable},
                    Call{"usable bytes of a medium block", allocate, 9000, ask_usable}));

}  // namespace

#else

TEST(Moves, BeforeAnyAccess) { GTEST_SKIP() << "it steps by the trap flag of x86-64"; }

#endif
