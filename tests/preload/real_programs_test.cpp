// SPDX-License-Identifier: MIT
//
// Programs people run, under the meter: the same script (real_programs/) in two fresh directories, metered
// and not, must print the same and end with the same code; and the meter must have seen the program in
// question.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

struct Case {
  const char *script;
  const char *name;    // the program whose books are looked at
  std::int64_t least;  // what it must have allocated at least
};

Outcome run_script(const std::string &name, const Environment &environment) {
  TempDir directory;
  const auto script = source_root() / "tests" / "preload" / "real_programs" / (name + ".sh");
  Command command{{program("bash"), "--norc", "-e", script}};
  command.environment = environment;
  command.environment["HOME"] = ".";
  command.environment["PYTHONHASHSEED"] = "0";
  command.environment["TMPDIR"] = ".";
  command.directory = directory.path();
  command.deadline = std::chrono::seconds(150);
  return run(command);
}

class RealPrograms : public ::testing::TestWithParam<std::tuple<Case, const char *>> {};

TEST_P(RealPrograms, SameOutputAndExitCodeMetered) {
  const auto [script, name, least] = std::get<0>(GetParam());
  Meter meter;
  const Outcome plain = run_script(script, plain_environment());
  ASSERT_TRUE(plain.ok()) << plain;
  ASSERT_FALSE(plain.out.empty());
  Environment environment = meter.environment();
  environment["HEAPMETER_BACKEND"] = std::get<1>(GetParam());
  const Outcome metered = run_script(script, environment);
  EXPECT_EQ(metered.out, plain.out);
  EXPECT_EQ(metered.err, plain.err);
  EXPECT_EQ(metered.exit_code, plain.exit_code);
  std::int64_t most = -1;
  for (const Reading &report : meter.reports()) {
    EXPECT_EQ(report["live_bytes"], report["allocated_bytes"] - report["freed_bytes"]);
    EXPECT_EQ(report.fields().at("backend").as_string(), std::string_view(std::get<1>(GetParam())));
    for (const char *fault : {"mismatches", "size_mismatches", "double_frees", "foreign_frees"}) {
      EXPECT_EQ(report[fault], 0) << report.fields().at("name") << ": " << fault
                                  << report.fields().at("faults");
    }
    if (report.fields().at("name").as_string() == name) most = std::max(most, report["allocations"]);
  }
  EXPECT_GE(most, least) << name << " was not metered";
  // A child that ends by _exit leaves its socket's file behind, for the next `heapmeter ps` to remove.
  for (const auto &socket : meter.sockets()) {
    EXPECT_NE(kill(std::stoi(std::filesystem::path(socket).filename().string()), 0), 0)
        << socket << " is served still";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, RealPrograms,
    ::testing::Combine(::testing::Values(Case{"python", "python3", 100000}, Case{"perl", "perl", 50000},
                                         Case{"git", "git", 1000}, Case{"sqlite3", "sqlite3", 10000},
                                         Case{"compiler", "cc1plus", 100000}, Case{"node", "node", 1000},
                                         Case{"redis", "redis-server", 10000}, Case{"shell", "bash", 100}),
                       ::testing::Values("mimalloc", "next")),
    [](const auto &info) {
      return std::string(std::get<0>(info.param).script) + "_on_" + std::get<1>(info.param);
    });

}  // namespace
}  // namespace heapmeter::testing
