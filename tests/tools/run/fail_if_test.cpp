// SPDX-License-Identifier: MIT
//
// run and diff with --fail-if: a program of known figures, and the exit code a test suite gets.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

class FailIf : public ::testing::Test {
 protected:
  // run --quiet with these options.
  Outcome run(std::vector<std::string> options, std::vector<std::string> command) {
    options.insert(options.begin(), {"run", "--quiet"});
    options.push_back("--");
    options.insert(options.end(), command.begin(), command.end());
    return playground_.run(options);
  }
  std::string kept_run(const std::string &name, std::vector<std::string> command) {
    std::vector<std::string> words = {"run", "--json", "--output", playground_ / name, "--"};
    words.insert(words.end(), command.begin(), command.end());
    EXPECT_TRUE(playground_.run(words).ok());
    return playground_ / name;
  }
  Playground playground_;
};

TEST_F(FailIf, IsExitCode3AndALineForEachThatHolds) {
  const Outcome outcome = run({"--fail-if", "mismatches>0", "--fail-if", "double_frees>100", "--fail-if",
                               "allocations>=1", "--fail-if", "peak_bytes>1T"},
                              {sample("wrong_calls")});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_TRUE(has(outcome.err, "heapmeter: --fail-if 'mismatches>0': mismatches is 3\n")) << outcome;
  EXPECT_TRUE(has(outcome.err, "heapmeter: --fail-if 'allocations>=1': allocations is ")) << outcome;
  EXPECT_FALSE(has(outcome.err, "double_frees")) << outcome;
  EXPECT_FALSE(has(outcome.err, "peak_bytes")) << outcome;
  EXPECT_EQ(run({"--fail-if", "mismatches>3"}, {sample("wrong_calls")}).exit_code, 0);
  EXPECT_EQ(run({"--fail-if", "mismatches>0", "--fail-code", "42"}, {sample("wrong_calls")}).exit_code, 42);
}

TEST_F(FailIf, LeavesAProgramsOwnFailureAsItIs) {
  const Outcome outcome = run({"--fail-if", "allocations>0"}, {"bash", "-c", "exit 7"});
  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_TRUE(has(outcome.err, "--fail-if 'allocations>0'")) << outcome;
}

TEST_F(FailIf, HoldsOfTheSumOfATree) {
  const std::string twice = sample("wrong_calls").string() + "; " + sample("wrong_calls").string() + "; true";
  EXPECT_EQ(run({"--fail-if", "mismatches>5"}, {"bash", "-c", twice}).exit_code, 3);
  EXPECT_EQ(run({"--fail-if", "mismatches>6"}, {"bash", "-c", twice}).exit_code, 0);
}

TEST_F(FailIf, FailsWithTheReasonWhereNothingIsKnown) {
  const Outcome left = run({"--fail-if", "peak_bytes>1T"}, {sample("starts"), "itself_leaves_bare"});
  EXPECT_EQ(left.exit_code, 3);
  EXPECT_TRUE(has(left.err, "could not be evaluated: it ended by the bare system call")) << left;
  const Outcome killed = run({"--fail-if", "peak_bytes>1T"}, {"bash", "-c", "kill -9 $$"});
  EXPECT_EQ(killed.exit_code, 128 + 9);
  EXPECT_TRUE(has(killed.err, "could not be evaluated: it was killed")) << killed;
  playground_.set("HEAPMETER_OFF", "1");
  const Outcome off = run({"--fail-if", "peak_bytes>1T"}, {"true"});
  EXPECT_EQ(off.exit_code, 3);
  EXPECT_TRUE(has(off.err, "could not be evaluated: ")) << off;
}

TEST_F(FailIf, OnWhatIsLostTakesALook) {
  EXPECT_EQ(run({"--fail-if", "lost>40"}, {sample("loses_blocks"), "end"}).exit_code, 0);
  const Outcome outcome =
      run({"--fail-if", "lost>39", "--fail-if", "lost_bytes>1K"}, {sample("loses_blocks"), "end"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_TRUE(has(outcome.err, "--fail-if 'lost>39': lost_blocks is 40\n")) << outcome;
  EXPECT_TRUE(has(outcome.err, "--fail-if 'lost_bytes>1K': lost_bytes is 13,320 (13.0 KiB)\n")) << outcome;
}

TEST_F(FailIf, SaysWhereItWasLostAlsoToTheQuiet) {
  const Outcome outcome = run({"--fail-if", "lost>39", "--markdown", playground_ / "comment.md"},
                              {sample("loses_blocks"), "end"});
  EXPECT_TRUE(has(outcome.err, "lose_headers")) << outcome;
  EXPECT_TRUE(has(read_file(playground_ / "comment.md"), "lose_headers"));
  EXPECT_FALSE(has(run({"--fail-if", "lost>40"}, {sample("loses_blocks"), "end"}).err, "lose_headers"));
}

TEST_F(FailIf, SaysThatItIsNotSureWhereThreadsSleep) {
  const Outcome outcome = run({"--fail-if", "lost>0"}, {sample("loses_blocks"), "asleep"});
  const auto perhaps =
      run({"--fail-if", "perhaps_in_registers_blocks>0"}, {sample("loses_blocks"), "asleep"});
  EXPECT_EQ(perhaps.exit_code, 3) << perhaps;
  EXPECT_TRUE(outcome.exit_code == 3 ||
              has(outcome.err, "--fail-if 'lost>0' is not sure: lost_blocks is 0, or up to 4"))
      << outcome;
  EXPECT_TRUE(has(outcome.err, "lose_headers")) << outcome;
}

TEST_F(FailIf, ComparesWithARunThatWasKept) {
  const std::string base = kept_run("base", {"perl", "-e", "@a = (1..1000)"});
  const std::vector<std::string> more = {"perl", "-e", "@a = (1..20000)"};
  EXPECT_EQ(run({"--fail-if", "allocated_bytes>+5% of " + base}, more).exit_code, 3);
  EXPECT_EQ(run({"--fail-if", "allocated_bytes>+9000% of " + base}, more).exit_code, 0);
  EXPECT_EQ(run({"--fail-if", "allocations>+0 of " + base}, {"perl", "-e", "@a = (1..1000)"}).exit_code, 0);

  const std::string now = kept_run("now", more);
  const Outcome same = playground_.run({"diff", base, base, "--fail-if", "allocated_bytes>+0"});
  EXPECT_EQ(same.exit_code, 0) << same;
  const Outcome grown = playground_.run({"diff", base, now, "--json", "--fail-if", "allocated_bytes>+5%"});
  EXPECT_EQ(grown.exit_code, 3) << grown;
  const auto failed = json::parse(grown.out).at("failed").as_array();
  ASSERT_EQ(failed.size(), 1u) << grown.out;
  EXPECT_EQ(failed[0].at("name"), "allocated_bytes");
  EXPECT_GT(failed[0].at("value").to_number<double>(), 1.05 * failed[0].at("before").to_number<double>());
}

TEST_F(FailIf, OfADifferenceIsOnTheSumsOfTwoTrees) {
  const std::string once = sample("wrong_calls").string() + "; true",
                    twice = sample("wrong_calls").string() + "; " + once;
  const std::string base = kept_run("base", {"bash", "-c", once}),
                    now = kept_run("now", {"bash", "-c", twice});
  EXPECT_EQ(playground_.run({"diff", base, now, "--fail-if", "mismatches>+3"}).exit_code, 0);
  const Outcome outcome = playground_.run({"diff", base, now, "--json", "--fail-if", "mismatches>+2"});
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  const auto failed = json::parse(outcome.out).at("failed").at(0);
  EXPECT_EQ(failed.at("before"), 3);
  EXPECT_EQ(failed.at("value"), 6);
  EXPECT_TRUE(has(playground_.run({"diff", base, now}).out, "bash and 2 more")) << "the sums are compared";
}

TEST_F(FailIf, OnWhatIsLostIsRefusedWhereNobodyLooked) {
  const std::string base = kept_run("base", {"true"});
  const Outcome outcome = playground_.run({"diff", base, base, "--fail-if", "lost>0"});
  EXPECT_EQ(outcome.exit_code, 2) << outcome;
  EXPECT_TRUE(has(outcome.err, "--fail-if 'lost>0': a reading does not say what is lost")) << outcome;
}

TEST_F(FailIf, IsInTheJson) {
  const std::string file = playground_ / "summary";
  const Outcome outcome = playground_.run({"run", "--json", "--output", file, "--fail-if", "mismatches>0",
                                           "--fail-if", "mismatches>9", "--", sample("wrong_calls")});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(
      json::serialize(json::parse(read_file(file)).at("failed")),
      R"([{"condition":"mismatches>0","name":"mismatches","value":3,"before":null,"limit":0,"why":null}])");
}

TEST_F(FailIf, IsToldBeforeTheProgramStartsWhereItIsWrong) {
  for (const std::string &wrong :
       {std::string("peak_bytes"), std::string("peek_bytes>1"),
        "frees>+1% of " + (playground_ / "absent").string(), "frees>+1% of " + source_root().string()}) {
    const Outcome outcome = run({"--fail-if", wrong}, {"echo", "started"});
    EXPECT_EQ(outcome.exit_code, 2) << outcome;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(has(outcome.err, "heapmeter: --fail-if")) << outcome;
  }
  EXPECT_EQ(run({"--fail-if", "frees>1", "--fail-code", "0"}, {"echo", "started"}).exit_code, 2);
}

}  // namespace
