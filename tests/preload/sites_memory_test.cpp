// SPDX-License-Identifier: MIT
//
// What it takes to attribute every allocation, in resident memory: not more than two fifths of what the
// program takes without, the meter included, be its blocks as small as they can be.
#include <gtest/gtest.h>

#include <csignal>

#include "site_sums.h"
#include "support/meter.h"

namespace heapmeter::testing {
namespace {

constexpr double kMost = 1.40;

Reading report_of(Command command, const std::string &sample) {
  command.environment["HEAPMETER_SAMPLE"] = sample;
  command.deadline = std::chrono::seconds(240);
  const Metered metered = run_metered(command);
  EXPECT_TRUE(metered.outcome.ok()) << metered.outcome;
  return metered.report;
}

void expect_little(const Reading &off, const Reading &every, std::int64_t at_least_mib) {
  const auto without = static_cast<double>(off["rss_peak_bytes"]);
  const double ratio = static_cast<double>(every["rss_peak_bytes"]) / without;
  std::printf("%.2f of %.1f MiB\n", ratio, without / (1 << 20));
  EXPECT_LE(ratio, kMost);
  EXPECT_GE(off["rss_peak_bytes"] >> 20, at_least_mib) << "too small a program to tell";
  EXPECT_GE(every["meter_bytes"], off["meter_bytes"]) << "was it attributed at all?";
}

void expect_little(const Command &command, std::int64_t at_least_mib) {
  expect_little(report_of(command, "off"), report_of(command, "every"), at_least_mib);
}

TEST(MemoryOfSites, OfPython) {
  Command command{
      {program("python3"), "-c",
       "import json\nrows = [{'id': i, 'name': 'user %d' % i, 'tags': ['a', str(i)]} for i in range(40000)]\n"
       "print(len(json.loads(json.dumps(rows))))"}};
  command.environment["PYTHONMALLOC"] = "malloc";
  expect_little(command, 40);
}

TEST(MemoryOfSites, OfPerl) {
  expect_little(
      {{program("perl"), "-e",
        "my %h; for my $i (1..150000) { $h{\"key$i\"} = [ $i, \"value $i\" ]; } print scalar(keys %h)"}},
      40);
}

TEST(MemoryOfSites, OfSqlite) {
  expect_little({{program("sqlite3"), ":memory:",
                  "create table t(a, b); with recursive c(x) as (select 1 union all select x + 1 from c "
                  "where x < 400000)"
                  " insert into t select x, hex(x) from c; create index i on t(b); select count(*) from t;"}},
                15);
}

TEST(MemoryOfSites, OfAwk) {
  expect_little(
      {{program("mawk"),
        "BEGIN { for (i = 0; i < 400000; i++) t[i] = i \" \" i; n = 0; for (k in t) n++; print n }"}},
      20);
}

TEST(MemoryOfSites, OfStringsInCpp) { expect_little({{build_root() / "tests" / "bench" / "strings"}}, 5); }

// Two million of 16 bytes.
Reading report_of_holder(const std::string &sample) {
  const Meter meter;
  Command command{{victim("holder"), "2000000", "16"}};
  command.environment = meter.environment();
  command.environment["HEAPMETER_SAMPLE"] = sample;
  command.deadline = std::chrono::seconds(240);
  Process process(command);
  EXPECT_TRUE(eventually([&] { return process.out() == "ready\n"; }, std::chrono::seconds(200)))
      << process.err();
  process.signal(SIGTERM);
  EXPECT_TRUE(process.wait().ok());
  return meter.report(process.pid());
}

TEST(MemoryOfSites, OfTinyBlocks) { expect_little(report_of_holder("off"), report_of_holder("every"), 50); }

// Which block is of which site takes a quarter of the heap, and does so no longer than the heap.
TEST(MemoryOfSites, GoesBackWithTheBlocksWhileEachIsNoted) {
  const Meter meter;
  Command command{{victim("falls"), "500000"}};
  command.environment = meter.environment();
  command.environment["HEAPMETER_SAMPLE"] = "every";
  command.deadline = std::chrono::seconds(240);
  Process process(command);
  const auto says = [&](const char *word) {
    return eventually([&] { return process.out().find(word) != std::string::npos; },
                      std::chrono::seconds(200));
  };
  ASSERT_TRUE(says("full")) << process.err();
  const auto socket = meter.socket_of(process.pid());
  const std::int64_t full = Sites(socket).field("sites_bytes");
  EXPECT_GT(full, 25 << 20);
  process.signal(SIGUSR1);
  ASSERT_TRUE(says("fallen")) << process.err();
  EXPECT_TRUE(
      eventually([&] { return Sites(socket).field("sites_bytes") < full / 4; }, std::chrono::seconds(60)))
      << Sites(socket).field("sites_bytes") << " of " << full;
  Sites(socket).expect_all_ever_attributed();
  process.signal(SIGTERM);
  EXPECT_TRUE(process.wait().ok());
}

}  // namespace
}  // namespace heapmeter::testing
