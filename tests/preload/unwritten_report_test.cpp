// SPDX-License-Identifier: MIT
//
// The report at exit where there is no room for it, or no right to write it: it is whole or was not written,
// and the program ends as it would, with a line on stderr.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit_report.h"

namespace heapmeter::testing {
namespace {

namespace fs = std::filesystem;

TEST_F(Report, ALimitOnFilesIsLikeAFullDisk) {
  write_file(dir_ / "r.json", "older");
  expect_one_line(end_in_shell("ulimit -f 1; exec $METERED $PROGRAM exit", dir_ / "r.json"), "ulimit -f");
  EXPECT_EQ(read_file(dir_ / "r.json"), "older");
  EXPECT_EQ(names(), std::vector<std::string>{"r.json"});
}

// The error stream is a file, too.
TEST_F(Report, ALimitOnFilesIsLikeAFullDiskForTheErrorStream) {
  const Outcome outcome = end_in_shell("ulimit -f 0; exec $METERED $PROGRAM exit > /dev/null", "stderr");
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
}

// As fs.protected_regular refuses it, and other rules of which access(2) knows nothing: the file is another's
// in an open directory, so that none can take its place, and it cannot be opened to be made.
TEST_F(Report, WhatNoRightsTellOfIsALine) {
  const std::string path = dir_ / "r.json", metered = "LD_PRELOAD=" + library().string();
  write_file(path, "older");
  Command traced = command({program("strace"), "-f", "-o", dir_ / "trace", "-P", path, "-e",
                            "trace=openat,renameat", "-e", "inject=openat:error=EACCES", "-e",
                            "inject=renameat:error=EPERM", "-E", metered, victim("ending"), "exit"},
                           path);
  traced.environment.erase("LD_PRELOAD");
  const Outcome outcome = run(traced);
  expect_one_line(outcome, "may not write");
  EXPECT_EQ(read_file(path), "older");
}

class Unwritable : public Report,
                   public ::testing::WithParamInterface<std::pair<const char *, const char *>> {};

TEST_P(Unwritable, ReportCostsOneLineAndNoExitCode) {
  const auto [path, reason] = GetParam();
  const Outcome outcome = end_with(path);
  expect_one_line(outcome, path);
  expect_one_line(outcome, reason);
}

INSTANTIATE_TEST_SUITE_P(Paths, Unwritable,
                         ::testing::Values(std::pair("/nonexistent/report", "no such directory"),
                                           std::pair("/proc", "directory"),
                                           std::pair("/dev/null/report", "no such directory"),
                                           std::pair("/proc/report", "")));

TEST_F(Report, ADeviceThatIsFullIsALine) {
  const std::string full = device("full", 1, 7);
  if (full.empty()) GTEST_SKIP() << "no device can be made here";
  expect_one_line(end_with(full), "no room");
  struct stat status;
  ASSERT_EQ(stat(full.c_str(), &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
}

TEST_F(Report, APathThatIsTooLongIsALine) {
  expect_one_line(end_with(dir_.path() / std::string(300, 'n')), "too long");
  std::string deep;
  for (int i = 0; i < 2500; ++i) deep += "/x";
  expect_one_line(end_with(deep), "HEAPMETER_REPORT is longer");
  for (int i = 0; i < 5000; ++i) deep += "/x";
  expect_one_line(end_with(deep), "HEAPMETER_REPORT is longer");
  expect_one_line(end_with("." + deep.substr(0, 4080)), "HEAPMETER_REPORT is longer");
}

// Mounts of their own, which only root and who may make namespaces can have.
class Mounted : public Report {
 protected:
  Outcome end_on_mount(const std::string &mount, const std::string &then = "ls m") {
    fs::create_directory(dir_ / "m");
    Command command =
        this->command({program("unshare"), "-rm", program("sh"), "-c",
                       mount + " || exit 77; " + "env LD_PRELOAD=" + library().string() + " " +
                           victim("ending").string() + " exit; code=$?; " + then + "; exit $code"},
                      dir_ / "m/r.json");
    command.environment.erase("LD_PRELOAD");
    command.environment["HEAPMETER_SERVE"] = "off";
    return run(command);
  }
};

TEST_F(Mounted, AFullDiskLeavesNothing) {
  const Outcome outcome = end_on_mount("mount -t tmpfs -o size=4k none m && head -c 4096 /dev/zero > m/full");
  if (outcome.exit_code == 77 || outcome.exit_code == 1) GTEST_SKIP() << "no mounts here: " << outcome.err;
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_EQ(outcome.out, std::string(kWords) + "full\n");
  EXPECT_NE(outcome.err.find("no room"), std::string::npos) << outcome.err;
}

TEST_F(Mounted, WhereThereIsNoRoomForAnotherFileTheOlderReportStays) {
  const Outcome outcome =
      end_on_mount("mount -t tmpfs -o nr_inodes=2 none m && echo older > m/r.json", "ls m; cat m/r.json");
  if (outcome.exit_code == 77 || outcome.exit_code == 1) GTEST_SKIP() << "no mounts here: " << outcome.err;
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_EQ(outcome.out, std::string(kWords) + "r.json\nolder\n");
  EXPECT_NE(outcome.err.find("no room"), std::string::npos) << outcome.err;
}

TEST_F(Mounted, AReadOnlyOneIsALine) {
  const Outcome outcome = end_on_mount("mount -t tmpfs -o ro none m");
  if (outcome.exit_code == 77 || outcome.exit_code == 1) GTEST_SKIP() << "no mounts here: " << outcome.err;
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_EQ(outcome.out, kWords);
  EXPECT_NE(outcome.err.find("nothing can be written there"), std::string::npos) << outcome.err;
}

// As containers are given single files.
TEST_F(Mounted, AFileThatIsAMountIsWrittenInPlace) {
  write_file(dir_ / "outside.json", std::string(1 << 20, 'x'));
  const Outcome outcome = end_on_mount("touch m/r.json && mount --bind outside.json m/r.json");
  if (outcome.exit_code == 77 || outcome.exit_code == 1) GTEST_SKIP() << "no mounts here: " << outcome.err;
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_EQ(outcome.out, std::string(kWords) + "r.json\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(is_report(read_file(dir_ / "outside.json")));
}

TEST_F(Report, WhoGaveUpTheRightToWriteThereEndsWithALine) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  fs::create_directory(dir_ / "roots");
  fs::permissions(dir_ / "roots", fs::perms::owner_all);
  const PublicCopies copies("ending");
  Command drop = command({program("setpriv"), "--reuid=12345", "--clear-groups", copies.victim(), "exit"},
                         dir_ / "roots/r.json");
  fs::permissions(dir_.path(), fs::perms(0755));
  drop.environment["LD_PRELOAD"] = copies.library();
  drop.directory = "/";
  expect_one_line(run(drop), "may not write there");
}

TEST_F(Report, WhoLivesBelowAnotherRootEndsUnharmed) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can change the root directory";
  fs::create_directory(dir_ / "jail");
  Command jailed = command({victim("chroot_after_start")}, dir_ / "r.json");
  jailed.environment["TMPDIR"] = dir_ / "jail";
  const Outcome outcome = run(jailed);
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_EQ(outcome.out, "in the child 0 files, in the parent 0\n");
}

}  // namespace
}  // namespace heapmeter::testing
