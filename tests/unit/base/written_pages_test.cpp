// SPDX-License-Identifier: MIT
#include "base/written_pages.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <memory>

#include "base/sys.h"

using namespace heapmeter;

namespace {

const size_t kPage = sys::page_bytes();

TEST(WrittenPages, AreThoseThatWere) {
  constexpr size_t kPages = WrittenPages::kAtOnce;
  auto *memory = static_cast<uint8_t *>(sys::map(kPages * kPage));
  ASSERT_NE(memory, nullptr);
  for (const size_t page : {size_t{0}, size_t{7}, kPages - 1}) memory[page * kPage + 100] = 1;
  // With swap they go out, without they stay; written they are.
  madvise(memory + 7 * kPage, kPage, MADV_PAGEOUT);
  const auto pages = std::make_unique<WrittenPages>();
  ASSERT_TRUE(pages->look(memory, kPages));
  for (size_t page = 0; page < kPages; ++page) {
    EXPECT_EQ(pages->written(page), page == 0 || page == 7 || page == kPages - 1) << page;
  }
  ASSERT_TRUE(pages->look(memory + 7 * kPage, 2));
  EXPECT_TRUE(pages->written(0));
  EXPECT_FALSE(pages->written(1));
  sys::unmap(memory, kPages * kPage);
}

TEST(WrittenPages, AreNotKnownWhereNothingIsMapped) {
  auto *memory = static_cast<uint8_t *>(sys::map(kPage));
  ASSERT_NE(memory, nullptr);
  sys::unmap(memory, kPage);
  WrittenPages pages;
  EXPECT_TRUE(!pages.look(memory, 1) || !pages.written(0));
}

}  // namespace
