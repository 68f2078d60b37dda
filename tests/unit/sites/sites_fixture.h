// SPDX-License-Identifier: MIT
//
// Sites of a test's own, with what the process they are of would hold.
#pragma once

#include "sites/sites.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <memory>
#include <vector>

namespace heapmeter::testing {

using namespace heapmeter::sites;

inline constexpr size_t kLimit = 16 << 20;

struct SitesFixture {
  Peak peak;
  std::unique_ptr<Sites> sites = std::make_unique<Sites>(peak.total());
  std::vector<std::unique_ptr<Slot>> slots;

  SitesFixture() {
    EXPECT_TRUE(sites->prepare(kLimit));
    sites->set(Mode::kEvery);
  }
  Slot &new_slot(bool own = true) {
    auto slot = std::make_unique<Slot>();
    slot->own = own;
    slot->turn = 2;
    return *slots.emplace_back(std::move(slot));
  }
  // What all sites hold, "other" too.
  Sum all() const {
    Sum all = sites->sum(Table::kOther);
    for (uint32_t site = Table::kFirst; site < sites->table().sites(); ++site) {
      const Sum one = sites->sum(site);
      all.live_blocks += one.live_blocks;
      all.live_bytes += one.live_bytes;
      all.allocations += one.allocations;
      all.allocated_bytes += one.allocated_bytes;
      all.temporary += one.temporary;
      all.peak_blocks += one.peak_blocks;
      all.peak_bytes += one.peak_bytes;
    }
    return all;
  }
};

inline const void *block_at(uintptr_t number) {
  return reinterpret_cast<const void *>(0x7f0000000000 + 64 * number);
}

// As if called from within libc, this far into it.
inline Registers called_from(size_t place) { return {reinterpret_cast<uintptr_t>(&abort) + 1 + place, 0, 0}; }

}  // namespace heapmeter::testing
