// SPDX-License-Identifier: MIT
//
// What a capture costs in instructions, by callgrind; and whether real programs' stacks are what the
// compiler's own unwinder says, allocation by allocation.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "support/callgrind.h"
#include "support/meter.h"
#include "support/subprocess.h"
#include "support/temp_dir.h"

namespace heapmeter::testing {
namespace {

std::string captures, witness;

// Reached, and not to be lost: 58 with a register saved in each frame and as many old frames passed, and 4.5.
constexpr double kNewFrame = bar(60, 72);
constexpr double kUnchangedFrame = 5;
// With three or four frames more, main's and libc's.
constexpr double kKnownStack = 270;
constexpr int kCaptures = 1'000, kShallow = 10, kDeep = 110;

double executed(const std::string &way, int depth, int count) {
  return executed_instructions({{captures, way, std::to_string(depth), std::to_string(count)}});
}

double of_one(const std::string &way, int depth) {
  return (executed(way, depth, 2 * kCaptures) - executed(way, depth, kCaptures)) / kCaptures;
}

double of_a_frame(const std::string &way) {
  return (of_one(way, kDeep) - of_one(way, kShallow)) / (kDeep - kShallow);
}

TEST(CaptureInstructions, OfAnUnchangedFrame) {
  const double frame = of_a_frame("unchanged");
  std::printf("an unchanged frame: %.2f instructions\n", frame);
  EXPECT_LE(frame, kUnchangedFrame);
  EXPECT_GE(frame, 2) << "was it compared at all?";
}

TEST(CaptureInstructions, OfANewFrame) {
  const double frame = of_a_frame("new") - of_a_frame("none");
  std::printf("a new frame: %.2f instructions\n", frame);
  EXPECT_LE(frame, kNewFrame);
  EXPECT_GE(frame, 10) << "was it walked at all?";
}

TEST(CaptureInstructions, OfAStackThatIsKnown) {
  const double stack = of_one("known", kShallow) - of_one("still", kShallow);
  std::printf("a known stack %d deep: %.0f instructions\n", kShallow, stack);
  EXPECT_LE(stack, kKnownStack);
  EXPECT_GE(stack, 50) << "was it compared at all?";
}

struct Counts {
  uint64_t captures = 0, known = 0, cut_short = 0, longer = 0, wrong = 0;
};

// A line of a process: what it was, and five numbers with their words between.
Counts counts_of(const std::string &name, const std::filesystem::path &file) {
  Counts sum;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string who, word;
    Counts one;
    words >> who >> one.captures >> word >> one.known >> word >> one.cut_short >> word >> word >>
        one.longer >> word >> one.wrong;
    EXPECT_FALSE(words.fail()) << line;
    sum.captures += one.captures;
    sum.known += one.known;
    sum.cut_short += one.cut_short;
    sum.longer += one.longer;
    sum.wrong += one.wrong;
  }
  std::printf("%-10s %9lu captures, %lu known again, %lu cut short, %lu longer, %lu wrong\n", name.c_str(),
              sum.captures, sum.known, sum.cut_short, sum.longer, sum.wrong);
  return sum;
}

Counts witnessed(const std::string &name, std::vector<std::string> argv, Environment more = {}) {
  const TempDir dir;
  Command command{.argv = std::move(argv), .directory = dir.path(), .deadline = std::chrono::seconds(600)};
  command.argv[0] = program(command.argv[0]);
  command.environment.merge(std::move(more));
  command.environment["LD_PRELOAD"] = witness;
  command.environment["CAPTURES"] = dir / "counts";
  command.environment["HOME"] = dir.path();
  std::ofstream(dir / "source.cpp")
      << "#include <map>\n#include <regex>\n#include <string>\n"
         "std::map<std::string, std::regex> all() { return {{\"a\", std::regex(\"a*\")}}; }\n";
  const Outcome outcome = run(command);
  EXPECT_TRUE(outcome.ok()) << name << ": " << outcome;
  return counts_of(name, dir / "counts");
}

void expect_right(const std::string &name, std::vector<std::string> argv, uint64_t at_least,
                  Environment more = {}) {
  const Counts counts = witnessed(name, std::move(argv), std::move(more));
  EXPECT_GE(counts.captures, at_least) << name;
  EXPECT_EQ(counts.wrong, 0u) << name;
  if (name == "node") return;  // it makes code as it runs
  EXPECT_EQ(counts.cut_short, 0u) << name;
}

const Environment kEveryObject = {{"PYTHONMALLOC", "malloc"}};

TEST(Captures, OfEverydayProgramsAreRight) {
  expect_right("python3",
               {"python3", "-c", "import json; print(len(json.dumps([{'a': i} for i in range(500)])))"},
               20'000, kEveryObject);
  expect_right("perl", {"perl", "-e", "my %h; $h{$_} = \"x$_\" for 1..2000; print scalar(keys %h)"}, 3'000);
  expect_right("sqlite3",
               {"sqlite3", ":memory:", "create table t(a); insert into t values (1), (2); select * from t;"},
               300);
  expect_right("g++", {"g++", "-c", "-x", "c++", "/dev/null", "-o", "empty.o"}, 1'000);
}

TEST(Captures, LargeOfNineProgramsAreRight) {
  expect_right("python3",
               {"python3", "-c", "import json; print(len(json.dumps([{'a': i} for i in range(20000)])))"},
               200'000, kEveryObject);
  expect_right("perl", {"perl", "-e", "my %h; $h{$_} = \"x$_\" for 1..50000; print scalar(keys %h)"}, 10'000);
  expect_right("sqlite3",
               {"sqlite3", ":memory:",
                "create table t(a, b); with recursive c(x) as (select 1 union all select x + 1 from c where "
                "x < 30000) "
                "insert into t select x, hex(x) from c; create index i on t(b); select count(*) from t;"},
               20'000);
  expect_right("g++", {"g++", "-O1", "-c", "source.cpp"}, 200'000);
  expect_right("node",
               {"node", "-e",
                "let a = []; for (let i = 0; i < 20000; i++) a.push({x: 's' + i}); "
                "console.log(JSON.stringify(a).length)"},
               100'000);
  expect_right("git", {"git", "-C", source_root(), "log", "--stat", "-n", "60"}, 5'000);
  expect_right("cmake", {"cmake", "--help-full"}, 10'000);
  expect_right("gdb", {"gdb", "-batch", "-ex", "info functions main", captures}, 10'000);
  expect_right("jq", {"jq", "-n", "[range(20000) | {a: tostring}] | length"}, 20'000);
}

}  // namespace
}  // namespace heapmeter::testing

int main(int argc, char **argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc != 3) return 2;
  // Programs are started elsewhere.
  heapmeter::testing::captures = std::filesystem::absolute(argv[1]);
  // By a name that LD_PRELOAD can have.
  heapmeter::testing::witness =
      heapmeter::testing::build_root() / "tests" / "sites" / std::filesystem::path(argv[2]).filename();
  return RUN_ALL_TESTS();
}
