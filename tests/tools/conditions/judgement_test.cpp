// SPDX-License-Identifier: MIT
//
// Conditions on figures of runs, reports and marks: which hold, which cannot be evaluated, and what is said.
#include "conditions/judgement.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "text/user_error.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::conditions;

namespace {

namespace json = boost::json;

json::object run(json::object reading, json::array children = {}) {
  return {{"command", json::array{"prog"}},
          {"source", "report"},
          {"reading", std::move(reading)},
          {"children", std::move(children)},
          {"why", json::array{}},
          {"still_running", json::array{}},
          {"wall_seconds", 2.5},
          {"rss_peak_bytes", 4096}};
}

Judgement judged(const std::string &condition, const json::object &object) {
  return judge(parse(condition, {names_of_run()}), figures_in(object), nullptr);
}

Judgement compared(const std::string &condition, const json::object &before, const json::object &after) {
  const Figures then = figures_in(before);
  return judge(parse(condition, {names_of_run(), true}), figures_in(after), &then);
}

TEST(Judgement, OfARunIsOfTheSumOfAllItStarted) {
  const json::object object = run({{"peak_bytes", 150}}, {json::object{{"peak_bytes", 60}}});
  EXPECT_TRUE(judged("peak_bytes>200", object).failed);
  EXPECT_FALSE(judged("peak_bytes>210", object).failed);
  EXPECT_EQ(*judged("peak_bytes>200", object).value, 210);
  EXPECT_EQ(sentence(judged("peak_bytes>200", object)), "--fail-if 'peak_bytes>200': peak_bytes is 210");
}

TEST(Judgement, OfWhatIsLostIsNotSureOfWhatRegistersMayHold) {
  json::object object = run({});
  object["sum"] = json::object();
  object["lost_blocks"] = 0;
  object["perhaps_in_registers_blocks"] = 5;
  const Judgement judgement = judged("lost>4", object);
  EXPECT_FALSE(judgement.failed);
  EXPECT_EQ(
      doubt(judgement),
      "--fail-if 'lost>4' is not sure: lost_blocks is 0, or up to 5: registers of threads that sleep may "
      "hold the rest, or nothing does; 'perhaps_in_registers_blocks>0' fails then");
  EXPECT_EQ(doubt(judged("lost>5", object)), "");
  object["lost_blocks"] = 5;
  EXPECT_TRUE(judged("lost>4", object).failed);
  EXPECT_EQ(doubt(judged("lost>4", object)), "");
}

TEST(Judgement, OfARunKnowsItsTimeAndMemory) {
  EXPECT_TRUE(judged("wall_seconds>2", run({})).failed);
  EXPECT_EQ(sentence(judged("wall_seconds>2", run({}))), "--fail-if 'wall_seconds>2': wall_seconds is 2.5");
  EXPECT_EQ(sentence(judged("rss_peak_bytes>1K", run({}))),
            "--fail-if 'rss_peak_bytes>1K': rss_peak_bytes is 4,096 (4.00 KiB)");
}

TEST(Judgement, OfAProgramThatLeftNoReportFailsWithTheReason) {
  json::object object = run({{"peak_bytes", 1}});
  object["source"] = "reading";
  object["why"] = json::array{"it was killed, so it left no report of its own"};
  const Judgement judgement = judged("peak_bytes>200M", object);
  EXPECT_TRUE(judgement.failed);
  EXPECT_EQ(
      sentence(judgement),
      "--fail-if 'peak_bytes>200M' could not be evaluated: it was killed, so it left no report of its own");
  EXPECT_FALSE(judged("wall_seconds>3", object).failed) << "which is known all the same";
  object["source"] = "none";
  object["reading"] = nullptr;
  EXPECT_TRUE(judged("mismatches>0", object).failed);
}

TEST(Judgement, OfATreeOfWhichSomeRunOnFailsWithTheReason) {
  json::object object = run({{"peak_bytes", 1}});
  object["still_running"] = json::array{4711};
  EXPECT_EQ(
      sentence(judged("peak_bytes>200M", object)),
      "--fail-if 'peak_bytes>200M' could not be evaluated: 1 of the processes it started runs on: 4711");
}

TEST(Judgement, OfWhatIsLostNeedsALook) {
  json::object object = run({});
  EXPECT_EQ(judged("lost>0", object).why, "no look at what is lost was taken (run --leaks)");
  object["lost_failure"] = "seccomp";
  EXPECT_EQ(judged("lost>0", object).why, "seccomp");
  object.erase("lost_failure");
  object["lost_blocks"] = 0;
  EXPECT_FALSE(judged("lost>0", object).failed);
  object["lost_blocks"] = 2;
  EXPECT_TRUE(judged("lost>0", object).failed);
}

TEST(Judgement, OfWrongCallsIsOfEveryKind) {
  const json::object none = {{"live_bytes", 1},   {"mismatches", 0},    {"size_mismatches", 0},
                             {"double_frees", 0}, {"foreign_frees", 0}, {"inner_frees", 0}};
  EXPECT_FALSE(judged("wrong_calls>0", none).failed);
  for (const char *kind : {"mismatches", "size_mismatches", "double_frees", "foreign_frees", "inner_frees"}) {
    json::object one = none;
    one[kind] = 1;
    EXPECT_TRUE(judged("wrong_calls>0", one).failed) << kind;
  }
  json::object older = none;
  older.erase("inner_frees");
  EXPECT_EQ(judged("wrong_calls>0", older).why, "");
}

TEST(Judgement, OfAChangeComparesWithWhatWasBefore) {
  const json::object base = {{"live_bytes", 10}, {"allocations", 1000}};  // a report
  const json::object more = {{"live_bytes", 10}, {"allocations", 1051}};
  EXPECT_TRUE(compared("allocations>+5%", base, more).failed);
  EXPECT_FALSE(compared("allocations>+6%", base, more).failed);
  EXPECT_TRUE(compared("allocations>+50", base, more).failed);
  EXPECT_FALSE(compared("allocations>+51", base, more).failed);
  EXPECT_FALSE(compared("live_bytes>+0", base, more).failed);
  EXPECT_TRUE(compared("allocations<-4%", more, base).failed);
  EXPECT_EQ(sentence(compared("allocations>+5%", base, more)),
            "--fail-if 'allocations>+5%': allocations is 1,051, was 1,000: +5.1 %");
}

TEST(Judgement, OfAGreatChangeIsNoPowerOfTen) {
  const json::object base = {{"allocations", 10}}, more = {{"allocations", 1007}};
  EXPECT_EQ(sentence(compared("allocations>+5%", base, more)),
            "--fail-if 'allocations>+5%': allocations is 1,007, was 10: +9,970 %");
}

TEST(Judgement, OfAChangeFromNothing) {
  const json::object none = {{"live_bytes", 0}, {"mismatches", 0}};
  const json::object some = {{"live_bytes", 0}, {"mismatches", 1}};
  EXPECT_TRUE(compared("mismatches>+5%", none, some).failed);
  EXPECT_FALSE(compared("mismatches>+5%", none, none).failed);
  EXPECT_EQ(sentence(compared("mismatches>+5%", none, some)),
            "--fail-if 'mismatches>+5%': mismatches is 1, was 0");
}

TEST(Judgement, OfAChangeFromWhatIsNotKnownFailsWithTheReason) {
  json::object before = run({{"allocations", 1}});
  before["source"] = "none";
  before["why"] = json::array{"it was killed"};
  EXPECT_EQ(compared("allocations>+5%", before, run({{"allocations", 1}})).why, "of before: it was killed");
}

TEST(Judgement, AsJsonHasThoseThatFailed) {
  const json::object object = run({{"peak_bytes", 150}});
  const auto failed = failed_json({judged("peak_bytes>100", object), judged("peak_bytes>200", object),
                                   judged("wall_seconds>1", object), judged("lost>0", object)});
  EXPECT_EQ(
      json::serialize(failed),
      R"end([{"condition":"peak_bytes>100","name":"peak_bytes","value":150,"before":null,"limit":100,)end"
      R"end("why":null},{"condition":"wall_seconds>1","name":"wall_seconds","value":2.5E0,)end"
      R"end("before":null,"limit":1,"why":null},{"condition":"lost>0","name":"lost_blocks",)end"
      R"end("value":null,"before":null,"limit":null,)end"
      R"end("why":"no look at what is lost was taken (run --leaks)"}])end");
}

TEST(Figures, AreReadFromAMarkAndRefusedFromAnythingElse) {
  const Figures mark = figures_in_text(R"({"format":"heapmeter mark","snapshot":{"peak_bytes":7}})", "m");
  EXPECT_EQ(mark.of("peak_bytes").value, 7);
  for (const char *other : {"", "[]", "{}", "{\"a\":1}", "nothing"}) {
    try {
      figures_in_text(other, "base.json");
      ADD_FAILURE() << other;
    } catch (const UserError &error) {
      EXPECT_EQ(error.exit_code(), kUsage);
      EXPECT_NE(std::string(error.what()).find("base.json is neither"), std::string::npos) << error.what();
    }
  }
}

TEST(Figures, OfStrangeFieldsAreNotKnown) {
  const json::object strange =
      run({{"peak_bytes", "many"}}, {1, json::object{{"peak_bytes", json::array{}}}});
  EXPECT_EQ(judged("peak_bytes>0", strange).why, "it is not in the reading");
  EXPECT_EQ(judged("frees>0", run({{"frees", 2}}, {1, json::object{{"frees", json::array{}}}})).value, 2);
}

}  // namespace
