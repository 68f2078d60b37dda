// SPDX-License-Identifier: MIT
#include "leaks/totals.h"

#include <gtest/gtest.h>

#include <memory>

using namespace heapmeter;
using namespace heapmeter::leaks;

namespace {

Lost lost(uint64_t address, uint64_t size, uint32_t site, bool indirectly = false, bool perhaps = false) {
  return {address, size, 0, site, 0, Family::kMalloc, indirectly, perhaps};
}

TEST(Sums, TellCertainFromPerhapsAndDirectFromIndirect) {
  const auto findings = std::make_unique<Findings>();
  findings->lost[0] = lost(0x1000, 10, 0);
  findings->lost[1] = lost(0x2000, 20, 0, true);
  findings->lost[2] = lost(0x3000, 40, 0, false, true);
  findings->lost_count = 3;
  const Sum all = sum(*findings);
  EXPECT_EQ(all.blocks, 2u);
  EXPECT_EQ(all.bytes, 30u);
  EXPECT_EQ(all.indirectly_blocks, 1u);
  EXPECT_EQ(all.indirectly_bytes, 20u);
  EXPECT_EQ(all.perhaps_blocks, 1u);
  EXPECT_EQ(all.perhaps_bytes, 40u);
}

TEST(Rows, AreOfThoseAlikeTheLargestFirst) {
  const auto findings = std::make_unique<Findings>();
  const Lost all[] = {lost(0x1000, 10, 0), lost(0x2000, 20, 7, true), lost(0x3000, 10, 0, false, true),
                      lost(0x4000, 99, 7, false), lost(0x5000, 30, 0)};
  for (const Lost &one : all) findings->lost[findings->lost_count++] = one;
  const Rows rows(*findings);
  ASSERT_EQ(rows.size(), 3u);
  const Alike site = rows[0], large = rows[1], small = rows[2];
  EXPECT_EQ(large.size, 30u);
  EXPECT_EQ(small.size, 10u);
  EXPECT_EQ(small.sum.blocks, 1u);
  EXPECT_EQ(small.sum.perhaps_blocks, 1u);
  EXPECT_EQ(small.example, 0x1000u) << "one that is lost for certain";
  EXPECT_EQ(site.site, 7u);
  EXPECT_EQ(site.size, 0u);
  EXPECT_EQ(site.sum.bytes, 119u);
  EXPECT_EQ(site.example, 0x4000u) << "one that is lost by itself";
}

}  // namespace
