// SPDX-License-Identifier: MIT
//
// diff and sizes --since on a program that grows by known amounts between two readings.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "support/temp_dir.h"
#include "tools/verbs/marks.h"

using namespace heapmeter::testing;

namespace {

TEST_F(Marks, DiffTellsWhatGrewToTheByte) {
  Grower grower(playground_);
  const Outcome marked = run({"mark", "before", grower.pid()});
  ASSERT_EQ(marked.exit_code, 0) << marked;
  EXPECT_TRUE(has(marked.out, "before: grower (" + grower.pid() + "), ")) << marked;
  EXPECT_EQ(change(json_of({"diff", "before"}), "live_bytes"), 0);
  grower.grow();
  const json::value difference = json_of({"diff", "before"});
  EXPECT_EQ(difference.at("same_process"), json::value(true));
  EXPECT_EQ(difference.at("same_counters"), json::value(true));
  EXPECT_EQ(change(difference, "live_bytes"), -1000 + 30'000 + 4900 + 448 - 96);
  EXPECT_EQ(change(difference, "live_blocks"), -10 + 30 + 7 - 2);
  EXPECT_EQ(change(difference, "allocations"), 37);
  EXPECT_EQ(change(difference, "frees"), 12);
  EXPECT_EQ(change(difference, "reallocations"), 1);
  EXPECT_EQ(change(difference, "allocated_bytes"), 30'000 + 5000 + 448);
  EXPECT_EQ(change(difference, "freed_bytes"), 1000 + 100 + 96);
  EXPECT_EQ(change(difference, "threads"), -1);
  EXPECT_GT(difference.at("interval_seconds").to_number<double>(), 0);
  const json::array &classes = difference.at("classes").as_array();
  EXPECT_EQ(number(classes.front(), "live_bytes_change"), 30'000);
  EXPECT_EQ(number(classes.front(), "live_blocks_change"), 30);
  EXPECT_EQ(number(classes.back(), "live_bytes_change"), -1100);
  const json::value &threads = difference.at("threads");
  EXPECT_EQ(number(with(threads, "name", "grower"), "net_bytes_change"), 35'000 - 1100);
  EXPECT_EQ(number(with(threads, "name", "stays"), "net_bytes_change"), 448);
  EXPECT_EQ(number(with(threads, "name", "stays"), "net_bytes_before"), 192);
  EXPECT_EQ(number(difference.at("exited"), "net_bytes_change"), -96);
  EXPECT_EQ(number(difference.at("exited"), "allocations_change"), 0);
  const Outcome table = run({"diff", "before", "--bytes"});
  EXPECT_TRUE(has(table.out, "before → now  grower (" + grower.pid() + "), ")) << table;
  EXPECT_TRUE(has(table.out, "+34252")) << table;
  EXPECT_TRUE(has(table.out, "stays ")) << table;
}

// The stack of main's blocks that grew, in diff's order.
const json::value &first_site(const json::value &difference) { return difference.at("sites").at(0); }

TEST_F(Marks, DiffTellsWhichCodeGrew) {
  playground_.set("HEAPMETER_SAMPLE", "every");
  Grower grower(playground_);
  ASSERT_EQ(run({"mark", "before", grower.pid()}).exit_code, 0);
  const json::value same = json_of({"diff", "before"});
  EXPECT_EQ(same.at("sites_known"), json::value(true));
  EXPECT_TRUE(same.at("sites").as_array().empty()) << same;
  grower.grow();
  const json::value difference = json_of({"diff", "before"});
  std::int64_t bytes = 0, blocks = 0;
  for (const json::value &site : difference.at("sites").as_array()) {
    bytes += number(site, "live_bytes_change");
    blocks += number(site, "live_blocks_change");
  }
  EXPECT_EQ(bytes, 34'252);
  EXPECT_EQ(blocks, 25);
  EXPECT_EQ(number(first_site(difference), "live_bytes_change"), 33'900) << difference;
  EXPECT_EQ(first_site(difference).at("frames").at(0).at("function"), json::value("main"));
  const Outcome table = run({"diff", "before", "-n", "1", "--bytes"});
  EXPECT_TRUE(has(table.out, "+33900     +20  ")) << table;
  EXPECT_TRUE(has(table.out, " sites more (-n)")) << table;
  const json::value since = json_of({"sites", grower.pid(), "--since", "before"});
  EXPECT_EQ(number(since.at("sites").at(0), "live_bytes"), 33'900) << since;
}

// Named by build-id and offset, when the process is no more.
TEST_F(Marks, TellWhichCodeGrewWhenBothProcessesHaveEnded) {
  playground_.set("HEAPMETER_SAMPLE", "every");
  const std::string flame = playground_ / "f.html", svg = playground_ / "f.svg";
  Grower first(playground_), second(playground_);
  ASSERT_EQ(run({"mark", "first", first.pid()}).exit_code, 0);
  second.grow();
  ASSERT_EQ(run({"mark", "second", second.pid()}).exit_code, 0);
  first.end();
  second.end();
  const json::value difference = json_of({"diff", "first", "second", "--flame", flame, "--svg", svg});
  EXPECT_EQ(number(first_site(difference), "live_bytes_change"), 33'900) << difference;
  EXPECT_EQ(first_site(difference).at("frames").at(0).at("function"), json::value("main"));
  EXPECT_TRUE(has(read_file(flame), "\"compared\":true"));
  EXPECT_TRUE(has(read_file(svg), "<svg "));
}

TEST_F(Marks, ThatAreOlderThanAttributionTellWhatCameSince) {
  Grower grower(playground_);
  ASSERT_EQ(run({"mark", "before", grower.pid()}).exit_code, 0);
  EXPECT_TRUE(has(run({"diff", "before"}).out, "heapmeter sites " + grower.pid() + " --sample every"));
  EXPECT_EQ(run({"diff", "before", "--flame", playground_ / "f.html"}).exit_code, 1);
  ASSERT_EQ(run({"sites", grower.pid(), "--sample", "every"}).exit_code, 0);
  grower.grow();
  const json::value difference = json_of({"diff", "before"});
  EXPECT_EQ(difference.at("sites_from_attribution_on"), json::value(true));
  EXPECT_EQ(number(first_site(difference), "live_bytes_change"), 35'000) << difference;
  EXPECT_TRUE(has(run({"diff", "before"}).out, "Attribution began "));
  const Outcome refused = run({"sites", grower.pid(), "--since", "before"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(has(refused.err, "heapmeter diff before shows what came after that")) << refused;
  Grower other(playground_);
  ASSERT_EQ(run({"sites", other.pid(), "--sample", "every"}).exit_code, 0);
  EXPECT_TRUE(has(run({"sites", other.pid(), "--since", "before"}).err, "is not of grower")) << refused;
}

TEST_F(Marks, SizesSinceOneHaveChanges) {
  Grower grower(playground_);
  ASSERT_EQ(run({"mark", "before", grower.pid()}).exit_code, 0);
  grower.grow();
  const json::value sizes = json_of({"sizes", grower.pid(), "--since", "before"});
  EXPECT_EQ(sizes.at("since"), json::value("before"));
  std::int64_t bytes = 0, blocks = 0;
  for (const json::value &each : sizes.at("classes").as_array()) {
    bytes += number(each, "live_bytes_change");
    blocks += number(each, "live_blocks_change");
  }
  EXPECT_EQ(bytes, 34'252);
  EXPECT_EQ(blocks, 25);
  EXPECT_EQ(json_of({"sizes", grower.pid()}).at("since"), json::value(nullptr));
  const Outcome table = run({"sizes", grower.pid(), "--since", "before"});
  EXPECT_TRUE(has(table.out, "LIVE +/-")) << table;
  EXPECT_TRUE(has(table.out, "+29.3 KiB")) << table;
  Grower other(playground_);
  const Outcome refused = run({"sizes", other.pid(), "--since", "before"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(has(refused.err, "is not of grower (" + other.pid() + ") as it is now")) << refused;
  EXPECT_TRUE(has(refused.err, "heapmeter diff")) << refused;
}

TEST_F(Marks, OfTwoProcessesAreComparedWhenBothHaveEnded) {
  const std::string file = playground_ / "there/second.json";
  Grower first(playground_), second(playground_);
  ASSERT_EQ(run({"mark", "first", first.pid()}).exit_code, 0);
  second.grow();
  ASSERT_EQ(run({"mark", file, second.pid()}).exit_code, 0);
  const Outcome living = run({"diff", "first", second.pid()});
  EXPECT_TRUE(has(living.out, "two processes: grower (" + first.pid() + ") and, ")) << living;
  first.end();
  second.end();
  const json::value difference = json_of({"diff", "first", file});
  EXPECT_EQ(difference.at("same_process"), json::value(false));
  EXPECT_EQ(change(difference, "live_bytes"), 34'252);
  EXPECT_EQ(difference.at("after").at("mark"), json::value("second"));
  const Outcome ended = run({"diff", "first"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_TRUE(has(ended.err, "has ended")) << ended;
}

TEST_F(Marks, TellThatAnotherProgramWasStartedInTheProcess) {
  Grower grower(playground_, {"becomes"});
  grower.grow();
  ASSERT_EQ(run({"mark", "before", grower.pid()}).exit_code, 0);
  becomes_another_program(grower);
}

TEST_F(Marks, TellThatTheSameProgramWasStartedAnewAndDidTheSame) {
  Grower grower(playground_, {"becomes"});
  ASSERT_EQ(run({"mark", "before", grower.pid()}).exit_code, 0);
  becomes_another_program(grower);
}

TEST_F(Marks, MayBeWhatRunWroteOfAProgram) {
  const std::string before = playground_ / "before.json", after = playground_ / "after.json";
  ASSERT_EQ(run({"run", "--json", "--output", before, "--", sample("wrong_calls")}).exit_code, 0);
  ASSERT_EQ(run({"run", "--json", "--output", after, "--", sample("wrong_calls")}).exit_code, 0);
  const json::value difference = json_of({"diff", before, after});
  EXPECT_EQ(change(difference, "allocations"), 0);
  EXPECT_EQ(difference.at("classes_known"), json::value(true));
  EXPECT_EQ(difference.at("threads_known"), json::value(true));
  EXPECT_GE(difference.at("interval_seconds").to_number<double>(), 0);
}

TEST_F(Marks, AreComparedWithWhatTheProcessReportsAtItsExit) {
  const std::string report = playground_ / "report.%p.json";
  Grower first(playground_, {}, report), second(playground_, {}, report);
  ASSERT_EQ(run({"mark", "before", first.pid()}).exit_code, 0);
  first.grow();
  first.end();
  second.end();
  const std::string grown = playground_ / ("report." + first.pid() + ".json");
  const std::string small = playground_ / ("report." + second.pid() + ".json");
  const json::value since = json_of({"diff", "before", grown});
  EXPECT_EQ(since.at("same_counters"), json::value(true));
  EXPECT_EQ(change(since, "live_bytes"), 34'252);
  EXPECT_GT(since.at("interval_seconds").to_number<double>(), 0);
  EXPECT_EQ(number(since.at("classes").at(0), "live_bytes_change"), 30'000);
  EXPECT_EQ(number(with(since.at("threads"), "name", "stays"), "net_bytes_change"), 448);
  EXPECT_EQ(since.at("after").at("at_exit"), json::value(true));
  const Outcome table = run({"diff", "before", grown});
  EXPECT_TRUE(has(table.out, "before → report." + first.pid() + "  grower (" + first.pid() + "), ")) << table;
  EXPECT_TRUE(has(table.out, "later, at its exit\n")) << table;
  const json::value between = json_of({"diff", small, grown});
  EXPECT_EQ(between.at("same_process"), json::value(false));
  EXPECT_EQ(change(between, "live_bytes"), 34'252);
  EXPECT_EQ(number(between.at("classes").at(0), "live_bytes_change"), 30'000);
  const Outcome alone = run({"diff", small});
  EXPECT_EQ(alone.exit_code, 1);
  EXPECT_TRUE(has(alone.err, "is what grower (" + second.pid() + ") reported at its exit")) << alone;
  Grower living(playground_);
  EXPECT_EQ(change(json_of({"diff", grown, living.pid()}), "live_bytes"), -34'252);
  const Outcome since_report = run({"sizes", living.pid(), "--since", grown});
  EXPECT_EQ(since_report.exit_code, 1);
  EXPECT_TRUE(has(since_report.err, "heapmeter diff compares")) << since_report;
  const Outcome replaced = run({"mark", grown, living.pid()});
  EXPECT_TRUE(has(replaced.err, "exists and is no mark")) << replaced;
}

// A program that was killed reports nothing: what run --json has of it is how it was last read.
TEST_F(Marks, OfARunSayWhetherItIsAReportOrALastReading) {
  const std::string ended = playground_ / "ended.json", killed = playground_ / "killed.json";
  ASSERT_EQ(run({"run", "--quiet", "--json", "--output", ended, "perl", "-e", "1"}).exit_code, 0);
  for (int seconds = 1; seconds < 64; seconds *= 2) {
    run({"run", "--quiet", "--json", "--output", killed, "perl", "-e",
         "select undef, undef, undef, " + std::to_string(seconds) + "; kill 9, $$"});
    if (json::parse(read_file(killed)).at("source") == "reading") break;
  }
  const Outcome outcome = run({"diff", ended, killed});
  EXPECT_TRUE(has(outcome.out, ") at its exit and, ")) << outcome;
  EXPECT_TRUE(has(outcome.out, ") as last read\n")) << outcome;
  const json::value difference = json_of({"diff", ended, killed});
  EXPECT_EQ(difference.at("before").at("at_exit"), json::value(true));
  EXPECT_EQ(difference.at("after").at("at_exit"), json::value(false));
  EXPECT_TRUE(difference.at("after").at("host").is_null());
  const Outcome alone = run({"diff", killed});
  EXPECT_EQ(alone.exit_code, 1);
  EXPECT_TRUE(has(alone.err, ") was last read: it has ended; ")) << alone;
  EXPECT_FALSE(has(alone.err, "at its exit")) << alone;
}

}  // namespace
