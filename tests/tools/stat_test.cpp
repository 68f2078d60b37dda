// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <sstream>

#include "support/meter.h"
#include "tool.h"

using namespace heapmeter::testing;

namespace {

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

std::vector<boost::json::object> objects(const std::string &lines) {
  std::vector<boost::json::object> found;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) found.push_back(boost::json::parse(line).as_object());
  return found;
}

TEST(Stat, ShowsEverythingOnce) {
  const Playground playground;
  const Holder holder(playground, {"1000", "50"});
  const Outcome outcome = playground.run({"stat", holder.pid_text()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  for (const char *part :
       {"holder_of_bytes (", "48.8 KiB in 50 blocks", "usable", "peak", "resident", "allocated", "freed",
        "reallocations", "by call", "malloc", "wrong calls", "none", "meter cost"}) {
    EXPECT_TRUE(has(outcome.out, part)) << part << "\n" << outcome;
  }
  EXPECT_TRUE(has(playground.run({"stat", holder.pid_text(), "--bytes"}).out, " 50000 in 50 blocks"));
}

TEST(Stat, TakesAPidANameOrASocket) {
  const Playground playground;
  const Holder holder(playground, {"1000", "50"});
  for (const std::string &target : {holder.pid_text(), std::string("holder_of_bytes"), holder.socket()}) {
    const Outcome outcome = playground.run({"stat", target, "--json"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome;
    EXPECT_EQ(objects(outcome.out).at(0).at("pid").as_int64(), holder.pid()) << target;
  }
}

TEST(Stat, AsJsonHasOneObjectALineAndRatesFromTheSecondOn) {
  const Playground playground;
  const Holder holder(playground, {"1000", "50"});
  const Outcome outcome = playground.run({"stat", holder.pid_text(), "-i", "0.05", "--count", "3", "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  const auto readings = objects(outcome.out);
  ASSERT_EQ(readings.size(), 3u);
  EXPECT_FALSE(readings[0].contains("rates"));
  EXPECT_GE(readings[1].at("rates").at("interval_seconds").to_number<double>(), 0.02);
  EXPECT_EQ(readings[2].at("live_bytes").as_int64(), 50'000);
  EXPECT_GT(readings[2].at("rss_bytes").as_int64(), 0);
}

TEST(Stat, AsATableHasAHeaderAndARowForEachReading) {
  const Playground playground;
  const Holder holder(playground, {"1000", "50"});
  const Outcome outcome = playground.run({"stat", holder.pid_text(), "-i", "0.02", "-c", "22"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 22 + 2) << outcome;
  EXPECT_TRUE(has(outcome.out, "ALLOCS/S")) << outcome;
}

TEST(Stat, EndsWellWhenTheProcessDoes) {
  const Playground playground;
  Holder holder(playground, {"1000", "50"});
  Process stat(playground.command({"stat", holder.pid_text(), "-i", "0.05"}));
  ASSERT_TRUE(eventually([&] { return has(stat.out(), "48.8 KiB"); }));
  holder.end();
  const Outcome outcome = stat.wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_TRUE(has(outcome.err, "has ended")) << outcome;
}

TEST(Stat, NoticesThatAProgramWasReplaced) {
  const Playground playground;
  Command command = playground.command({});
  command.environment["LD_PRELOAD"] = library();
  command.argv = {"bash", "-c",
                  "echo $$; while [ ! -e $HEAPMETER_DIR/go ]; do read -t 0.05 < /dev/zero; done; exec " +
                      sample("holder_of_bytes").string() + " 1000 50"};
  const Process process(command);
  socket_of(playground.sockets(), process.pid());
  Process stat(playground.command({"stat", std::to_string(process.pid()), "-i", "0.2"}));
  ASSERT_TRUE(eventually([&] { return has(stat.out(), "KiB"); }));
  write_file(playground.sockets() / "go", "");
  EXPECT_TRUE(eventually([&] { return has(stat.err(), "(exec)") || !stat.running(); })) << stat.out();
  EXPECT_TRUE(has(stat.err(), "(exec)") || has(stat.err(), "replaced itself")) << stat.err();
}

TEST(Stat, GivesUpOnAProcessThatIsStopped) {
  const Playground playground;
  const Holder holder(playground, {"10", "10"});
  holder.signal(SIGSTOP);
  const Outcome outcome = playground.run({"stat", holder.socket()});
  holder.signal(SIGCONT);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(has(outcome.err, "did not answer within")) << outcome;
  EXPECT_TRUE(has(outcome.err, "kill -CONT")) << outcome;
}

TEST(Stat, RefusesOddNumbers) {
  const Playground playground;
  for (const char *interval : {"0", "-1", "nan", "1e9", "x"}) {
    EXPECT_EQ(playground.run({"stat", "1", "-i", interval}).exit_code, 2) << interval;
  }
  for (const char *count : {"0", "-1", "x"})
    EXPECT_EQ(playground.run({"stat", "1", "-c", count}).exit_code, 2) << count;
  EXPECT_EQ(playground.run({"stat"}).exit_code, 2);
}

}  // namespace
