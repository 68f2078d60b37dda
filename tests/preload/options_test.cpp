// SPDX-License-Identifier: MIT
//
// The environment variables: what each does, and that a wrong one costs a line on stderr and nothing else.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

namespace fs = std::filesystem;

Outcome run_with(const Meter &meter, const Environment &variables, std::vector<std::string> argv) {
  Command command{std::move(argv)};
  command.environment = meter.environment();
  for (const auto &[name, value] : variables) command.environment[name] = value;
  return run(command);
}

constexpr const char *kMetered = "metered\ntoo small: EINVAL\nnull: EINVAL\n";

TEST(Options, DefaultIsMeteredServedAndSilent) {
  const Outcome outcome = run_with({}, {}, {victim("off_switch")});
  EXPECT_EQ(outcome.out, std::string(kMetered) + "threads 2\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(Options, OffMetersNothing) {
  Meter meter;
  const Outcome outcome = run_with(meter, {{"HEAPMETER_OFF", "1"}}, {victim("off_switch")});
  EXPECT_EQ(outcome.out, "off\nthreads 1\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_FALSE(meter.reported(outcome.pid));
}

TEST(Options, ServeOffCountsWithoutAThread) {
  Meter meter;
  const Outcome outcome = run_with(meter, {{"HEAPMETER_SERVE", "off"}}, {victim("off_switch")});
  EXPECT_EQ(outcome.out, std::string(kMetered) + "threads 1\n");
  EXPECT_GT(meter.report(outcome.pid)["allocations"], 0);
}

TEST(Options, AbsentLibraryAnswersNothing) {
  EXPECT_EQ(run({{victim("off_switch")}}).out, "absent\nthreads 1\n");
}

TEST(Options, OnlyAndExceptGoByTheNameOfTheProgram) {
  for (const auto &[name, value, metered] :
       {std::tuple("HEAPMETER_ONLY", "other,off_switch", true), std::tuple("HEAPMETER_ONLY", "other", false),
        std::tuple("HEAPMETER_EXCEPT", "other,off_switch", false),
        std::tuple("HEAPMETER_EXCEPT", "off_switc,ff_switch", true)}) {
    Meter meter;
    const Outcome outcome = run_with(meter, {{name, value}}, {victim("off_switch")});
    EXPECT_EQ(outcome.out, metered ? std::string(kMetered) + "threads 2\n" : "off\nthreads 1\n") << value;
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(meter.reported(outcome.pid), metered) << value;
  }
}

TEST(Options, SwitchedOffEveryCallIsPassedThrough) {
  for (const char *name : {"contract", "witness_c", "witness_cpp", "new_handler", "own_new"}) {
    const Outcome plain = run({{victim(name)}});
    Meter meter;
    const Outcome off = run_with(meter, {{"HEAPMETER_OFF", "1"}}, {victim(name)});
    EXPECT_EQ(off.out, plain.out) << name;
    EXPECT_EQ(off.err, plain.err) << name;
    EXPECT_EQ(off.exit_code, plain.exit_code) << name;
    EXPECT_FALSE(meter.reported(off.pid)) << name;
  }
}

class Malformed : public ::testing::TestWithParam<std::pair<const char *, const char *>> {};

TEST_P(Malformed, CostsOneLineAndTheDefaultHolds) {
  const auto [name, value] = GetParam();
  const Outcome outcome = run_with({}, {{name, value}}, {victim("off_switch")});
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_EQ(outcome.out, std::string(kMetered) + "threads 2\n");
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_NE(outcome.err.find(name), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.rfind("heapmeter: ", 0), 0U) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(Values, Malformed,
                         ::testing::Values(std::pair{"HEAPMETER_SERVE", "maybe"},
                                           std::pair{"HEAPMETER_FOLLOW", "sometimes"},
                                           std::pair{"HEAPMETER_BACKEND", "dlmalloc"},
                                           std::pair{"HEAPMETER_HUGE_PAGES", "gigantic"},
                                           std::pair{"HEAPMETER_OFF", "perhaps"}),
                         [](const auto &info) { return std::string(info.param.first); });

// --- where the socket goes

class Directory : public ::testing::Test {
 protected:
  std::unique_ptr<Process> start(const Environment &variables) {
    Command command{{victim("holder"), "3", "100"}};
    command.environment = variables;
    command.environment["LD_PRELOAD"] = library();
    auto process = std::make_unique<Process>(command);
    EXPECT_TRUE(eventually([&] { return process->out() == "ready\n"; })) << process->err();
    return process;
  }

  static std::vector<fs::path> sockets_in(const fs::path &directory) {
    std::vector<fs::path> found;
    std::error_code error;
    for (const auto &entry : fs::directory_iterator(directory, error)) {
      if (entry.is_socket()) found.push_back(entry.path());
    }
    return found;
  }

  // Long enough for a socket to have been made, had it been going to: a served twin, started later, has one.
  void wait_past_binding() {
    Meter meter;
    auto twin = start(meter.environment());
    meter.socket_of(twin->pid());
    end_well(*twin);
  }

  static void end_well(Process &process) {
    process.signal(SIGTERM);
    const Outcome outcome = process.wait();
    EXPECT_TRUE(outcome.ok()) << outcome;
    EXPECT_EQ(outcome.out, "ready\ndone\n");
  }

  TempDir dir_;
};

TEST_F(Directory, IsMadePrivateUnderTheRuntimeDirectory) {
  Environment variables = plain_environment();
  variables["XDG_RUNTIME_DIR"] = dir_.path();
  auto process = start(variables);
  EXPECT_TRUE(eventually([&] { return sockets_in(dir_ / "heapmeter").size() == 1; }));
  EXPECT_EQ(fs::status(dir_ / "heapmeter").permissions(), fs::perms::owner_all);
  const auto start_time = sockets_in(dir_ / "heapmeter").at(0).stem().string();
  EXPECT_EQ(start_time.rfind(std::to_string(process->pid()) + "-", 0), 0U);
  end_well(*process);
  EXPECT_TRUE(sockets_in(dir_ / "heapmeter").empty());
}

TEST_F(Directory, FallsBackToAPrivateOneInTmp) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become a user whose directory nobody else has";
  const std::string user = std::to_string(100000 + getpid());
  const fs::path fallback = "/tmp/heapmeter-" + user;
  const PublicCopies copies("holder");
  Command command{
      {program("setpriv"), "--reuid=" + user, "--regid=" + user, "--clear-groups", copies.victim()}};
  command.environment["LD_PRELOAD"] = copies.library();
  Process process(command);
  EXPECT_TRUE(eventually([&] { return sockets_in(fallback).size() == 1; }));
  EXPECT_EQ(fs::status(fallback).permissions(), fs::perms::owner_all);
  end_well(process);
  fs::remove_all(fallback);
}

TEST_F(Directory, SymbolicLinkIsRefused) {
  fs::create_directory(dir_ / "real");
  fs::permissions(dir_ / "real", fs::perms::owner_all);
  fs::create_symlink(dir_ / "real", dir_ / "link");
  Environment variables = plain_environment();
  variables["HEAPMETER_DIR"] = dir_ / "link";
  auto process = start(variables);
  wait_past_binding();
  EXPECT_TRUE(sockets_in(dir_ / "real").empty());
  end_well(*process);
}

TEST_F(Directory, SomebodyElsesIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  fs::create_directory(dir_ / "theirs");
  ASSERT_EQ(chown((dir_ / "theirs").c_str(), 65534, 65534), 0);
  Environment variables = plain_environment();
  variables["HEAPMETER_DIR"] = dir_ / "theirs";
  auto process = start(variables);
  wait_past_binding();
  EXPECT_TRUE(sockets_in(dir_ / "theirs").empty());
  end_well(*process);
}

// Whatever its name means later, what lies there is not the meter's.
TEST_F(Directory, ItsNameMayComeToMeanAnother) {
  fs::create_directories(dir_ / "parent");
  Environment variables = plain_environment();
  variables["HEAPMETER_DIR"] = dir_ / "parent/sockets";
  auto process = start(variables);
  ASSERT_TRUE(eventually([&] { return sockets_in(dir_ / "parent/sockets").size() == 1; }));
  const fs::path file = sockets_in(dir_ / "parent/sockets").at(0).filename();
  fs::rename(dir_ / "parent", dir_ / "before");
  fs::create_directories(dir_ / "parent/sockets");
  write_file(dir_ / "parent/sockets" / file, "precious");
  end_well(*process);
  EXPECT_EQ(read_file(dir_ / "parent/sockets" / file), "precious");
}

TEST_F(Directory, SymbolicLinkIsRefusedWithASlashBehindIt) {
  fs::create_directory(dir_ / "real");
  fs::permissions(dir_ / "real", fs::perms::owner_all);
  fs::create_symlink(dir_ / "real", dir_ / "link");
  Environment variables = plain_environment();
  variables["HEAPMETER_DIR"] = (dir_ / "link").string() + "/";
  auto process = start(variables);
  wait_past_binding();
  EXPECT_TRUE(sockets_in(dir_ / "real").empty());
  end_well(*process);
}

// A directory of root's in the environment of who gave up root.
TEST_F(Directory, OfAnotherUserLeavesTheStandardOne) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become a user whose directory nobody else has";
  const std::string user = std::to_string(100000 + getpid());
  const fs::path fallback = "/tmp/heapmeter-" + user;
  const PublicCopies copies("holder");
  fs::create_directory(dir_ / "roots");
  fs::permissions(dir_ / "roots", fs::perms::owner_all);
  fs::permissions(dir_.path(), fs::perms(0755));
  Command command{
      {program("setpriv"), "--reuid=" + user, "--regid=" + user, "--clear-groups", copies.victim()}};
  command.environment["LD_PRELOAD"] = copies.library();
  command.environment["HEAPMETER_DIR"] = dir_ / "roots";
  Process process(command);
  EXPECT_TRUE(eventually([&] { return sockets_in(fallback).size() == 1; }));
  end_well(process);
  EXPECT_TRUE(sockets_in(fallback).empty());
  EXPECT_TRUE(sockets_in(dir_ / "roots").empty());
  fs::remove_all(fallback);
}

TEST_F(Directory, ProgramRunsOnWhereNoneCanBeHad) {
  write_file(dir_ / "file", "not a directory");
  for (const std::string &place : {std::string("/nonexistent/deep/below"), (dir_ / "file").string(),
                                   std::string("/proc/heapmeter"), std::string(300, 'x'), std::string()}) {
    Environment variables = plain_environment();
    variables["HEAPMETER_DIR"] = place;
    variables["XDG_RUNTIME_DIR"] = "/nonexistent";
    auto process = start(variables);
    end_well(*process);
  }
}

TEST_F(Directory, FileOfAKilledProgramHarmsNobody) {
  Meter meter;
  auto first = start(meter.environment());
  const fs::path socket = meter.socket_of(first->pid());
  first->signal(SIGKILL);
  first->wait();
  EXPECT_TRUE(fs::exists(socket)) << "a killed program cannot clean up; its file tells the tool";
  auto second = start(meter.environment());
  EXPECT_EQ(meter.snapshot(second->pid())["pid"], second->pid());
  end_well(*second);
}

}  // namespace
}  // namespace heapmeter::testing
