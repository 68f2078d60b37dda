// SPDX-License-Identifier: MIT
//
// What --fail-if takes, and what is wrong with what it does not take.
#include "conditions/condition.h"

#include <gtest/gtest.h>

#include "conditions/figures.h"
#include "text/user_error.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::conditions;

namespace {

const Language kOfRun = {names_of_run()};
const Language kOfDiff = {names_of_reading(), true};

double amount(const std::string &text) { return parse(text, kOfRun).amount; }

TEST(Condition, HasANameAComparisonAndANumber) {
  const Condition condition = parse(" peak_bytes > 200M ", kOfRun);
  EXPECT_EQ(condition.text, "peak_bytes > 200M");
  EXPECT_EQ(condition.name, "peak_bytes");
  EXPECT_EQ(condition.comparison, Comparison::kMore);
  EXPECT_EQ(condition.kind, Kind::kNumber);
  EXPECT_EQ(condition.amount, 200.0 * 1024 * 1024);
  EXPECT_EQ(condition.file, "");
}

TEST(Condition, HasUnitsThatArePowersOf1024) {
  EXPECT_EQ(amount("live_bytes>1000"), 1000);
  EXPECT_EQ(amount("live_bytes>1.5K"), 1536);
  EXPECT_EQ(amount("live_bytes>1k"), 1024);
  EXPECT_EQ(amount("live_bytes>2G"), 2.0 * (1u << 30));
  EXPECT_EQ(amount("live_bytes>1T"), 1024.0 * (1u << 30));
  EXPECT_EQ(amount("live_bytes>12 KiB"), 12 * 1024);
  EXPECT_EQ(amount("live_bytes>12B"), 12);
  EXPECT_EQ(amount("wall_seconds>0.25"), 0.25);
}

TEST(Condition, KnowsEveryComparison) {
  EXPECT_EQ(parse("frees>=1", kOfRun).comparison, Comparison::kAtLeast);
  EXPECT_EQ(parse("frees<1", kOfRun).comparison, Comparison::kLess);
  EXPECT_EQ(parse("frees<=1", kOfRun).comparison, Comparison::kAtMost);
  EXPECT_EQ(parse("frees==1", kOfRun).comparison, Comparison::kEqual);
  EXPECT_EQ(parse("frees=1", kOfRun).comparison, Comparison::kEqual);
  EXPECT_EQ(parse("frees!=1", kOfRun).comparison, Comparison::kUnequal);
  EXPECT_TRUE(holds(2, Comparison::kMore, 1));
  EXPECT_FALSE(holds(1, Comparison::kMore, 1));
  EXPECT_TRUE(holds(1, Comparison::kAtLeast, 1));
  EXPECT_FALSE(holds(1, Comparison::kLess, 1));
  EXPECT_TRUE(holds(1, Comparison::kAtMost, 1));
  EXPECT_TRUE(holds(1, Comparison::kEqual, 1));
  EXPECT_FALSE(holds(1, Comparison::kUnequal, 1));
}

TEST(Condition, OfWhatIsLostHasAShortName) { EXPECT_EQ(parse("lost>0", kOfRun).name, "lost_blocks"); }

TEST(Condition, IsOnAChangeOfWhatAFileSays) {
  const Condition percent = parse("allocations>+5% of base line.json", kOfRun);
  EXPECT_EQ(percent.kind, Kind::kPercent);
  EXPECT_EQ(percent.amount, 5);
  EXPECT_EQ(percent.file, "base line.json");
  const Condition less = parse("allocations<-1K of f", kOfRun);
  EXPECT_EQ(less.kind, Kind::kChange);
  EXPECT_EQ(less.amount, -1024);
  EXPECT_EQ(less.file, "f");
}

TEST(Condition, OfADifferenceNeedsNoFile) {
  const Condition condition = parse("live_bytes>+1M", kOfDiff);
  EXPECT_EQ(condition.kind, Kind::kChange);
  EXPECT_EQ(condition.file, "");
  EXPECT_EQ(parse("live_bytes>1M", kOfDiff).kind, Kind::kNumber);
}

struct Wrong {
  const char *text, *said;
  const Language *language = &kOfRun;
};

TEST(Condition, IsRefusedWithWhatWouldBeRight) {
  const Wrong wrongs[] = {
      {"", "for the shell takes > for itself"},
      {"peak_bytes", "for the shell takes > for itself"},
      {"peak_bytes>", "no number to compare with"},
      {"peak_bytes>many", "'many' is no number; write 1000, 1.5 or 200M"},
      {"peak_bytes>1Q", "'1Q' is no number"},
      {"peak_bytes>nan", "'nan' is no number"},
      {"peak_bytes>inf", "'inf' is no number"},
      {"peak_bytes>--5 of f", "'-5' is no number"},
      {"peak_bytes!5", "the comparisons are > >= < <= == !="},
      {"peek_bytes>5", "there is no figure 'peek_bytes'; did you mean peak_bytes?"},
      {">5", "there is no figure ''"},
      {"pid>5", "there is no figure 'pid'"},
      {"allocations>5%", "a change has a sign: 'allocations>+5% of FILE'"},
      {"allocations>5 of f", "a change has a sign"},
      {"allocations>+5%", "a change of what?"},
      {"allocations>+5% of ", "a change of what?"},
      {"allocations>+5% of f", "leave 'of FILE' away", &kOfDiff},
      {"allocations>5%", "a change has a sign: 'allocations>+5%'", &kOfDiff},
      {"wall_seconds>5", "there is no figure 'wall_seconds'", &kOfDiff},
      {"a\x1b[2J>5", "'a?[2J'"},
  };
  for (const Wrong &wrong : wrongs) {
    try {
      parse(wrong.text, *wrong.language);
      ADD_FAILURE() << wrong.text;
    } catch (const UserError &error) {
      EXPECT_EQ(error.exit_code(), kUsage);
      EXPECT_NE(std::string(error.what()).find(wrong.said), std::string::npos)
          << wrong.text << ": " << error.what();
    }
  }
}

}  // namespace
