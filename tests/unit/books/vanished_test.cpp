// SPDX-License-Identifier: MIT
#include "books/vanished.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <vector>

using namespace heapmeter;

namespace {

using Steps = std::vector<std::function<void(Slot &)>>;

Cell &cell_of(Slot &slot, size_t bytes) {
  if (bytes > kFineLimit) return slot.counters.coarse[coarse_bin(bytes)].requested;
  return slot.counters.fine[fine_bin(static_cast<uint32_t>(bytes))];
}

Counter &usable_of(Slot &slot, size_t bytes, bool in) {
  CoarseCell &coarse = slot.counters.coarse[bytes > kFineLimit ? coarse_bin(bytes) : 0];
  if (bytes > kFineLimit) return in ? coarse.usable_in : coarse.usable_out;
  return in ? slot.counters.extra_usable_in : slot.counters.extra_usable_out;
}

Steps bin(size_t bytes, size_t usable, bool in) {
  return {
      [=](Slot &slot) { (in ? cell_of(slot, bytes).bytes_in : cell_of(slot, bytes).bytes_out) += bytes; },
      [=](Slot &slot) { ++(in ? cell_of(slot, bytes).blocks_in : cell_of(slot, bytes).blocks_out); },
      [=](Slot &slot) { usable_of(slot, bytes, in) += usable; },
  };
}

void append(Steps &steps, const Steps &more) { steps.insert(steps.end(), more.begin(), more.end()); }

Steps allocation(size_t bytes, size_t usable) {
  Steps steps = bin(bytes, usable, true);
  append(steps, {[=](Slot &slot) { slot.mark += bytes; }, [](Slot &slot) { ++slot.counters.allocations[1]; },
                 [=](Slot &slot) { slot.counters.allocated_bytes += bytes; },
                 [=](Slot &slot) { slot.counters.noted_usable_in += usable; }});
  return steps;
}

Steps release(size_t bytes, size_t usable) {
  Steps steps = bin(bytes, usable, false);
  append(steps, {[=](Slot &slot) { slot.mark -= bytes; }, [](Slot &slot) { ++slot.counters.frees[1]; },
                 [=](Slot &slot) { slot.counters.freed_bytes += bytes; },
                 [=](Slot &slot) { slot.counters.noted_usable_out += usable; }});
  return steps;
}

Steps reallocation(size_t from, size_t usable_from, size_t to, size_t usable_to) {
  Steps steps = bin(to, usable_to, true);
  append(steps, bin(from, usable_from, false));
  append(steps,
         {[=](Slot &slot) { slot.mark += to - from; }, [](Slot &slot) { ++slot.counters.reallocations; },
          [=](Slot &slot) { slot.counters.allocated_bytes += to; },
          [=](Slot &slot) { slot.counters.noted_usable_in += usable_to; },
          [=](Slot &slot) { slot.counters.freed_bytes += from; },
          [=](Slot &slot) { slot.counters.noted_usable_out += usable_from; }});
  return steps;
}

// The headroom is settled anew with the books that come out: not compared.
bool same_books(const Slot &one, const Slot &other) {
  return std::memcmp(&one.counters, &other.counters, sizeof one.counters) == 0;
}

void expect_all_or_nothing(const char *what, const Steps &operation) {
  SCOPED_TRACE(what);
  auto before = std::make_unique<Slot>();
  for (const Steps &earlier :
       {allocation(100, 0), allocation(100, 0), allocation(9000, 10240), allocation(0, 0), allocation(70, 30),
        release(100, 0), allocation(65536, 65536)}) {
    for (const auto &step : earlier) step(*before);
  }
  auto after = std::make_unique<Slot>(*before);
  for (const auto &step : operation) step(*after);
  for (size_t done = 0; done <= operation.size(); ++done) {
    auto slot = std::make_unique<Slot>(*before);
    for (size_t i = 0; i < done; ++i) operation[i](*slot);
    vanished::mend(*slot);
    EXPECT_TRUE(same_books(*slot, *before) || same_books(*slot, *after)) << "vanished after step " << done;
    if (done == operation.size()) {
      EXPECT_TRUE(same_books(*slot, *after)) << "a whole operation is nobody's business";
    }
  }
}

}  // namespace

TEST(Vanished, AnOperationIsCountedAsAWholeOrNotAtAll) {
  expect_all_or_nothing("fine", allocation(100, 0));
  expect_all_or_nothing("of no bytes", allocation(0, 0));
  expect_all_or_nothing("irregular", allocation(640, 64));
  expect_all_or_nothing("coarse", allocation(9000, 10240));
  expect_all_or_nothing("of a whole headroom", allocation(65536, 65536));
  expect_all_or_nothing("free", release(100, 0));
  expect_all_or_nothing("free of no bytes", release(0, 0));
  expect_all_or_nothing("free of an irregular one", release(70, 30));
  expect_all_or_nothing("free of a coarse one", release(9000, 10240));
}

TEST(Vanished, AReallocationIsCountedAsAWholeOrNotAtAll) {
  expect_all_or_nothing("grown", reallocation(100, 0, 130, 0));
  expect_all_or_nothing("the same size", reallocation(100, 0, 100, 0));
  expect_all_or_nothing("from nothing", reallocation(0, 0, 100, 0));
  expect_all_or_nothing("to a coarse one", reallocation(100, 0, 9000, 10240));
  expect_all_or_nothing("from a coarse one", reallocation(9000, 10240, 50, 10000));
  expect_all_or_nothing("among coarse ones", reallocation(9000, 10240, 9000, 10240));
}

TEST(Vanished, TheHeadroomMayHaveRunOver) {
  // The 16 bits that the fast path counts in have wrapped, and the thread did not come to settle them.
  Slot slot{};
  slot.mark = 40;
  slot.headroom = 40;
  for (const auto &step : bin(100, 0, true)) step(slot);
  slot.headroom = static_cast<uint16_t>(slot.headroom - 100);
  ++slot.counters.allocations[1];
  vanished::mend(slot);
  EXPECT_EQ(slot.counters.allocated_bytes, 100u);
}
