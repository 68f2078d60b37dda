// SPDX-License-Identifier: MIT
#include "lost/look.h"

#include <gtest/gtest.h>

#include "client/exchange.h"
#include "lost/named.h"
#include "lost/rows.h"
#include "tools/sites/page_text.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::lost;

namespace {

constexpr const char *kPage =
    R"({"schema":1,"pid":7,"start_time":9,"live_blocks":10,"live_bytes":1000,"registers":6,
 "not_looked_at_bytes":4096,"not_listed_blocks":1,"seconds":0.25,
 "block_columns":["address","bytes","contents","leaf","group","family","indirectly","perhaps","a new one"],
 "blocks":[[4096,100,18446744073709551615,3,0,"malloc",0,0,"x"],[8192,50,2,0,1,"new[]",1,1,"y"],[1,2,3,0,2,"strange",0,0]]})";

Block block(std::uint64_t address, std::uint64_t bytes, std::uint32_t leaf, std::uint32_t group,
            bool indirectly = false) {
  Block block;
  block.address = address;
  block.bytes = bytes;
  block.contents = address;
  block.leaf = leaf;
  block.group = group;
  block.family = "malloc";
  block.indirectly = indirectly;
  return block;
}

TEST(Look, IsTakenApart) {
  const Look look = parse_look(kPage);
  EXPECT_EQ(look.pid, 7);
  EXPECT_EQ(look.live_bytes, 1000u);
  EXPECT_EQ(look.registers, 6u);
  EXPECT_EQ(look.not_looked_at_bytes, 4096u);
  EXPECT_EQ(look.not_listed_blocks, 1u);
  EXPECT_DOUBLE_EQ(look.seconds, 0.25);
  ASSERT_EQ(look.blocks.size(), 3u);
  EXPECT_EQ(look.blocks[0].contents, 18446744073709551615u);
  EXPECT_EQ(look.blocks[0].leaf, 3u);
  EXPECT_TRUE(look.blocks[1].indirectly && look.blocks[1].perhaps);
  EXPECT_EQ(look.blocks[1].family, "new[]");
  EXPECT_EQ(look.blocks[2].family, "") << "no word of a stranger's is taken over";
}

TEST(Look, OfAStrangeAnswerIsRefused) {
  for (const char *page :
       {"", "[]", "{", R"({"pid":"x"})", R"({"blocks":[1]})", R"({"block_columns":[1],"blocks":[]})",
        R"({"block_columns":["address"],"blocks":[[-1]]})",
        R"({"block_columns":["address"],"blocks":[["x"]]})"})
    EXPECT_THROW(parse_look(page), NoAnswer) << page;
  EXPECT_TRUE(parse_look("{}").blocks.empty());
  EXPECT_EQ(parse_look(R"({"block_columns":["bytes"],"blocks":[[]]})").blocks.at(0).bytes, 0u);
}

// By the same door as sites are.
TEST(Look, NamesByCallersWhatWasStripped) {
  using heapmeter::testing::call;
  const auto nameless = [](std::uint64_t offset, const char *module = "shop") {
    symbols::Frame frame = call("", "", 0, module);
    frame.offset = offset;
    return frame;
  };
  heapmeter::testing::PageText page;
  page.add({call("_start"), call("__libc_start_main", "", 0, "libc.so.6"), nameless(0x50, "libc.so.6"),
            nameless(0x11d1)},
           1, 100);
  page.add({nameless(0x7, "ld-linux-x86-64.so.2"), nameless(0x9, "ld-linux-x86-64.so.2"), nameless(0x1159)},
           1, 48);
  const sites::Profile profile = sites::parse_profile(page.text());
  Look look;
  look.blocks = {block(4096, 100, profile.sites[0].leaf, 0), block(8192, 48, profile.sites[1].leaf, 1)};
  const auto rows = named(look, profile, page.naming());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].frames.at(0).function, "main");
  EXPECT_EQ(rows[1].frames.at(0).function, "constructors");
}

TEST(Look, IsConfirmedWhereNothingChangedSince) {
  Look earlier, later;
  earlier.blocks = {block(0x3000, 10, 0, 0), block(0x1000, 10, 0, 0), block(0x2000, 10, 0, 0),
                    block(0x4000, 10, 0, 0)};
  later.blocks = {block(0x1000, 10, 0, 0), block(0x2000, 10, 0, 0), block(0x4000, 11, 0, 0),
                  block(0x5000, 10, 0, 0)};
  later.blocks[1].contents = 99;
  const Look both = confirmed(earlier, later);
  ASSERT_EQ(both.blocks.size(), 1u);
  EXPECT_EQ(both.blocks[0].address, 0x1000u);
}

TEST(Rows, AreByCallStackElseBySizeAndFamily) {
  Look look;
  look.blocks = {block(1, 10, 5, 0), block(2, 20, 5, 1, true), block(3, 10, 0, 2), block(4, 10, 0, 3),
                 block(5, 99, 0, 4)};
  const std::vector<Row> all = rows(look);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].block_bytes, 99u);
  EXPECT_EQ(all[1].leaf, 5u);
  EXPECT_EQ(all[1].sum.bytes, 30u);
  EXPECT_EQ(all[1].sum.indirectly_blocks, 1u);
  EXPECT_EQ(all[1].example, 1u);
  EXPECT_EQ(all[2].sum.blocks, 2u);
  EXPECT_EQ(sum(look).least_blocks, 5u);
}

TEST(Rows, AreRangesWhereRegistersMayHideSome) {
  Look look;
  look.registers = 2;
  // A chain of three, a large one, and three by themselves.
  look.blocks = {block(1, 10, 0, 0), block(2, 10, 0, 0, true), block(3, 10, 0, 0, true), block(4, 500, 0, 3),
                 block(5, 10, 0, 4), block(6, 10, 0, 5),       block(7, 10, 0, 6)};
  const Sum all = sum(look);
  EXPECT_EQ(all.blocks, 7u);
  EXPECT_EQ(all.least_blocks, 3u) << "without the chain and one more";
  EXPECT_EQ(all.bytes, 560u);
  EXPECT_EQ(all.least_bytes, 30u) << "without the large one and the chain";
  look.registers = 100;
  EXPECT_EQ(sum(look).least_blocks, 0u);
}

}  // namespace
