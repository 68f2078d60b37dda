// SPDX-License-Identifier: MIT
//
// HEAPMETER_HUGE_PAGES=on: what it gives, and each thing that it must not cost. Figures are compared with
// those of the same program without it, as the kernel has them (programs/large_heap.c).
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

namespace fs = std::filesystem;

using Figures = std::map<std::string, long>;

struct Ran {
  Outcome outcome;
  std::string huge_pages;  // what the process said of it
  std::map<std::string, std::vector<Figures>> lines;

  const Figures &at(const std::string &when) const { return lines.at(when).back(); }
};

// Each line is a word, then pairs of a name and a number.
std::map<std::string, std::vector<Figures>> parse(const std::string &text) {
  std::map<std::string, std::vector<Figures>> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string when, name;
    words >> when;
    Figures figures;
    for (long number = 0; words >> name >> number;) figures[name] = number;
    lines[when].push_back(figures);
  }
  return lines;
}

Ran run_large_heap(std::vector<std::string> arguments, const std::string &setting,
                   const std::string &group = "") {
  Meter meter;
  std::vector<std::string> argv = {victim("large_heap")};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  if (!group.empty()) {
    argv.insert(argv.begin(),
                {program("sh"), "-c", "echo $$ > \"$0\" && exec \"$@\"", group + "/cgroup.procs"});
  }
  Command command{argv};
  command.environment = meter.environment();
  command.environment["HEAPMETER_HUGE_PAGES"] = setting;
  command.deadline = std::chrono::seconds(150);
  Ran ran;
  ran.outcome = run(command);
  if (ran.outcome.exit_code == 0) {
    ran.huge_pages = meter.report(ran.outcome.pid).fields().at("huge_pages").as_string().c_str();
  }
  ran.lines = parse(ran.outcome.out);
  return ran;
}

std::string kernels_setting() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string text;
  std::getline(file, text);
  const auto from = text.find('['), to = text.find(']');
  return from == text.npos ? "never" : text.substr(from + 1, to - from - 1);
}

// What is asked for is mimalloc's memory; and on this machine the kernel gives them to who asks, and to
// nobody else.
std::string why_not_here() {
  if (!is_on_mimalloc()) return kKeepsOff;
  const std::string setting = kernels_setting();
  return setting == "madvise" ? "" : "the kernel's own setting is " + setting;
}

#define SKIP_WHERE_NOT_TO_BE_HAD() \
  if (const std::string why = why_not_here(); !why.empty()) GTEST_SKIP() << why

constexpr long kMiB = 1024;  // in KiB, as all figures are

TEST(HugePages, AreOffUnlessAskedFor) {
  SKIP_WHERE_NOT_TO_BE_HAD();
  const Ran ran = run_large_heap({"grow"}, "off");
  ASSERT_TRUE(ran.outcome.ok()) << ran.outcome;
  EXPECT_EQ(ran.huge_pages, "off");
  EXPECT_EQ(ran.at("end").at("huge"), 0);
  EXPECT_EQ(ran.at("end").at("all_told"), 0);
}

TEST(HugePages, ALargeHeapHasThem) {
  SKIP_WHERE_NOT_TO_BE_HAD();
  const Ran off = run_large_heap({"grow"}, "off"), on = run_large_heap({"grow"}, "on");
  ASSERT_TRUE(on.outcome.ok()) << on.outcome;
  EXPECT_EQ(on.huge_pages, "on");
  // The kernel may be out of them; what it is told of does not depend on that.
  EXPECT_GE(on.at("end").at("told"), 1) << on.outcome.out;
  EXPECT_LE(on.at("end").at("told"), 2) << on.outcome.out;
  EXPECT_GT(on.at("end").at("all_told"), on.at("end").at("told")) << "the ledger" << on.outcome.out;
  EXPECT_LE(on.at("end").at("resident"), off.at("end").at("resident") + 8 * kMiB);
  if (on.at("end").at("huge") == 0) GTEST_SKIP() << "the kernel had no huge page free";
  EXPECT_GE(on.at("end").at("huge"), 2 * kMiB);
}

TEST(HugePages, BuffersWrittenInPartTakeNoMore) {
  SKIP_WHERE_NOT_TO_BE_HAD();
  const Ran off = run_large_heap({"buffers"}, "off"), on = run_large_heap({"buffers"}, "on");
  ASSERT_TRUE(on.outcome.ok()) << on.outcome;
  EXPECT_LE(on.at("end").at("resident"), off.at("end").at("resident") + 12 * kMiB) << on.outcome.out;
}

// What is told of, the kernel fills up again by itself some minutes later.
TEST(HugePages, WhatIsGivenBackStaysGivenBack) {
  SKIP_WHERE_NOT_TO_BE_HAD();
  const Ran off = run_large_heap({"fall"}, "off"), on = run_large_heap({"fall"}, "on");
  ASSERT_TRUE(on.outcome.ok()) << on.outcome;
  EXPECT_GE(on.at("grown").at("told"), 1) << on.outcome.out;
  EXPECT_EQ(on.at("fallen").at("all_told"), 0) << on.outcome.out;
  EXPECT_LE(on.at("fallen").at("resident"), off.at("fallen").at("resident") + 8 * kMiB) << on.outcome.out;
  EXPECT_EQ(on.at("end").at("told"), 0) << "old segments filled again" << on.outcome.out;
}

TEST(HugePages, ForkedChildrenTakeNoMore) {
  SKIP_WHERE_NOT_TO_BE_HAD();
  const Ran off = run_large_heap({"children"}, "off"), on = run_large_heap({"children"}, "on");
  ASSERT_TRUE(on.outcome.ok()) << on.outcome;
  EXPECT_GE(on.at("grown").at("told"), 1) << on.outcome.out;
  ASSERT_EQ(on.lines.at("child").size(), 20u);
  for (const auto *when : {"born", "child"}) {
    for (const Figures &child : on.lines.at(when)) EXPECT_EQ(child.at("all_told"), 0) << on.outcome.out;
  }
  // As much as one of them had to copy, or to fill.
  const long without = off.at("child").at("own"), with = on.at("child").at("own");
  EXPECT_LE(with, without + 4 * kMiB) << on.outcome.out << off.outcome.out;
}

TEST(HugePages, AProcessToWhichTheKernelGivesNoneSaysSo) {
  SKIP_WHERE_NOT_TO_BE_HAD();
  const Ran ran = run_large_heap({"grow", "disabled"}, "on");
  ASSERT_TRUE(ran.outcome.ok()) << ran.outcome;
  EXPECT_EQ(ran.huge_pages, "disabled");
  EXPECT_EQ(ran.at("end").at("huge"), 0);
  EXPECT_EQ(ran.at("end").at("all_told"), 0);
}

TEST(HugePages, AKernelThatGivesNobodyAnySaysSo) {
  if (!is_on_mimalloc()) GTEST_SKIP() << kKeepsOff;
  TempDir dir;
  write_file(dir / "enabled", "always madvise [never]\n");
  const Ran ran = run_large_heap({"grow", dir / "enabled"}, "on");
  if (ran.outcome.exit_code == 77) GTEST_SKIP() << "no file may be put in the place of the kernel's here";
  ASSERT_TRUE(ran.outcome.ok()) << ran.outcome;
  EXPECT_EQ(ran.huge_pages, "never");
  EXPECT_EQ(ran.at("end").at("all_told"), 0);
}

TEST(HugePages, TheProgramsOwnAllocatorIsLeftAlone) {
  Meter meter;
  Command command{{victim("large_heap"), "grow"}};
  command.environment = meter.environment();
  command.environment["HEAPMETER_HUGE_PAGES"] = "on";
  command.environment["HEAPMETER_BACKEND"] = "next";
  const Outcome outcome = run(command);
  ASSERT_TRUE(outcome.ok()) << outcome;
  EXPECT_EQ(meter.report(outcome.pid).fields().at("huge_pages"), "unsupported");
  EXPECT_EQ(parse(outcome.out).at("end").back().at("all_told"), 0);
}

// A control group of the test's own that limits memory; empty where none may be made.
class MemoryGroup {
 public:
  MemoryGroup() {
    const std::string name = "heapmeter-test-" + std::to_string(getpid());
    for (const char *root : {"/sys/fs/cgroup/memory/", "/sys/fs/cgroup/"}) {
      std::error_code failed;
      fs::create_directory(root + name, failed);
      if (failed) continue;
      path_ = root + name;
      for (const char *limit : {"memory.limit_in_bytes", "memory.max"}) {
        if (fs::exists(path_ + "/" + limit)) limit_ = path_ + "/" + limit;
      }
      for (const char *most : {"memory.max_usage_in_bytes", "memory.peak"}) {
        if (fs::exists(path_ + "/" + most)) most_ = path_ + "/" + most;
      }
      if (!limit_.empty() && !most_.empty()) return;
      fs::remove(path_, failed);
      path_.clear();
    }
  }
  ~MemoryGroup() {
    std::error_code failed;
    // What was killed in it goes a moment later.
    if (!path_.empty()) eventually([&] { return fs::remove(path_, failed); }, std::chrono::seconds(10));
  }
  const std::string &path() const { return path_; }
  bool limit(long bytes) const {
    std::ofstream file(limit_);
    file << bytes << std::flush;
    return file.good();
  }
  long most() const { return std::stol(read_file(most_)); }

 private:
  std::string path_, limit_, most_;
};

TEST(HugePages, AMemoryLimitThatSufficesWithoutThemSuffices) {
  SKIP_WHERE_NOT_TO_BE_HAD();
  long needed = 0;
  {
    MemoryGroup group;
    if (group.path().empty()) GTEST_SKIP() << "no control group of memory may be made here";
    const Ran off = run_large_heap({"grow"}, "off", group.path());
    ASSERT_TRUE(off.outcome.ok()) << off.outcome;
    needed = group.most();
  }
  MemoryGroup group;
  if (group.path().empty() || !group.limit(needed + (8 << 20))) GTEST_SKIP() << "no limit may be set here";
  const Ran on = run_large_heap({"grow"}, "on", group.path());
  EXPECT_TRUE(on.outcome.ok()) << on.outcome;
  EXPECT_EQ(on.huge_pages, "on");
}

}  // namespace
}  // namespace heapmeter::testing
