// SPDX-License-Identifier: MIT
//
// What is noted of a large block is two words, which a processor with a weak order may show one by one.
#include <gtest/gtest.h>

#include "books/entry.h"

namespace weak_heapmeter {
using namespace heapmeter;
}

#include "in_every_order.h"
#include "instead_of_atomics.h"

#include "books/large_block.h"

namespace books = heapmeter;
using weak::Interleaving;
using weak::try_out;
using weak::Wrong;

namespace {

constexpr uintptr_t kAddress = 7 * books::LargeBlock::kWindow;

}  // namespace

// Who releases it got it from who noted it, in order, or could not use it.
TEST(WeakBlocks, AreReleasedAsTheyWereNoted) {
  const Wrong wrong = try_out([](Interleaving &order) {
    books::LargeBlock block;
    block.note(kAddress, 70'000, 80'000, books::Family::kMalloc, false);
    block.bury();
    bool handed_over = false;
    books::entry::Decoded released{.size = 100'000, .usable = 110'000};
    order.run({[&] {
                 block.note(kAddress, 100'000, 110'000, books::Family::kNew, false);
                 __atomic_store_n(&handed_over, true, __ATOMIC_RELEASE);
               },
               [&] {
                 if (__atomic_load_n(&handed_over, __ATOMIC_ACQUIRE)) released = block.decode();
               }});
    return released.size == 100'000 && released.usable == 110'000;
  });
  EXPECT_FALSE(wrong.as_it_is);
  EXPECT_TRUE(wrong.without_order);
}

// A stranger with a bad pointer may look at any time: he takes it for the one or the other, not for a third.
TEST(WeakBlocks, AreNeverOfASizeThatNobodyAskedFor) {
  const Wrong wrong = try_out([](Interleaving &order) {
    books::LargeBlock block;
    block.note(kAddress, 70'000, 80'000, books::Family::kMalloc, false);
    books::entry::Decoded seen;
    order.run({[&] {
                 block.bury();
                 block.note(kAddress, 100'000, 110'000, books::Family::kNew, false);
               },
               [&] { seen = block.decode(); }});
    if (!seen.live()) return true;
    return seen.family == books::Family::kMalloc ? seen.size == 70'000 : seen.size == 100'000;
  });
  EXPECT_FALSE(wrong.as_it_is);
}
