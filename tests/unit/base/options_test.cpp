// SPDX-License-Identifier: MIT
#include "base/options.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

using namespace heapmeter;

namespace {

// Options are read once in a process: each case is a process of its own, its verdict the exit code.
bool holds(std::initializer_list<std::pair<const char *, const char *>> variables,
           const std::function<bool(const Options &)> &verdict) {
  const pid_t child = fork();
  if (child == 0) {
    for (const auto &[name, value] : variables) setenv(name, value, 1);
    _exit(verdict(options::get()) ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST(Options, DefaultsServeAndFollow) {
  EXPECT_TRUE(
      holds({}, [](const Options &o) { return o.serve && o.follow && !o.off && o.directory == nullptr; }));
}

TEST(Options, TakesWhatIsSaid) {
  EXPECT_TRUE(
      holds({{"HEAPMETER_SERVE", "off"}, {"HEAPMETER_FOLLOW", "off"}, {"HEAPMETER_DIR", "/tmp/x"}},
            [](const Options &o) { return !o.serve && !o.follow && std::string(o.directory) == "/tmp/x"; }));
}

TEST(Options, MalformedValuesLeaveTheDefault) {
  const std::string too_long = "/" + std::string(100, 'x');
  EXPECT_TRUE(holds({{"HEAPMETER_SERVE", "maybe"}}, [](const Options &o) { return o.serve; }));
  EXPECT_TRUE(
      holds({{"HEAPMETER_DIR", "relative"}}, [](const Options &o) { return o.directory == nullptr; }));
  EXPECT_TRUE(
      holds({{"HEAPMETER_DIR", too_long.c_str()}}, [](const Options &o) { return o.directory == nullptr; }));
  EXPECT_TRUE(
      holds({{"HEAPMETER_REPORT", "nonsense"}}, [](const Options &o) { return o.report == nullptr; }));
}

TEST(Options, OnlyAndExceptNameThePrograms) {
  EXPECT_TRUE(holds({{"HEAPMETER_ONLY", "cc1,options_test"}}, [](const Options &o) { return !o.off; }));
  EXPECT_TRUE(holds({{"HEAPMETER_ONLY", "options"}}, [](const Options &o) { return o.off; }));
  EXPECT_TRUE(holds({{"HEAPMETER_EXCEPT", "x,options_test,y"}}, [](const Options &o) { return o.off; }));
  EXPECT_TRUE(holds({{"HEAPMETER_EXCEPT", "options_tes"}}, [](const Options &o) { return !o.off; }));
}

TEST(Options, LaterChangesOfTheEnvironmentDoNotMatter) {
  EXPECT_TRUE(holds({{"HEAPMETER_DIR", "/tmp/first"}}, [](const Options &o) {
    setenv("HEAPMETER_DIR", "/tmp/second", 1);
    return std::string(o.directory) == "/tmp/first" && std::string(options::get().directory) == "/tmp/first";
  }));
}
