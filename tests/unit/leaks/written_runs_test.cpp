// SPDX-License-Identifier: MIT
#include "leaks/written_runs.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <vector>

#include "base/compiler.h"
#include "base/sys.h"

using namespace heapmeter;
using namespace heapmeter::leaks;

namespace {

// What one entry of the table above the pages' spans, which holds an entry of 8 bytes for each: 2 MiB of
// pages of 4 KiB, 32 MiB of 16, 512 MiB of 64.
size_t huge_page_bytes() { return sys::page_bytes() / sizeof(uint64_t) * sys::page_bytes(); }

TEST(WrittenRuns, AreThePagesThatWereWritten) {
  constexpr size_t kPages = 5000;
  const size_t page_bytes = sys::page_bytes();
  auto *memory = static_cast<char *>(mmap(nullptr, kPages * page_bytes, PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  madvise(memory, kPages * page_bytes, MADV_NOHUGEPAGE);
  std::mt19937 random(3);
  std::vector<bool> written(kPages);
  for (size_t page = 0; page < kPages; ++page) {
    if (random() % 3 != 0) continue;
    written[page] = true;
    memory[page * page_bytes] = 1;
  }
  const auto start = reinterpret_cast<uintptr_t>(memory), end = start + kPages * page_bytes;
  std::vector<bool> found(kPages);
  WrittenRuns runs;
  for (uintptr_t at = start; at < end;) {
    const Area run = runs.next(at, end);
    ASSERT_GE(run.start, at);
    ASSERT_LE(run.end, end);
    for (uintptr_t page = run.start; page < run.end; page += page_bytes)
      found[(page - start) / page_bytes] = true;
    at = run.end;
  }
  EXPECT_EQ(found, written);
  munmap(memory, kPages * page_bytes);
}

TEST(WrittenRuns, OfATerabyteOfNothingAreNone) {
  const size_t bytes = size_t{1} << 40;
  void *memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
#if defined(HEAPMETER_SANITIZED)
  if (memory == MAP_FAILED) GTEST_SKIP() << "the sanitizer's own memory leaves no terabyte of addresses here";
#endif
  ASSERT_NE(memory, MAP_FAILED);
  const auto start = reinterpret_cast<uintptr_t>(memory);
  static_cast<char *>(memory)[bytes / 2] = 1;
  WrittenRuns runs;
  const Area run = runs.next(start, start + bytes);
  EXPECT_LE(run.start, start + bytes / 2);
  EXPECT_GT(run.end, start + bytes / 2);
  EXPECT_LE(run.end - run.start, huge_page_bytes());
  EXPECT_EQ(runs.next(run.end, start + bytes).start, start + bytes);
  munmap(memory, bytes);
}

}  // namespace
