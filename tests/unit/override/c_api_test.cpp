// SPDX-License-Identifier: MIT
//
// Program and library need not be of one age. Built twice: with the library as it is, and with one that has a
// counter more; the callers are always the same.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <heapmeter/heapmeter.h>

#include "tracking/tracked_heap.h"

using namespace heapmeter;

namespace {

// The struct as programs were compiled with it when it was first published: not an expansion of the lists.
struct Published {
  uint32_t size, version;
  uint64_t live_bytes, live_blocks, usable_bytes, peak_bytes, peak_error_bytes, allocations, frees,
      reallocations, allocated_bytes, freed_bytes, failures, mismatches, size_mismatches, double_frees,
      foreign_frees, reallocations_grown, reallocations_shrunk, reallocations_moved, threads, meter_bytes,
      meter_ledger_bytes, meter_slot_bytes, meter_other_bytes;
  uint64_t allocations_by_kind[12], frees_by_kind[12];
};

// What a program to come may know: more than either library.
struct Newer {
  Published known;
  uint64_t later[4];
};

// A program that stopped at the fifth counter.
struct Older {
  uint32_t size, version;
  uint64_t live_bytes, live_blocks, usable_bytes, peak_bytes, peak_error_bytes;
};

// What came since then.
struct Grown {
  Published first;
  uint64_t inner_frees, uncounted_blocks;
};

#ifdef HEAPMETER_ONE_COUNTER_MORE
static_assert(sizeof(heapmeter_snapshot) == sizeof(Grown) + sizeof(uint64_t));
#else
static_assert(sizeof(heapmeter_snapshot) == sizeof(Grown));
#endif

// What it finds behind what it asked for is not the library's to write to.
template <typename Caller>
struct Room {
  Caller reading;
  unsigned char behind[64];

  Room() { std::memset(static_cast<void *>(this), 0xaa, sizeof *this); }
  int read() {
    return heapmeter_read_process(reinterpret_cast<heapmeter_snapshot *>(&reading), sizeof reading);
  }
  bool untouched_behind() const {
    for (const unsigned char byte : behind) {
      if (byte != 0xaa) return false;
    }
    return true;
  }
};

constexpr int kBlocks = 3;

void allocate_and_free() {
  for (int i = 0; i < kBlocks; ++i) {
    void *array = tracked_heap::allocate<AllocationKind::k_new_array, Family::kNewArray>(100);
    tracked_heap::release<FreeKind::k_delete_array, Family::kNewArray>(array);
  }
}

void expect_its_own_fields(const Published &before, const Published &after) {
  constexpr auto kNewArray = static_cast<size_t>(AllocationKind::k_new_array);
  constexpr auto kDeleteArray = static_cast<size_t>(FreeKind::k_delete_array);
  EXPECT_EQ(after.version, 1u);
  EXPECT_EQ(after.allocations - before.allocations, kBlocks);
  EXPECT_EQ(after.allocated_bytes - before.allocated_bytes, 100 * kBlocks);
  EXPECT_EQ(after.meter_bytes, after.meter_ledger_bytes + after.meter_slot_bytes + after.meter_other_bytes);
  for (size_t kind = 0; kind < 12; ++kind) {
    EXPECT_EQ(after.allocations_by_kind[kind] - before.allocations_by_kind[kind],
              kind == kNewArray ? kBlocks : 0)
        << kind;
    EXPECT_EQ(after.frees_by_kind[kind] - before.frees_by_kind[kind], kind == kDeleteArray ? kBlocks : 0)
        << kind;
  }
}

class CApi : public testing::Test {
 protected:
  static void SetUpTestSuite() { tracked_heap::begin(); }
};

}  // namespace

TEST_F(CApi, AProgramReadsTheFieldsItWasCompiledWith) {
  Room<Published> before, after;
  ASSERT_EQ(before.read(), 0);
  allocate_and_free();
  ASSERT_EQ(after.read(), 0);
  EXPECT_EQ(after.reading.size, sizeof(Published));
  expect_its_own_fields(before.reading, after.reading);
  EXPECT_TRUE(after.untouched_behind());
}

TEST_F(CApi, ANewerProgramReadsZeroWhereTheLibraryKnowsNothing) {
  Room<Newer> before, after;
  ASSERT_EQ(before.read(), 0);
  allocate_and_free();
  ASSERT_EQ(after.read(), 0);
  EXPECT_EQ(after.reading.known.size, sizeof(heapmeter_snapshot));
  expect_its_own_fields(before.reading.known, after.reading.known);
  EXPECT_EQ(after.reading.later[3], 0u);
  EXPECT_TRUE(after.untouched_behind());
}

TEST_F(CApi, AnOlderProgramReadsAsMuchAsItHasRoomFor) {
  void *block = tracked_heap::allocate<AllocationKind::k_malloc, Family::kMalloc>(1000);
  Room<Older> now;
  ASSERT_EQ(now.read(), 0);
  EXPECT_EQ(now.reading.size, sizeof(Older));
  EXPECT_GE(now.reading.live_bytes, 1000u);
  EXPECT_GE(now.reading.peak_bytes + now.reading.peak_error_bytes, now.reading.live_bytes);
  EXPECT_TRUE(now.untouched_behind());
  tracked_heap::release<FreeKind::k_free, Family::kMalloc>(block);
}

// A program that stopped at the first two counts of a look.
TEST_F(CApi, ALookFillsAsMuchAsThereIsRoomFor) {
  struct {
    uint32_t size, version;
    uint64_t lost_blocks, lost_bytes;
    uint64_t behind;
  } older = {0, 0, 0, 0, 0xaaaa};
  constexpr size_t kRoom = 24;
  // Where a sanitizer lives in the process there is none; that is said in what there is no room for.
  const int result = heapmeter_look_for_leaks(reinterpret_cast<heapmeter_look *>(&older), kRoom);
  EXPECT_TRUE(result == 0 || result == EAGAIN) << result;
  EXPECT_EQ(older.size, kRoom);
  EXPECT_EQ(older.version, 1u);
  EXPECT_EQ(older.behind, 0xaaaau);
  EXPECT_EQ(heapmeter_look_for_leaks(nullptr, kRoom), EINVAL);
  EXPECT_EQ(heapmeter_look_for_leaks(reinterpret_cast<heapmeter_look *>(&older), 4), EINVAL);
}

// Both have a field more, one day, and a program that knows it runs on this library.
TEST_F(CApi, ANewerProgramReadsZeroBehindAThreadsCountersAndALook) {
  struct {
    heapmeter_thread_counters known;
    uint64_t later = 0xaaaa, behind = 0xaaaa;
  } thread;
  constexpr size_t kThread = sizeof thread.known + sizeof thread.later;
  ASSERT_EQ(heapmeter_read_thread(&thread.known, kThread), 0);
  EXPECT_EQ(thread.known.size, sizeof thread.known);
  EXPECT_EQ(thread.later, 0u);
  EXPECT_EQ(thread.behind, 0xaaaau);
  struct {
    heapmeter_look known;
    uint64_t later = 0xaaaa, behind = 0xaaaa;
  } look;
  constexpr size_t kLook = sizeof look.known + sizeof look.later;
  const int result = heapmeter_look_for_leaks(&look.known, kLook);
  EXPECT_TRUE(result == 0 || result == EAGAIN) << result;
  EXPECT_EQ(look.known.size, sizeof look.known);
  EXPECT_EQ(look.later, 0u);
  EXPECT_EQ(look.behind, 0xaaaau);
}

// A program that stopped at the first of a thread's counters.
TEST_F(CApi, AThreadsCountersFillAsMuchAsThereIsRoomFor) {
  struct {
    uint32_t size, version;
    uint64_t allocations;
    uint64_t behind;
  } older = {0, 0, 0, 0xaaaa};
  constexpr size_t kRoom = 16;
  allocate_and_free();
  ASSERT_EQ(heapmeter_read_thread(reinterpret_cast<heapmeter_thread_counters *>(&older), kRoom), 0);
  EXPECT_EQ(older.size, kRoom);
  EXPECT_GE(older.allocations, static_cast<uint64_t>(kBlocks));
  EXPECT_EQ(older.behind, 0xaaaau);
}
