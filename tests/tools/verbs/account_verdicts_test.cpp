// SPDX-License-Identifier: MIT
//
// account of programs of which it is known what goes on in them.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <map>
#include <sstream>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

std::ptrdiff_t lines_in(const std::string &text) { return std::count(text.begin(), text.end(), '\n'); }

class Takes {
 public:
  Takes(Playground &playground, const std::string &word) : process_(command(playground, word)) {
    EXPECT_TRUE(eventually([&] { return process_.out() == "ready\n"; }));
    socket_of(playground.sockets(), process_.pid());
  }
  std::string pid() const { return std::to_string(process_.pid()); }
  void kill() { process_.signal(SIGKILL); }

 private:
  static Command command(Playground &playground, const std::string &word) {
    Command command = playground.command({});
    command.argv = {sample("takes_course"), word};
    command.environment["LD_PRELOAD"] = library();
    return command;
  }
  Process process_;
};

std::vector<std::string> kinds(const json::value &account) {
  std::vector<std::string> found;
  for (const json::value &each : account.at("verdicts").as_array())
    found.emplace_back(each.at("kind").as_string());
  return found;
}

std::string only(const json::value &account) {
  std::string all;
  for (const std::string &kind : kinds(account)) all += kind + " ";
  return all;
}

TEST(AccountVerdicts, AreAboutTheOneProcessThatIsRead) {
  // What keeps it, libc's allocator does not tell.
  const std::string fragments = is_on_mimalloc() ? "fragmentation" : "peak_kept";
  for (const auto &[word, expected] :
       std::map<std::string, std::string>{{"rests", "nothing_unusual watch_longer "},
                                          {"fragments", fragments + " watch_longer "},
                                          {"maps", "not_mallocs watch_longer "},
                                          {"peaks", "peak_over watch_longer "}}) {
    Playground playground;
    Takes process(playground, word);
    const Outcome outcome = playground.run({"account", process.pid(), "--json"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome;
    EXPECT_EQ(only(json::parse(outcome.out)), expected) << word << "\n" << outcome;
  }
}

TEST(AccountVerdicts, StandBelowTheFigures) {
  Playground playground;
  Takes process(playground, "maps");
  const Outcome outcome = playground.run({"account", process.pid()});
  EXPECT_TRUE(has(outcome.out, "\n  verdict        48.")) << outcome;
  EXPECT_TRUE(has(outcome.out, " resident are not malloc's: anonymous mappings (mmap)\n")) << outcome;
  EXPECT_TRUE(has(outcome.out, "whether live grows cannot be told from one reading")) << outcome;
}

TEST(AccountSeries, TellsALeakFromAProcessThatRests) {
  Playground playground;
  Takes leaks(playground, "leaks"), rests(playground, "rests");
  Outcome outcome = playground.run({"account", leaks.pid(), "-i", "0.1", "-c", "30"});
  EXPECT_TRUE(has(outcome.out, "COMMITTED")) << outcome;
  EXPECT_TRUE(has(outcome.out, "\n\n  verdict        live grows by ")) << outcome;
  outcome = playground.run({"account", rests.pid(), "-i", "0.02", "-c", "30"});
  EXPECT_TRUE(has(outcome.out, "\n\n  verdict        nothing unusual\n                   live is flat at "))
      << outcome;
}

TEST(AccountSeries, TellsThatWhatMallocKnowsNothingOfGrows) {
  for (const std::string verb : {"account", "stat"}) {
    Playground playground;
    Takes arenas(playground, "arenas");
    const Outcome outcome = playground.run({verb, arenas.pid(), "-i", "0.1", "-c", "30"});
    EXPECT_TRUE(has(outcome.out, "resident memory grows by ")) << outcome;
    EXPECT_TRUE(has(outcome.out, ", and live does not\n")) << outcome;
    EXPECT_TRUE(has(outcome.out, " in anonymous mappings that")) << outcome;
    EXPECT_FALSE(has(outcome.out, "nothing unusual")) << outcome;
  }
}

TEST(GroupSeries, TellsWhoseMemoryGrowsThatMallocKnowsNothingOf) {
  Playground playground;
  Takes one(playground, "arenas"), other(playground, "arenas"), rests(playground, "rests");
  const Outcome outcome = playground.run({"stat", "takes_course", "-i", "0.1", "-c", "30"});
  EXPECT_TRUE(has(outcome.out, "resident memory of takes_course (" + one.pid() + ") grows by ") ||
              has(outcome.out, "resident memory of takes_course (" + other.pid() + ") grows by "))
      << outcome;
  EXPECT_TRUE(has(outcome.out, "; 2 processes in all do so")) << outcome;
  EXPECT_FALSE(has(outcome.out, "nothing unusual")) << outcome;
}

class KeepsBlocks {
 public:
  explicit KeepsBlocks(Playground &playground) : process_(command(playground)) {
    EXPECT_TRUE(eventually([&] { return process_.out() == "ready\n"; }));
    socket_of(playground.sockets(), process_.pid());
  }
  std::string pid() const { return std::to_string(process_.pid()); }

 private:
  static Command command(Playground &playground) {
    Command command = playground.command({});
    command.argv = {sample("keeps_blocks")};
    command.environment["LD_PRELOAD"] = library();
    command.environment["HEAPMETER_SAMPLE"] = "every";
    return command;
  }
  Process process_;
};

TEST(GrowthPlaces, AreNamedWhereCodeIsNoted) {
  Playground playground;
  const KeepsBlocks process(playground);
  for (const std::string verb : {"account", "stat"}) {
    const Outcome outcome = playground.run({verb, process.pid(), "-i", "0.05", "-c", "40"});
    EXPECT_TRUE(has(outcome.out, "\n\n  verdict        live grows by ")) << outcome;
    EXPECT_TRUE(has(outcome.out, "; most of it in blocks of ")) << outcome;
    EXPECT_TRUE(has(outcome.out, "keep_headers(int)  keeps_blocks.cpp:") || has(outcome.out, "keep_headers"))
        << outcome;
  }
}

TEST(AccountSeries, FitsIn80ColumnsAndSumsUpAfterCtrlC) {
  Playground playground;
  Takes process(playground, "rests");
  Process account(playground.command({"account", process.pid(), "-i", "0.05"}));
  ASSERT_TRUE(eventually([&] { return lines_in(account.out()) > 4; }));
  account.signal(SIGINT);
  const Outcome outcome = account.wait();
  EXPECT_EQ(outcome.signal, SIGINT) << outcome;
  EXPECT_TRUE(has(outcome.out, "\n\n  verdict        nothing unusual")) << outcome;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line) && !line.empty();) EXPECT_LE(line.size(), 80u) << line;
}

TEST(AccountSeries, SumsUpWhatEnded) {
  Playground playground;
  Takes process(playground, "rests");
  Process account(playground.command({"account", process.pid(), "-i", "0.05"}));
  ASSERT_TRUE(eventually([&] { return lines_in(account.out()) > 2; }));
  process.kill();
  const Outcome outcome = account.wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_TRUE(has(outcome.err, "has ended")) << outcome;
  EXPECT_TRUE(has(outcome.out, "\n\n  verdict ")) << outcome;
}

TEST(AccountSeries, AsCsvHasWhatItsJsonHas) {
  Playground playground;
  Takes process(playground, "rests");
  const Outcome outcome = playground.run({"account", process.pid(), "--csv", "-i", "0.05", "-c", "3"});
  std::istringstream lines(outcome.out);
  std::string header, row;
  std::getline(lines, header);
  const auto cells = [](const std::string &line) { return std::count(line.begin(), line.end(), ','); };
  int rows = 0;
  for (; std::getline(lines, row); ++rows) EXPECT_EQ(cells(row), cells(header)) << outcome;
  EXPECT_EQ(rows, 3);
  for (const char *name :
       {"time", "live_bytes", "committed_bytes", "heap_bytes", "resident_bytes", "cgroup_limit_bytes"})
    EXPECT_TRUE(has("," + header + ",", std::string(",") + name + ",")) << name << "\n" << header;
  EXPECT_EQ(playground.run({"account", process.pid(), "--csv", "--json"}).exit_code, 2);
  EXPECT_EQ(playground.run({"account", process.pid(), "-i", "0"}).exit_code, 2);
  EXPECT_EQ(playground.run({"account", process.pid(), "-c", "0"}).exit_code, 2);
}

}  // namespace
