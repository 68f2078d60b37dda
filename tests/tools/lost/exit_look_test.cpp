// SPDX-License-Identifier: MIT
//
// What reports at exit say of lost blocks, added up, and what rules take away of it.
#include "lost/exit_look.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "client/exchange.h"
#include "lost/named.h"
#include "lost/suppressed.h"
#include "suppressions/rule.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::lost;

namespace {

// `modules` may stand in another order in another process.
boost::json::object report(const char *first, const char *second, int at_first) {
  return boost::json::parse(R"({"name":"prog","leaks":{"lost_blocks":12,"lost_bytes":1200,
    "lost_indirectly_blocks":2,"lost_indirectly_bytes":200,"live_blocks":50,"not_looked_at_bytes":4096,
    "lost":[{"family":"malloc","block_bytes":0,"lost_blocks":5,"lost_bytes":500,"lost_indirectly_blocks":2,
             "lost_indirectly_bytes":200,"example":4096,"stack":[[)" +
                            std::to_string(at_first) + R"(,16],[)" + std::to_string(1 - at_first) +
                            R"(,32]]},
            {"family":"new","block_bytes":24,"lost_blocks":4,"lost_bytes":400,"example":8192}],
    "other":{"rows":2,"lost_blocks":3,"lost_bytes":300},
    "modules":[{"path":")" + std::string(first) +
                            R"(","build_id":""},{"path":")" + second + R"(","build_id":""}]}})")
      .as_object();
}

std::vector<symbols::Frame> name(int, std::uint64_t offset) {
  symbols::Frame frame;
  frame.function = offset == 16 ? "inner" : "outer";
  return {frame};
}

TEST(ExitLooks, AddUpWhatTheSameCodeLostInSeveralProcesses) {
  ExitLooks looks;
  looks.add(report("/a", "/b", 0));
  looks.add(report("/b", "/a", 1));
  EXPECT_EQ(looks.looks, 2u);
  EXPECT_EQ(looks.sum.blocks, 24u);
  EXPECT_EQ(looks.others.blocks, 6u);
  EXPECT_EQ(looks.other_rows, 4u);
  EXPECT_EQ(looks.not_looked_at_bytes, 8192u);
  ASSERT_EQ(looks.rows.size(), 2u) << "the modules are the same, whatever their numbers";
  EXPECT_EQ(looks.rows[0].sum.blocks, 10u);
  EXPECT_EQ(looks.rows[1].sum.blocks, 8u);
  EXPECT_EQ(looks.rows[1].block_bytes, 24u);
  EXPECT_EQ(looks.stacks.modules.size(), 2u);
  const auto rows = named(looks.rows, looks.stacks, name);
  ASSERT_EQ(rows.size(), 2u);
  ASSERT_EQ(rows[0].frames.size(), 2u);
  EXPECT_EQ(rows[0].frames[0].function, "inner");
  EXPECT_EQ(rows[0].frames[1].function, "outer");
  EXPECT_TRUE(rows[1].frames.empty());
}

TEST(ExitLooks, KeepWhyThereWasNone) {
  ExitLooks looks;
  looks.add({});
  looks.add(boost::json::parse(R"({"leaks":{"failure":"no memory"}})").as_object());
  const std::string sentence =
      "in each try calls of the program were half-way, or its books are not those of its blocks";
  looks.add(boost::json::parse(R"({"leaks":{"failure":")" + sentence + R"("}})").as_object());
  EXPECT_EQ(looks.looks, 0u);
  EXPECT_EQ(looks.failures, (std::vector<std::string>{"no memory", sentence}));
}

TEST(ExitLooks, RefuseAStrangeReport) {
  for (const char *leaks :
       {R"({"lost_blocks":-1})", R"({"lost":[1]})", R"({"lost":[{"stack":[1]}]})",
        R"({"lost":[{"stack":[[0,1]]}]})", R"({"lost":[{"stack":[[-3,1]]}]})",
        R"({"lost":[{"stack":[["x",1]]}]})", R"({"modules":[{}]})", R"({"modules":[1]})"}) {
    ExitLooks looks;
    boost::json::object report;
    report["leaks"] = boost::json::parse(leaks);
    EXPECT_THROW(looks.add(report), NoAnswer) << leaks;
    EXPECT_EQ(looks.looks, 0u);
    EXPECT_TRUE(looks.rows.empty());
  }
}

TEST(Suppressor, TakesAwayWhatARuleFits) {
  ExitLooks looks;
  looks.add(report("/a", "/b", 0));
  Suppressor suppressor(suppressions::parse_rules("leak:outer\nleak:absent\n", "f"));
  suppressor.take_from(looks.rows, looks.stacks, name);
  ASSERT_EQ(looks.rows.size(), 1u) << "a block without a stack is never suppressed";
  EXPECT_EQ(looks.rows[0].family, "new");
  EXPECT_EQ(suppressor.all().blocks, 5u);
  EXPECT_EQ(suppressor.all().bytes, 500u);
  ASSERT_EQ(suppressor.fitting().size(), 1u);
  EXPECT_EQ(suppressor.fitting()[0].where, "f:1");
  EXPECT_EQ(suppressor.idle(), std::vector<std::string>{"f:2"});
}

TEST(Suppressor, TakesAwayOnlyTheKindARuleIsOf) {
  const auto rules =
      suppressions::parse_rules("{\n a\n Memcheck:Leak\n match-leak-kinds: definite\n fun:inner\n}\n", "f");
  ExitLooks looks;
  looks.add(report("/a", "/b", 0));
  Suppressor at_exit(rules);
  at_exit.take_from(looks.rows, looks.stacks, name);
  EXPECT_EQ(looks.rows[0].sum.blocks, 2u);
  EXPECT_EQ(looks.rows[0].sum.indirectly_blocks, 2u);
  EXPECT_EQ(looks.rows[0].sum.bytes, 200u);
  EXPECT_EQ(at_exit.all().blocks, 3u);

  Look look;
  look.blocks.resize(3);
  for (Block &block : look.blocks) block.bytes = 100;
  look.blocks[0].leaf = look.blocks[1].leaf = looks.rows[0].leaf;
  look.blocks[1].indirectly = true;
  Suppressor alive(rules);
  alive.take_from(look, looks.stacks, name);
  EXPECT_EQ(look.blocks.size(), 2u);
  EXPECT_EQ(alive.all().bytes, 100u);
}

// Three of the five, registers may hold: of what a rule leaves it may be those.
TEST(Suppressor, LeavesInDoubtWhatWasInDoubt) {
  const auto rules =
      suppressions::parse_rules("{\n a\n Memcheck:Leak\n match-leak-kinds: indirect\n fun:inner\n}\n", "f");
  ExitLooks looks;
  looks.add(report("/a", "/b", 0));
  looks.rows[0].sum.least_blocks = 2;
  looks.rows[0].sum.least_bytes = 200;
  Suppressor suppressor(rules);
  suppressor.take_from(looks.rows, looks.stacks, name);
  EXPECT_EQ(looks.rows[0].sum.blocks, 3u);
  EXPECT_EQ(looks.rows[0].sum.least_blocks, 0u);
  EXPECT_EQ(looks.rows[0].sum.least_bytes, 0u);
}

}  // namespace
