// SPDX-License-Identifier: MIT
//
// What the meter adds to the start of a program that does nothing, above bare mimalloc: instructions by
// callgrind, which repeat to the unit, and page faults, which nearly do. Times are measured by
// tests/bench/startup.py.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>

#include "support/callgrind.h"
#include "support/meter.h"

namespace heapmeter::testing {
namespace {

constexpr double kInstructions = 100'000;  // 139,000 while each option went through the environment by itself
// 27 before what is small lay together, 15 before the code did. Of the rest two are the dynamic linker's, and
// one or two for code more than was measured where the kernel maps the library at any page.
constexpr long kFaults = 12;
constexpr long kFaultsWithBlocks = 35;  // measured 31
constexpr int kForks = 40;
constexpr long kFaultsOfForked = 13;  // measured 9; 38, then 20 before a slot's first counters lay together
constexpr int kTries = 10;

// An environment of the usual length. Where the tree lies, and how long its path is, is no matter of the
// meter's: what is preloaded is a copy (PublicCopies).
Environment environment(const std::string &preload, const Meter &meter) {
  Environment variables = meter.environment();
  for (int i = 0; i < 40; ++i) variables["SOME_VARIABLE_" + std::to_string(i)] = "of/usual/length:and:more";
  variables["LD_PRELOAD"] = preload;
  variables.erase("HEAPMETER_REPORT");
  return variables;
}

double executed(const std::string &preload) {
  const Meter meter;
  Command command{{program("true")}};
  command.environment = environment(preload, meter);
  return executed_instructions(std::move(command), {"--aspace-minaddr=0x100000000"});
}

// Where everything lies at random, a page more or less is touched by chance, and by each forked child again.
class SameLayout {
 public:
  SameLayout() {
    if (personality(static_cast<unsigned long>(before_) | ADDR_NO_RANDOMIZE) == -1)
      std::puts("addresses are random here: personality() is refused");
  }
  ~SameLayout() { personality(static_cast<unsigned long>(before_)); }
  SameLayout(const SameLayout &) = delete;
  SameLayout &operator=(const SameLayout &) = delete;

 private:
  const int before_ = personality(0xffffffff);
};

// The least of some runs: a page that the kernel took back meanwhile is one more.
long faults(const std::string &preload, std::vector<std::string> argv) {
  const Meter meter;
  std::vector<std::string> entries;
  for (const auto &[name, value] : environment(preload, meter)) entries.push_back(name + "=" + value);
  const auto pointers = [](std::vector<std::string> &strings) {
    std::vector<char *> list;
    for (std::string &one : strings) list.push_back(one.data());
    list.push_back(nullptr);
    return list;
  };
  const auto arguments = pointers(argv), variables = pointers(entries);
  long least = 1'000'000;
  const SameLayout layout;
  for (int i = 0; i < kTries; ++i) {
    pid_t child = 0;
    int status = 0;
    rusage used{};
    if (posix_spawn(&child, argv[0].c_str(), nullptr, nullptr, arguments.data(), variables.data()) != 0 ||
        wait4(child, &status, 0, &used) != child || status != 0) {
      ADD_FAILURE() << argv[0] << " did not run";
      return 0;
    }
    least = std::min(least, used.ru_minflt);
  }
  return least;
}

long faults_above(const std::vector<std::string> &argv) {
  const PublicCopies copies("pairs");
  const long bare = faults(bare_mimalloc(), argv), metered = faults(copies.library(), argv);
  std::printf("%s: %ld page faults, %ld on bare mimalloc\n", argv[0].c_str(), metered, bare);
  EXPECT_GT(metered, bare) << "was it metered at all?";
  return metered - bare;
}

class Start : public ::testing::Test {
  void SetUp() override {
    if (!is_on_mimalloc()) GTEST_SKIP() << kKeepsOff;
  }
};

TEST_F(Start, TakesFewInstructions) {
  const PublicCopies copies("pairs");
  const double bare = executed(bare_mimalloc()), metered = executed(copies.library());
  std::printf("%.0f instructions, %.0f on bare mimalloc\n", metered, bare);
  EXPECT_GT(metered - bare, 10'000) << "was it metered at all?";
  EXPECT_LE(metered - bare, kInstructions);
}

TEST_F(Start, TouchesFewPages) { EXPECT_LE(faults_above({program("true")}), kFaults); }

// A shell's, which ends as most of them do: without its exit handlers.
TEST_F(Start, ForkedChildrenTouchFewPages) {
  const auto forks = [](int count) {
    return std::vector<std::string>{
        program("dash"), "-c",
        "i=0; while [ $i -lt " + std::to_string(count) + " ]; do (:); i=$((i+1)); done"};
  };
  const long before = faults_above(forks(kForks)), after = faults_above(forks(2 * kForks));
  std::printf("a forked child: %.1f page faults more\n", static_cast<double>(after - before) / kForks);
  EXPECT_LE(after - before, kFaultsOfForked * kForks);
}

TEST_F(Start, TouchesFewPagesForTheFirstBlocks) {
  EXPECT_LE(faults_above({program("expr"), "1", "+", "1"}), kFaultsWithBlocks);
}

}  // namespace
}  // namespace heapmeter::testing
