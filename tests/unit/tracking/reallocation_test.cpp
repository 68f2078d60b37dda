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
#include "backend/room.h"
#include "books/snapshot.h"
#include "tracking/mode.h"
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

  Block(const Block &) = delete;
  Block &operator=(const Block &) = delete;
  ~Block() {
    tracked_heap::release_slow(start, FreeKind::k_free, Family::kMalloc, tracked_heap::kAnySize);
    if (bytes >= kMiB) munmap(start + bytes, 4096);
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
    EXPECT_EQ(now.inner_frees, before.inner_frees);
  }
};

// While it lives the process may take this much more address space, and no more.
class Limited {
 public:
  explicit Limited(size_t more) {
    char text[32] = {};
    const int statm = open("/proc/self/statm", O_RDONLY);
    EXPECT_GT(read(statm, text, sizeof text - 1), 0);
    close(statm);
    size_t pages = 0;
    EXPECT_EQ(sscanf(text, "%zu", &pages), 1);
    EXPECT_EQ(getrlimit(RLIMIT_AS, &before_), 0);
    const rlimit tight{pages * 4096 + more, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_AS, &tight), 0);
  }
  ~Limited() { EXPECT_EQ(setrlimit(RLIMIT_AS, &before_), 0); }
  Limited(const Limited &) = delete;
  Limited &operator=(const Limited &) = delete;

 private:
  rlimit before_{};
};

// Addresses in whose midst no other block can share a chunk.
char *map_apart() {
  void *apart = mmap(nullptr, 3 * kGiB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  EXPECT_NE(apart, MAP_FAILED);
  return static_cast<char *>(apart);
}

void grow_within(const Block &block, size_t bytes, size_t more) {
#if defined(HEAPMETER_SANITIZED)
  GTEST_SKIP() << "a sanitizer's shadow memory leaves no limit to set";
#endif
  if (!backend::is_called_directly())
    GTEST_SKIP() << "programs are not put on the mimalloc that is here: libc's realloc may find room";
  // Beyond it no block was ever born: a new one needs memory for its entry.
  char *apart = map_apart();
  void *answer = nullptr;
  int error = 0;
  {
    const Limited limited(more);
    errno = 0;
    answer = tracked_heap::reallocate(block.start, bytes);
    error = errno;
  }
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

// An allocator of the program's choice whose blocks are where the meter has nothing yet, once it was moved.
struct Elsewhere {
  static constexpr size_t kRoom = 4096;
  alignas(16) static inline char here[kRoom];
  static inline char *there = here;
  static inline void *freed = nullptr;
  static inline size_t asked = 0;

  static void move() {
    there = map_apart() + 3 * kGiB / 2;
    ASSERT_EQ(mprotect(there, kRoom, PROT_READ | PROT_WRITE), 0);
  }
  static void *malloc(size_t bytes) {
    asked = bytes;
    return there;
  }
  static void *calloc(size_t, size_t) { return there; }
  static void *memalign(size_t, size_t) { return there; }
  static size_t usable(void *) { return kRoom; }
  static void free(void *block) { freed = block; }
  static void *realloc(void *block, size_t) {
    if (block != there) std::memcpy(there, block, kRoom);
    return there;
  }
};

struct WithoutMemoryForAnEntry : testing::Test {
  const NextHeap elsewhere{Elsewhere::malloc,   Elsewhere::calloc, Elsewhere::realloc,
                           Elsewhere::memalign, Elsewhere::free,   Elsewhere::usable};
  void SetUp() override {
#if defined(HEAPMETER_SANITIZED)
    GTEST_SKIP() << "a sanitizer's shadow memory leaves no limit to set";
#endif
    tracked_heap::begin();
    mode::add(mode::kOtherBackend);
    backend::next = &elsewhere;
  }
  void TearDown() override {
    backend::next = nullptr;
    mode::remove(mode::kOtherBackend);
    Elsewhere::there = Elsewhere::here;
  }
  static void expect_released(char *block, const heapmeter_snapshot &before) {
    tracked_heap::release_slow(block, FreeKind::k_free, Family::kMalloc, tracked_heap::kAnySize);
    EXPECT_EQ(Elsewhere::freed, block) << "to the allocator that made it";
    const heapmeter_snapshot now = taken();
    EXPECT_EQ(now.foreign_frees, before.foreign_frees) << "no wrong call";
    EXPECT_EQ(now.live_bytes, before.live_bytes);
    EXPECT_EQ(now.live_blocks, before.live_blocks);
    EXPECT_EQ(now.failures, before.failures);
  }
};

}  // namespace

// Or two blocks would have one granule of the ledger.
TEST_F(WithoutMemoryForAnEntry, ABlockAlignedToOneByteHasTwoGranules) {
  EXPECT_EQ(room::naturally_aligned(5, 1), Elsewhere::here);
  EXPECT_EQ(Elsewhere::asked, kLeastRequest);
}

TEST_F(WithoutMemoryForAnEntry, ABlockIsGivenAndTakenBackUncounted) {
  Elsewhere::move();
  const heapmeter_snapshot before = taken();
  char *block = nullptr;
  {
    const Limited limited(0);
    block = static_cast<char *>(
        tracked_heap::allocate_slow(1000, AllocationKind::k_malloc, Family::kMalloc, false));
  }
  ASSERT_EQ(block, Elsewhere::there);
  EXPECT_EQ(taken().allocations, before.allocations);
  EXPECT_EQ(taken().uncounted_blocks, before.uncounted_blocks + 1);
  EXPECT_EQ(tracked_heap::reallocate(block, 2000), block);
  expect_released(block, before);
  EXPECT_EQ(taken().uncounted_blocks, before.uncounted_blocks);
}

// An allocator that moves by itself has moved already: the program keeps the block, the books say that it
// left them.
TEST_F(WithoutMemoryForAnEntry, AMovedBlockLeavesTheBooks) {
  Block moved(1000);
  Elsewhere::move();
  {
    const Limited limited(0);
    moved.start = static_cast<char *>(tracked_heap::reallocate(moved.start, 2000));
  }
  ASSERT_EQ(moved.start, Elsewhere::there);
  EXPECT_TRUE(moved.holds_its_pattern());
  const heapmeter_snapshot now = taken();
  EXPECT_EQ(now.live_blocks, moved.before.live_blocks - 1);
  EXPECT_EQ(now.live_bytes, moved.before.live_bytes - 1000);
  EXPECT_EQ(now.failures, moved.before.failures);
  expect_released(moved.start, now);
}
