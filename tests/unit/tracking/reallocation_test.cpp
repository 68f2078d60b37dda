// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "backend/allocator.h"
#include "backend/mapped_heap.h"
#include "books/ledger.h"
#include "books/snapshot.h"
#include "tracking/tracked_heap.h"

using namespace heapmeter;

namespace {

constexpr size_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;

heapmeter_snapshot taken() {
  heapmeter_snapshot now;
  snapshot::take(now);
  return now;
}

// A block with a pattern in it, and the books as they were before it was to grow.
struct Block {
  size_t bytes;
  char *start;
  heapmeter_snapshot before;

  explicit Block(size_t size) : bytes(size) {
    tracked_heap::begin();
    start = static_cast<char *>(
        tracked_heap::allocate_slow(bytes, AllocationKind::k_malloc, Family::kMalloc, false));
    for (size_t i = 0; i < bytes; ++i) start[i] = static_cast<char>(i % 251);
    // What is mapped for it alone must move to grow.
    if (bytes >= kMiB)
      mmap(start + bytes, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    before = taken();
  }

  bool holds_its_pattern() const {
    for (size_t i = 0; i < bytes; ++i) {
      if (start[i] != static_cast<char>(i % 251)) return false;
    }
    return true;
  }

  void expect_unchanged(void *answer, int error) const {
    EXPECT_EQ(answer, nullptr);
    EXPECT_EQ(error, ENOMEM);
    EXPECT_TRUE(holds_its_pattern());
    heapmeter_snapshot now = taken();
    EXPECT_EQ(now.failures, before.failures + 1);
    EXPECT_EQ(now.live_bytes, before.live_bytes);
    EXPECT_EQ(now.live_blocks, before.live_blocks);
    EXPECT_EQ(now.usable_bytes, before.usable_bytes);
    EXPECT_EQ(now.reallocations, before.reallocations);
    tracked_heap::release_slow(start, FreeKind::k_free, Family::kMalloc, tracked_heap::kAnySize);
    now = taken();
    EXPECT_EQ(now.live_bytes, before.live_bytes - bytes);
    EXPECT_EQ(now.foreign_frees, before.foreign_frees);
  }
};

// Grows the block while the process may take this much more address space, and no more.
void grow_within(const Block &block, size_t bytes, size_t more) {
#if defined(HEAPMETER_SANITIZED)
  GTEST_SKIP() << "a sanitizer's shadow memory leaves no limit to set";
#endif
  // Beyond it no block was ever born: a new one needs memory for its entry.
  void *apart = mmap(nullptr, 3 * kGiB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(apart, MAP_FAILED);
  char text[32] = {};
  const int statm = open("/proc/self/statm", O_RDONLY);
  ASSERT_GT(read(statm, text, sizeof text - 1), 0);
  close(statm);
  size_t pages = 0;
  ASSERT_EQ(sscanf(text, "%zu", &pages), 1);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  const rlimit tight{pages * 4096 + more, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_AS, &tight), 0);
  errno = 0;
  void *answer = tracked_heap::reallocate(block.start, bytes);
  const int error = errno;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  munmap(apart, 3 * kGiB);
  block.expect_unchanged(answer, error);
}

}  // namespace

// There is room for the larger block, and too little beyond that for a piece of the ledger.
TEST(Reallocation, SmallBlockStaysWhatItWasWithoutMemoryForANewEntry) {
  grow_within(Block(100), 64 * kMiB, 64 * kMiB + 200 * kKiB);
}

TEST(Reallocation, MappedBlockStaysWhatItWasWithoutMemoryForANewEntry) {
  grow_within(Block(kMiB), 64 * kMiB, 63 * kMiB + 200 * kKiB);
}

namespace {

// Blocks in so many places that the ledger has none left. For the rest of this process.
void fill_the_ledger() {
  ledger::use_pieces();
  uintptr_t address = 600 * kGiB;
  while (ledger::born(reinterpret_cast<void *>(address)) != nullptr) address += 4 * kMiB;
}

// An allocator of the program's choice that moves what grows to where the meter has nothing yet.
struct Elsewhere {
  static constexpr size_t kRoom = 4096;
  static inline char here[kRoom] alignas(16);
  static inline char *there = nullptr;
  static inline void *freed = nullptr;

  static void *malloc(size_t) { return here; }
  static void *calloc(size_t, size_t) { return here; }
  static void *memalign(size_t, size_t) { return here; }
  static size_t usable(void *) { return kRoom; }
  static void free(void *block) { freed = block; }
  static void *realloc(void *block, size_t) {
    // In the midst of so much that no other block can share its GiB.
    char *apart = static_cast<char *>(
        mmap(nullptr, 3 * kGiB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (apart == MAP_FAILED || mprotect(apart + 3 * kGiB / 2, kRoom, PROT_READ | PROT_WRITE) != 0)
      return nullptr;
    there = apart + 3 * kGiB / 2;
    std::memcpy(there, block, kRoom);
    return there;
  }
};

}  // namespace

// Last, all in one: the ledger stays full.
TEST(ReallocationOfAFullLedger, LosesNothing) {
  const NextHeap elsewhere{Elsewhere::malloc,   Elsewhere::calloc, Elsewhere::realloc,
                           Elsewhere::memalign, Elsewhere::free,   Elsewhere::usable};
  backend::next = &elsewhere;
  Block moved(1000);
  backend::next = nullptr;
  Block small(100);
  Block mapped(mapped_heap::kAlways);  // however large the last one released was
  fill_the_ledger();

  for (Block *block : {&small, &mapped}) {
    block->before = taken();
    errno = 0;
    void *answer = tracked_heap::reallocate(block->start, 256 * kMiB);
    block->expect_unchanged(answer, errno);
  }

  // An allocator that moves by itself has moved already: the program keeps the block, the books say that it
  // left them, and its free is told as one of a block that is not ours.
  backend::next = &elsewhere;
  moved.before = taken();
  moved.start = static_cast<char *>(tracked_heap::reallocate(moved.start, 2000));
  ASSERT_EQ(moved.start, Elsewhere::there);
  EXPECT_TRUE(moved.holds_its_pattern());
  heapmeter_snapshot now = taken();
  EXPECT_EQ(now.live_blocks, moved.before.live_blocks - 1);
  EXPECT_EQ(now.live_bytes, moved.before.live_bytes - 1000);
  EXPECT_EQ(now.failures, moved.before.failures);
  tracked_heap::release_slow(moved.start, FreeKind::k_free, Family::kMalloc, tracked_heap::kAnySize);
  EXPECT_EQ(Elsewhere::freed, moved.start) << "to the allocator that made it";
  now = taken();
  EXPECT_EQ(now.foreign_frees, moved.before.foreign_frees + 1);
  EXPECT_EQ(now.live_bytes, moved.before.live_bytes - 1000);
  backend::next = nullptr;
}
