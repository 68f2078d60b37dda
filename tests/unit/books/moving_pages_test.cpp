// SPDX-License-Identifier: MIT
#include "books/moving_pages.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/sys.h"

using namespace heapmeter;

namespace {

// What others do while a page is away.
std::function<void()> meanwhile;

void bring_back(const MovingPages::Away &away) noexcept {
  if (meanwhile) meanwhile();
  for (size_t at = 0; at < away.bytes; ++at)
    if (away.from[at] == 0) away.from[at] = away.to[at];
}

struct MovingPagesTest : testing::Test {
  MovingPages moving;
  const size_t bytes = 4 * sys::page_bytes();
  uint8_t *page = static_cast<uint8_t *>(sys::map(bytes));

  void SetUp() override { ASSERT_TRUE(moving.begin(bring_back)); }
  void TearDown() override {
    moving.end();
    meanwhile = nullptr;
    sys::unmap(page, bytes);
  }
};

}  // namespace

TEST_F(MovingPagesTest, GiveBackTheirMemoryButForWhatIsThere) {
  for (size_t at = 0; at < bytes; at += 64) page[at] = 1;
  const size_t full = sys::resident_bytes(page, bytes);
  meanwhile = [&] { EXPECT_EQ(sys::resident_bytes(page, bytes), 0u); };
  EXPECT_TRUE(moving.move(page, bytes));
  for (size_t at = 0; at < bytes; at += 64) EXPECT_EQ(page[at], 1);
  EXPECT_EQ(sys::resident_bytes(page, bytes), full);
}

TEST_F(MovingPagesTest, LeaveAFreshOneThatIsNotTheTruth) {
  page[10] = 1;
  page[20] = 2;
  const uint32_t before = moving.moves();
  EXPECT_TRUE(moving.settled(before));
  meanwhile = [&] {
    EXPECT_EQ(page[10], 0) << "who looks for it finds nothing";
    EXPECT_FALSE(moving.settled(before));
    EXPECT_FALSE(moving.settled(moving.moves()));
    page[20] = 7;
  };
  EXPECT_TRUE(moving.move(page, bytes));
  EXPECT_EQ(page[10], 1);
  EXPECT_EQ(page[20], 7) << "what was written since is newer";
  EXPECT_FALSE(moving.settled(before));
  EXPECT_TRUE(moving.settled(moving.moves()));
}

TEST_F(MovingPagesTest, AreBroughtBackByAHandlerOfWhoMovesThem) {
  page[10] = 1;
  int depth = 0;
  meanwhile = [&] {
    if (depth++ > 0) return;
    EXPECT_FALSE(moving.wait_for(moving.moves())) << "it cannot wait for what it interrupted";
    EXPECT_EQ(page[10], 1);
  };
  EXPECT_TRUE(moving.move(page, bytes));
  EXPECT_EQ(depth, 2);
}

TEST_F(MovingPagesTest, AreMovedByOneAtATime) {
  EXPECT_FALSE(moving.begin(bring_back));
  moving.in_child();
  EXPECT_TRUE(moving.begin(bring_back)) << "a forked child begins anew";
}
