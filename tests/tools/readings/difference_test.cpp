// SPDX-License-Identifier: MIT
#include "readings/difference.h"

#include <gtest/gtest.h>

#include "tools/golden.h"
#include "tools/mark_text.h"
#include "views/difference.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

Mark mark_of(const json::object &object) { return parse_mark(json_text(object), "it"); }

// Ten seconds after mark_object(): 100 bytes in class 16 freed, 2000 more in class 64; "brief" freed 500 and
// ended, "late" came.
json::object later() {
  json::object object = mark_object({{"monotonic_ns", 15'000'000'000},
                                     {"live_bytes", 5980},
                                     {"live_blocks", 68},
                                     {"usable_bytes", 6448},
                                     {"allocations", 140},
                                     {"frees", 72},
                                     {"allocated_bytes", 12'500},
                                     {"freed_bytes", 6520},
                                     {"mismatches", 2},
                                     {"threads", 2},
                                     {"frees_by_kind", {{"free", 72}}}});
  object["name"] = "after";
  object["time"] = 1'700'000'010.5;
  object["sizes"].as_object()["classes"] =
      json::array{class_object(16, 3, 40, 9), class_object(32, 35, 1120, 91), class_object(64, 30, 2000, 40)};
  json::object &threads = object["threads"].as_object();
  threads["threads"] =
      json::array{thread_object(123, "prog", 95, 8450, 4020), thread_object(125, "late\x1b", 5, 50, 0)};
  threads["exited"] = thread_object(0, "", 40, 4000, 2500);
  return object;
}

std::string text_of(const Mark &before, const Mark &after, bool exact) {
  return difference_text(difference_between(before, after), before, after, "", Look{Units{exact}});
}

TEST(Difference, OfOneProcessIsByGrowthAndAddsUp) {
  const Difference found = difference_between(mark_of(mark_object()), mark_of(later()));
  EXPECT_TRUE(found.same_process);
  EXPECT_TRUE(found.same_counters);
  EXPECT_DOUBLE_EQ(found.seconds, 10);
  ASSERT_EQ(found.classes.size(), 3u);
  EXPECT_EQ(found.classes[0].now.class_bytes, 64u);
  EXPECT_EQ(found.classes[0].live_bytes, 2000);
  EXPECT_EQ(found.classes[2].live_bytes, -20);
  EXPECT_EQ(found.classes[2].live_blocks, -2);
  ASSERT_EQ(found.threads.size(), 2u);
  EXPECT_EQ(found.threads[0].net(), 2430);
  EXPECT_EQ(found.threads[1].net(), 50);
  // What "brief" had done before is no change of the exited ones.
  EXPECT_EQ(found.exited.allocated(), 0);
  EXPECT_EQ(found.exited.freed(), 500);
}

TEST(Difference, IsTheSameBackwards) {
  const Difference found = difference_between(mark_of(later()), mark_of(mark_object()));
  EXPECT_TRUE(found.same_counters);
  EXPECT_DOUBLE_EQ(found.seconds, -10);
  EXPECT_EQ(found.totals[0].change(), -1980);
  EXPECT_EQ(found.threads.back().net(), -2430);
}

// Somebody set the clock between the two.
TEST(Difference, IsByAClockThatNobodySets) {
  json::object set = later();
  set["time"] = 1'600'000'000;
  EXPECT_DOUBLE_EQ(difference_between(mark_of(mark_object()), mark_of(set)).seconds, 10);
  const auto group = [](const json::object &member) {
    return group_mark({mark_of(member)}, "g", "prog", json::object{});
  };
  EXPECT_DOUBLE_EQ(difference_between(group(mark_object()), group(set)).seconds, 10);
  set["boot_id"] = "another boot";
  EXPECT_LT(difference_between(group(mark_object()), group(set)).seconds, -1e6);
}

TEST(Difference, MarksAPeakThatIsKnownBetweenWhat) {
  json::object after = later();
  json::object &snapshot = after["snapshot"].as_object();
  snapshot["peak_bytes"] = 150'000'000;
  snapshot["peak_error_bytes"] = 40'000'000;
  const Mark one = mark_of(mark_object()), other = mark_of(after);
  const std::string text = text_of(one, other, false);
  EXPECT_NE(text.find("~143 MiB"), text.npos) << text;
  EXPECT_NE(text.find("~+143 MiB"), text.npos) << text;
  EXPECT_EQ(text_of(one, mark_of(later()), false).find('~'), text.npos);
  const std::string still = text_of(other, other, false);
  EXPECT_NE(still.find("~143 MiB  ~143 MiB     0 B"), text.npos) << still;
  const auto object = difference_json(difference_between(one, other), one, other);
  EXPECT_EQ(json::serialize(object.at("totals").at("peak_error_bytes")),
            R"({"before":0,"after":40000000,"change":40000000})");
}

TEST(Difference, OfAMarkWithItselfIsNothing) {
  const Difference found = difference_between(mark_of(mark_object()), mark_of(mark_object()));
  EXPECT_TRUE(found.same_counters);
  for (const Total &total : found.totals) EXPECT_EQ(total.change(), 0) << total.field;
  const std::string text = text_of(mark_of(mark_object()), mark_of(mark_object()), true);
  EXPECT_NE(text.find("No size class holds more or less."), std::string::npos) << text;
  EXPECT_NE(text.find("prog (4711), at the same moment\n"), std::string::npos) << text;
}

TEST(Difference, KnowsAnotherProcessByAnyOfItsNumbers) {
  json::object another_boot = later(), another_start = later(), another_pid = later();
  another_boot["boot_id"] = "another";
  another_start["snapshot"].as_object()["start_time"] = 457;
  another_pid["snapshot"].as_object()["pid"] = 124;
  for (const json::object &another : {another_boot, another_start, another_pid}) {
    const Difference found = difference_between(mark_of(mark_object()), mark_of(another));
    EXPECT_FALSE(found.same_process);
    EXPECT_FALSE(found.same_counters);
    // By name: tids say nothing.
    ASSERT_EQ(found.threads.size(), 3u);
    EXPECT_EQ(found.threads[0].tid, 0);
  }
}

TEST(Difference, KnowsAProgramThatCountsAnewByAnyTotalThatIsSmaller) {
  json::object by_kind = later(), by_class = later();
  by_kind["snapshot"].as_object()["frees_by_kind"] = {{"free", 59}};
  by_class["sizes"].as_object()["classes"].as_array()[1] = class_object(32, 35, 1120, 90);
  for (const json::object &anew : {by_kind, by_class}) {
    const Difference found = difference_between(mark_of(mark_object()), mark_of(anew));
    EXPECT_TRUE(found.same_process);
    EXPECT_FALSE(found.same_counters);
  }
}

TEST(Difference, TakesATidWithSmallerTotalsForALaterThread) {
  json::object reused = later();
  reused["threads"].as_object()["threads"].as_array()[1] = thread_object(124, "late", 5, 50, 0);
  const Difference found = difference_between(mark_of(mark_object()), mark_of(reused));
  EXPECT_EQ(found.threads[1].net(), 50);
  EXPECT_EQ(found.exited.freed(), 500);
}

Mark report_of(const json::object &object, std::int64_t since) {
  json::object report = object.at("snapshot").as_object();
  report["counting_since_ns"] = since;
  report["pages"] = {{"sizes", object.at("sizes")}, {"threads", object.at("threads")}};
  return parse_mark(json_text(report), "it");
}

TEST(Difference, KnowsAReportOfTheSameProgramByItsStart) {
  const Mark before = mark_of(mark_object({{"counting_since_ns", 7}}));
  const Difference same = difference_between(before, report_of(later(), 7));
  EXPECT_TRUE(same.same_counters);
  EXPECT_DOUBLE_EQ(same.seconds, 10);
  EXPECT_EQ(same.threads[0].net(), 2430);
  EXPECT_FALSE(difference_between(before, report_of(later(), 8)).same_process);
  // Pids come again after a boot.
  EXPECT_FALSE(difference_between(mark_of(mark_object()), report_of(later(), 0)).same_process);
}

TEST(Difference, SaysWhatAReportLacks) {
  const Mark before = mark_of(mark_object()), after = parse_mark(snapshot_text(), "it");
  const Difference found = difference_between(before, after);
  EXPECT_FALSE(found.classes_known || found.threads_known);
  EXPECT_TRUE(found.classes.empty() && found.threads.empty());
  EXPECT_EQ(found.exited.allocated(), 0);
  const std::string text = text_of(before, after, true);
  EXPECT_NE(text.find("Size classes: a report of an older library does not have them"), text.npos) << text;
  EXPECT_NE(text.find("Threads: a report of an older library"), text.npos) << text;
}

TEST(Difference, ShowsGrowthOnTheScaleOfAllChanges) {
  const std::string backwards = text_of(mark_of(later()), mark_of(mark_object()), true);
  EXPECT_NE(backwards.find("+2  \u258e\n"), std::string::npos) << backwards;
}

TEST(Difference, IsShownAsThePicturesSay) {
  expect_golden("difference.txt", text_of(mark_of(mark_object()), mark_of(later()), false));
  expect_golden("difference_exact.txt", text_of(mark_of(mark_object()), mark_of(later()), true));
  json::object another = later();
  another["snapshot"].as_object()["pid"] = 124;
  another["local_pid"] = 4712;
  expect_golden("difference_two_processes.txt", text_of(mark_of(mark_object()), mark_of(another), false));
}

}  // namespace
