// SPDX-License-Identifier: MIT
#include "run/summary.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "tools/snapshot_text.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

RunResult result() {
  RunResult run;
  run.command = {"/usr/bin/prog", "argument"};
  run.pid = 123;
  run.ending.wall_seconds = 2;
  run.ending.usage.ru_maxrss = 10 * 1024;
  run.reading = parse_reading(snapshot_text());
  run.from_report = true;
  return run;
}

std::string text(const RunResult &run) { return summary_text(run, Paint(false), Page{80, true}); }
std::string unfolded(const RunResult &run) { return summary_text(run, Paint(false), Page{0, true}); }
bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

TEST(Summary, OfAReportHasTheNumbersAtExit) {
  const std::string shown = text(result());
  EXPECT_TRUE(has(shown, "heapmeter: prog (123) ended with exit code 0")) << shown;
  EXPECT_TRUE(has(shown, "live at exit")) << shown;
  EXPECT_TRUE(has(shown, "3.91 KiB in 40 blocks")) << shown;
  EXPECT_TRUE(has(shown, "100 allocations, 4.88 KiB/s, 50/s")) << shown;
  EXPECT_TRUE(has(shown, "10.0 MiB")) << shown;
  EXPECT_FALSE(has(shown, "last reading")) << shown;
}

TEST(Summary, EndsWithWhatItWasLike) {
  RunResult run = result();
  EXPECT_TRUE(
      has(text(run), "\n\n  verdict        it was too short to tell whether live grew; nothing else is\n"))
      << text(run);
  EXPECT_FALSE(has(text(run), "nothing unusual")) << text(run);
  for (int at = 0; at < 40; ++at) run.shape.add({0.05 * at, 1'000'000u * (at + 1), 1'000'000u * (at + 1)});
  run.shape.add({2, 100, 100});
  EXPECT_TRUE(has(text(run), "  verdict        live grew by 19.1 MiB/s, steadily, to the end\n"))
      << text(run);
  EXPECT_EQ(summary_json(run).at("verdicts").at(0).at("kind"), "growth");
  EXPECT_EQ(summary_json(run).at("verdicts").at(0).at("alarm"), false);
}

TEST(Summary, OfALastReadingSaysSoAndHowOldItIs) {
  RunResult run = result();
  run.from_report = false;
  run.reading_age_seconds = 0.42;
  run.ending.signal = SIGKILL;
  const std::string shown = text(run);
  EXPECT_TRUE(has(shown, "was killed by SIGKILL")) << shown;
  EXPECT_TRUE(has(shown, "0.42 s before the end")) << shown;
  EXPECT_FALSE(has(shown, "live at exit")) << shown;
}

TEST(Summary, OfAProgramThatBecameAnotherSaysThatTheNumbersAreTheFirstOnes) {
  RunResult run = result();
  run.from_report = false;
  run.reading_age_seconds = 60;
  run.uncounted = {{123, "/opt/browser", "/opt/browser brings its own malloc"},
                   {130, "/opt/go", "/opt/go is static"}};
  EXPECT_TRUE(has(unfolded(run),
                  "1m 00s before the end; it became another program by exec, which is not counted: "
                  "/opt/browser brings its own malloc\n"))
      << unfolded(run);
  EXPECT_TRUE(has(unfolded(run), "not counted    /opt/go is static (130)\n")) << unfolded(run);
}

TEST(Summary, WithoutAReadingSaysWhy) {
  RunResult run = result();
  run.reading.reset();
  EXPECT_TRUE(has(text(run), "no reading")) << text(run);
  EXPECT_TRUE(has(text(run), "it ended by the bare system call")) << text(run);
  EXPECT_TRUE(has(unfolded(run), "or had itself forbidden files by landlock")) << unfolded(run);
  run.notes = {"HEAPMETER_OFF=1 switches the meter off"};
  EXPECT_TRUE(has(text(run), "HEAPMETER_OFF=1 switches the meter off")) << text(run);
  EXPECT_FALSE(has(text(run), "bare system call")) << text(run);
  EXPECT_TRUE(has(text(run), "RSS peak")) << text(run);
}

TEST(Summary, NamesTheLargestChildAndWhoStillRuns) {
  RunResult run = result();
  run.children = {
      of_report(parse_reading(snapshot_text({{"pid", 5}, {"peak_bytes", 10}}))),
      of_report(parse_reading(snapshot_text({{"pid", 6}, {"peak_bytes", 2048}, {"name", "big"}})))};
  run.still_running = {7, 8};
  EXPECT_TRUE(has(text(run), "3 metered, of 2 programs\n")) << text(run);
  EXPECT_TRUE(has(text(run), "in 300 allocations, 14.6 KiB/s, 150/s\n")) << text(run);
  EXPECT_TRUE(has(text(run), "\n  big         1   9.77 KiB     100  2.00 KiB    -    -\n")) << text(run);
  EXPECT_TRUE(has(text(run), "7, 8")) << text(run);
}

TEST(Summary, SaysWhyThereIsNoReportOfAChild) {
  RunResult run = result();
  run.unreported = {{5, "gone", ""}, {6, "full", "File too large"}, {7, "gone", ""}};
  EXPECT_TRUE(has(unfolded(run),
                  "no report               2 killed, or left by the bare system call: gone (5), gone (7)\n"))
      << unfolded(run);
  EXPECT_TRUE(has(unfolded(run), "no report               1 could not write it: File too large: full (6)\n"))
      << unfolded(run);
}

TEST(Summary, NamesWhoWasLargestOnlyWhenItWas) {
  RunResult run = result();
  Reading child = parse_reading(snapshot_text({{"pid", 6}, {"name", "big"}}));
  run.children = {of_report(child)};
  run.children[0].rss_peak_bytes = 2 << 20;
  run.ending.usage.ru_maxrss = (2 << 10) + 100;
  EXPECT_TRUE(has(text(run), "2.10 MiB (big)\n")) << text(run);
  run.ending.usage.ru_maxrss = 10 << 10;
  EXPECT_TRUE(has(text(run), "10.0 MiB\n")) << "of whom is not known: " << text(run);
}

TEST(Summary, AsJsonKeepsTheSourceApart) {
  RunResult run = result();
  auto object = boost::json::parse(boost::json::serialize(summary_json(run))).as_object();
  EXPECT_EQ(object.at("source"), "report");
  EXPECT_EQ(object.at("reading").as_object().at("live_bytes").as_int64(), 4000);
  EXPECT_EQ(object.at("rss_peak_bytes").as_int64(), 10 * 1024 * 1024);
  run.from_report = false;
  EXPECT_EQ(summary_json(run).at("source"), "reading");
  run.reading.reset();
  object = boost::json::parse(boost::json::serialize(summary_json(run))).as_object();
  EXPECT_EQ(object.at("source"), "none");
  EXPECT_TRUE(object.at("reading").is_null());
  EXPECT_FALSE(object.at("why").as_array().empty());
}

}  // namespace
