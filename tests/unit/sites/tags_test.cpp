// SPDX-License-Identifier: MIT
#include <string>

#include "sites_fixture.h"

using namespace heapmeter;
using namespace heapmeter::testing;

TEST(Sites, ATagIsAFrameOfItsOwn) {
  SitesFixture f;
  Slot &slot = f.new_slot(), &other = f.new_slot();
  const auto tags_of_last = [&] {
    std::vector<std::string> tags;
    for (uint32_t node = f.sites->table().leaf(f.sites->table().sites() - 1); node != 0;
         node = f.sites->table().parent(node)) {
      const Place place = f.sites->table().place(node);
      if (place.module == kMark && place.address > kFirstTag)
        tags.emplace_back(f.sites->tag_names().at(static_cast<uint32_t>(place.address - kFirstTag)));
    }
    return tags;
  };
  uintptr_t number = 0;
  const auto born = [&](Slot &by, size_t from) {
    f.sites->born(by, block_at(++number), 1, called_from(from));
    return f.sites->table().sites();
  };
  f.sites->enter(slot, "request", 200, 1);
  f.sites->enter(slot, "parser", 100, 2);
  born(slot, 0);
  using Names = std::vector<std::string>;
  EXPECT_EQ(tags_of_last(), Names({"parser", "request"})) << "innermost first";
  const uint32_t sites = f.sites->table().sites();
  EXPECT_EQ(born(slot, 0), sites) << "the same again";
  f.sites->leave(slot);
  born(slot, 0);
  EXPECT_EQ(tags_of_last(), Names({"request"}));
  f.sites->leave(slot);
  const uint32_t before = f.sites->table().sites();
  EXPECT_EQ(born(slot, 0), before) << "what it was found by is a site, too";
  f.sites->leave(slot);  // one too many
  f.sites->enter(slot, "parser", 100, 2);
  born(other, 1);
  EXPECT_EQ(tags_of_last(), Names()) << "another thread's";
  for (int i = 0; i < 100; ++i) f.sites->enter(slot, "deep", 100, 3);
  born(slot, 2);
  EXPECT_EQ(tags_of_last().size(), Tags::kMost);
  for (int i = 0; i < 100; ++i) f.sites->leave(slot);
  born(slot, 3);
  EXPECT_EQ(tags_of_last(), Names({"parser"}));
  EXPECT_EQ(f.sites->tag_names().count(), 4u) << "each name once";
  slot.turn += 2;  // the next thread's
  born(slot, 4);
  EXPECT_EQ(tags_of_last(), Names());
}
