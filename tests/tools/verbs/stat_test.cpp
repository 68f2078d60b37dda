// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <sstream>

#include "readings/allocator_name.h"
#include "support/meter.h"
#include "tools/tool.h"

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

TEST(Stat, NamesTheAllocatorThatTheProgramKeeps) {
  Playground playground;
  playground.set("HEAPMETER_BACKEND", "next");
  playground.set("COLUMNS", "120");
  const Holder holder(playground, {"1000", "50"});
  EXPECT_TRUE(has(playground.run({"stat", holder.pid_text()}).out, " on glibc (next)"));
  EXPECT_TRUE(has(playground.run({"account", holder.pid_text()}).out, "heapmeter on glibc (next)"));
  EXPECT_TRUE(has(playground.run({"doctor", holder.pid_text()}).out, ", on glibc (next)"));
  EXPECT_TRUE(has(playground.run({"top", "--once", holder.pid_text()}).out, " on glibc (next)"));
}

TEST(AllocatorName, IsWhatPeopleKnowItBy) {
  using heapmeter::cli::allocator_name;
  EXPECT_EQ(allocator_name("mimalloc", ""), "mimalloc");
  EXPECT_EQ(allocator_name("next", "libc.so.6"), "glibc (next)");
  EXPECT_EQ(allocator_name("next", "libjemalloc.so.2"), "jemalloc (next)");
  EXPECT_EQ(allocator_name("next", "libtcmalloc_minimal.so.4"), "tcmalloc (next)");
  EXPECT_EQ(allocator_name("next", "libown.so"), "libown.so (next)");
  EXPECT_EQ(allocator_name("next", ""), "next") << "an older library";
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
  // From one to the next, which may be short where the one came late.
  const auto monotonic_ns = [&](std::size_t at) { return readings[at].at("monotonic_ns").as_int64(); };
  EXPECT_GT(monotonic_ns(1), monotonic_ns(0));
  EXPECT_DOUBLE_EQ(readings[1].at("rates").at("interval_seconds").to_number<double>(),
                   static_cast<double>(monotonic_ns(1) - monotonic_ns(0)) / 1e9);
  EXPECT_EQ(readings[2].at("live_bytes").as_int64(), 50'000);
  EXPECT_GT(readings[2].at("rss_bytes").as_int64(), 0);
}

// As spreadsheets read it: a quoted value may hold commas and doubled quotes; no value here has a newline.
std::vector<std::string> cells(const std::string &line) {
  std::vector<std::string> found(1);
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '"') {
      if (quoted && at + 1 < line.size() && line[at + 1] == '"') {
        found.back() += line[++at];
      } else {
        quoted = !quoted;
      }
    } else if (line[at] == ',' && !quoted) {
      found.emplace_back();
    } else {
      found.back() += line[at];
    }
  }
  return found;
}

TEST(Stat, AsCsvHasAHeaderAndARowForEachReading) {
  Playground playground;
  const std::string odd = playground / "a,\"b";
  std::filesystem::copy_file(sample("holder_of_bytes"), odd);
  Command command = playground.command({});
  command.argv = {odd, "1000", "50"};
  command.environment["LD_PRELOAD"] = library();
  const Process holder(command);
  ASSERT_TRUE(eventually([&] { return holder.out() == "ready\n"; }));
  const std::string pid = std::to_string(holder.pid());
  socket_of(playground.sockets(), holder.pid());
  for (const std::size_t rows : {1u, 3u}) {
    std::vector<std::string> arguments = {"stat", pid, "--csv"};
    if (rows > 1) arguments.insert(arguments.end(), {"-i", "0.05", "-c", std::to_string(rows)});
    const Outcome outcome = playground.run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
    std::istringstream lines(outcome.out);
    std::vector<std::vector<std::string>> table;
    for (std::string line; std::getline(lines, line);) table.push_back(cells(line));
    ASSERT_EQ(table.size(), rows + 1) << outcome;
    const auto value = [&](std::size_t row, const std::string &name) {
      const auto at = std::find(table[0].begin(), table[0].end(), name);
      return at == table[0].end() ? "no such column" : table[row].at(at - table[0].begin());
    };
    for (std::size_t row = 1; row <= rows; ++row) {
      EXPECT_EQ(table[row].size(), table[0].size()) << outcome;
      EXPECT_EQ(value(row, "pid"), pid);
      EXPECT_EQ(value(row, "name"), "a,\"b");
      EXPECT_EQ(value(row, "live_bytes"), "50000");
      EXPECT_GT(std::stoll(value(row, "rss_bytes")), 50'000);
      EXPECT_NEAR(std::stod(value(row, "time")), static_cast<double>(time(nullptr)), 60);
      EXPECT_EQ(value(row, "allocations_per_second").empty(), row == 1);
    }
  }
}

TEST(Stat, IsJsonOrCsvNotBoth) {
  const Outcome outcome = Playground().run({"stat", "1", "--json", "--csv"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_TRUE(has(outcome.err, "--json and --csv exclude each other")) << outcome;
}

TEST(Stat, AsATableHasAHeaderAndARowForEachReading) {
  const Playground playground;
  const Holder holder(playground, {"1000", "50"});
  const Outcome outcome = playground.run({"stat", holder.pid_text(), "-i", "0.02", "-c", "22"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  const std::string rows = outcome.out.substr(0, outcome.out.find("\n\n") + 1);
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 22 + 2) << outcome;
  EXPECT_TRUE(has(outcome.out, "ALLOCS/S")) << outcome;
}

TEST(Stat, EndsWithWhatItSaw) {
  const Playground playground;
  const Holder holder(playground, {"1000", "50"});
  EXPECT_TRUE(has(
      playground.run({"stat", holder.pid_text()}).out,
      "  verdict        nothing unusual so far\n                   but whether live grows cannot be told"));
  const Outcome series = playground.run({"stat", holder.pid_text(), "-i", "0.02", "-c", "30"});
  EXPECT_TRUE(
      has(series.out,
          "\n\n  verdict        nothing unusual\n                   live is flat at 48.8 KiB; 30 readings"))
      << series;
  const auto readings =
      objects(playground.run({"stat", holder.pid_text(), "-i", "0.02", "-c", "30", "--json"}).out);
  EXPECT_EQ(readings[0].at("verdicts").as_array().size(), 2u);
  EXPECT_EQ(readings[29].at("verdicts").at(0).at("kind"), "nothing_unusual");
}

TEST(Stat, SumsUpWhenCtrlCEndsIt) {
  const Playground playground;
  const Holder holder(playground, {"1000", "50"});
  Process stat(playground.command({"stat", holder.pid_text(), "-i", "0.05"}));
  ASSERT_TRUE(eventually([&] { return has(stat.out(), "48.8 KiB"); }));
  stat.signal(SIGINT);
  const Outcome outcome = stat.wait();
  EXPECT_EQ(outcome.signal, SIGINT) << outcome;
  EXPECT_TRUE(has(outcome.out, "\n\n  verdict        nothing unusual so far\n")) << outcome;
}

// As for a command that a script starts in the background.
TEST(Stat, GoesOnThroughACtrlCThatItWasStartedToIgnore) {
  const Playground playground;
  Holder holder(playground, {"1000", "50"});
  Command command = playground.command({"stat", holder.pid_text(), "-i", "0.05"});
  command.argv.insert(command.argv.begin(), {"/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh"});
  Process stat(command);
  const auto rows = [&] {
    const std::string out = stat.out();
    return std::count(out.begin(), out.end(), '\n');
  };
  ASSERT_TRUE(eventually([&] { return rows() >= 3; }));
  stat.signal(SIGINT);
  const auto before = rows();
  EXPECT_TRUE(eventually([&] { return rows() >= before + 3 || !stat.running(); }));
  EXPECT_TRUE(stat.running());
  holder.end();
  const Outcome outcome = stat.wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_TRUE(has(outcome.out, "\n\n  verdict        ")) << outcome;
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
  holder.stop();
  const Outcome outcome = playground.run({"stat", holder.socket()});
  holder.signal(SIGCONT);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(has(outcome.err, "did not answer within")) << outcome;
  EXPECT_TRUE(has(outcome.err, "kill -CONT")) << outcome;
}

TEST(Stat, SaysWhichNameMayHaveBeenMeant) {
  const Playground playground;
  const Holder holder(playground, {"1", "1"});
  EXPECT_TRUE(has(playground.run({"stat", "holder_of_bites"}).err, "; did you mean holder_of_bytes? "))
      << "the name";
  EXPECT_TRUE(has(playground.run({"stta", "1"}).err, "unknown verb 'stta'; did you mean stat? "))
      << "the verb";
  EXPECT_TRUE(
      has(playground.run({"top", "--sort", "usabel"}).err, "no column 'usabel'; did you mean usable? "));
  EXPECT_TRUE(
      has(playground.run({"perl", "-e1"}).err, "perl is a program and no verb; meter it with heapmeter run"));
}

TEST(Account, ListsAFewOfManyOfOneName) {
  const Playground playground;
  std::vector<std::unique_ptr<Holder>> holders;
  for (int count = 0; count < 12; ++count)
    holders.push_back(
        std::make_unique<Holder>(playground, std::vector<std::string>{"1", std::to_string(1 + count)}));
  const Outcome outcome = playground.run({"account", "holder_of_bytes"});
  EXPECT_TRUE(has(outcome.err, "12 metered processes are named 'holder_of_bytes': ")) << outcome;
  EXPECT_TRUE(has(outcome.err, "': " + holders[11]->pid_text() + " (12 B live, ")) << outcome;
  EXPECT_TRUE(has(outcome.err, ", " + holders[7]->pid_text() + " (8 B live, ")) << outcome;
  EXPECT_TRUE(has(outcome.err, ", and 7 more; give a pid")) << outcome;
  EXPECT_LT(outcome.err.size(), 400u) << outcome;
}

TEST(Stat, RefusesOddNumbers) {
  const Playground playground;
  for (const char *tries : {"0", "-1", "1001", "1.5", "x"})
    EXPECT_EQ(playground.run({"account", "1", "--tries", tries}).exit_code, 2) << tries;
  for (const char *interval : {"0", "-1", "nan", "1e9", "x"}) {
    EXPECT_EQ(playground.run({"stat", "1", "-i", interval}).exit_code, 2) << interval;
  }
  for (const char *count : {"0", "-1", "x"})
    EXPECT_EQ(playground.run({"stat", "1", "-c", count}).exit_code, 2) << count;
  EXPECT_EQ(playground.run({"stat"}).exit_code, 2);
}

}  // namespace
