// SPDX-License-Identifier: MIT
//
// Threads that add the same stack just as there come to be so many that later ones have lists of their own,
// in every order of their steps.
#include "sites/table.cpp"

#include <gtest/gtest.h>

#include "../books/interleavings.h"

using namespace heapmeter::sites;
using heapmeter::testing::Interleaving;

namespace {

constexpr size_t kLimit = 8 << 20;
// More of them are later ones.
constexpr uint32_t kFirstSites = 32 * 1024;
constexpr uint64_t kSame = ~uint64_t{0};

// Full but for so many first sites.
struct Filled {
  Table table;
  Budget budget;

  explicit Filled(uint32_t room) {
    EXPECT_TRUE(table.map(kLimit));
    budget.start(kLimit);
    for (uint64_t i = 1; table.sites() + room <= kFirstSites; ++i)
      table.add(budget, i * 0x9E3779B97F4A7C15u, 1);
  }
  ~Filled() { table.unmap(); }
  uint32_t add(uint64_t hash) { return table.add_with<Interleaving>(budget, hash, 1); }
};

}  // namespace

// The table is filled anew for each order, so that there are to be few.
TEST(TableOrders, OneStackIsOneSiteWhereLaterOnesBegin) {
  Interleaving order;
  for (bool same = true; same && order.another();) {
    Filled filled(1);
    uint32_t one = 0, other = 0;
    order.run({[&] { one = filled.add(kSame); },
               [&] {
                 filled.table.add(filled.budget, 7, 1);  // from here on they are later ones
                 other = filled.add(kSame);
               }});
    same = one == other && filled.table.find(kSame) == one;
    EXPECT_TRUE(same) << "sites " << one << " and " << other << " in order " << order.orders();
  }
  EXPECT_GT(order.orders(), 10u);
}
