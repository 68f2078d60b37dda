// SPDX-License-Identifier: MIT
#include "leaks/written_runs.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <vector>

#include "base/compiler.h"

using namespace heapmeter::leaks;

namespace {

TEST(WrittenRuns, AreThePagesThatWereWritten) {
  constexpr size_t kPages = 5000, kPage = 4096;
  auto *memory = static_cast<char *>(mmap(nullptr, kPages * kPage, PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  madvise(memory, kPages * kPage, MADV_NOHUGEPAGE);
  std::mt19937 random(3);
  std::vector<bool> written(kPages);
  for (size_t page = 0; page < kPages; ++page) {
    if (random() % 3 != 0) continue;
    written[page] = true;
    memory[page * kPage] = 1;
  }
  const auto start = reinterpret_cast<uintptr_t>(memory), end = start + kPages * kPage;
  std::vector<bool> found(kPages);
  WrittenRuns runs;
  for (uintptr_t at = start; at < end;) {
    const Area run = runs.next(at, end);
    ASSERT_GE(run.start, at);
    ASSERT_LE(run.end, end);
    for (uintptr_t page = run.start; page < run.end; page += kPage) found[(page - start) / kPage] = true;
    at = run.end;
  }
  EXPECT_EQ(found, written);
  munmap(memory, kPages * kPage);
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
  EXPECT_LE(run.end - run.start, size_t{2} << 20);
  EXPECT_EQ(runs.next(run.end, start + bytes).start, start + bytes);
  munmap(memory, bytes);
}

}  // namespace
