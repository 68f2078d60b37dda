// SPDX-License-Identifier: MIT
//
// The report at exit: where it is written and how, that it is whole or was not written, and that whatever the
// path turns out to be, the program ends as it would, soon, with a line on stderr at most.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json/parse.hpp>

#include <algorithm>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char *kWords = "ending by exit\n";

bool is_report(const std::string &text) {
  boost::system::error_code failed;
  const auto value = boost::json::parse(text, failed);
  return !failed && value.is_object() && value.as_object().contains("live_bytes");
}

class Report : public ::testing::Test {
 protected:
  Command command(std::vector<std::string> argv, const std::string &report) const {
    Command command{std::move(argv)};
    command.environment = meter_.environment();
    command.environment["HEAPMETER_REPORT"] = report;
    command.directory = dir_.path();
    command.deadline = std::chrono::seconds(30);
    return command;
  }
  Outcome end_with(const std::string &report) const {
    return run(command({victim("ending"), "exit"}, report));
  }
  // A shell of which only the program it becomes is metered.
  Outcome end_in_shell(const std::string &script, const std::string &report) const {
    Command shell = command({program("sh"), "-c", script}, report);
    shell.environment.erase("LD_PRELOAD");
    shell.environment["METERED"] = "env LD_PRELOAD=" + library().string();
    shell.environment["PROGRAM"] = victim("ending").string();
    shell.environment["DIR"] = dir_.path();
    return run(shell);
  }
  // A device in a place of its own: as root a report that takes the place of what it should write to would
  // take the machine's.
  std::string device(const std::string &name, unsigned major, unsigned minor) const {
    const std::string own = dir_ / name;
    if (geteuid() != 0) return "/dev/" + name;
    if (mknod(own.c_str(), S_IFCHR | 0666, makedev(major, minor)) != 0) return "";
    const int fd = open(own.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
    // A terminal that we do not have, or a file system that has no devices (nodev).
    const bool usable = fd >= 0 || errno == ENXIO;
    if (fd >= 0) close(fd);
    return usable ? own : "";
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto &entry : fs::directory_iterator(dir_.path())) found.push_back(entry.path().filename());
    std::sort(found.begin(), found.end());
    return found;
  }

  Meter meter_;
  TempDir dir_;
};

void expect_unharmed(const Outcome &outcome) {
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_EQ(outcome.out, kWords);
}

void expect_silent(const Outcome &outcome) {
  expect_unharmed(outcome);
  EXPECT_EQ(outcome.err, "");
}

void expect_one_line(const Outcome &outcome, const std::string &part) {
  expect_unharmed(outcome);
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_EQ(outcome.err.rfind("heapmeter: ", 0), 0u) << outcome.err;
  EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
}

TEST_F(Report, GoesToTheNamedFileWithThePid) {
  const Outcome outcome = end_with(dir_ / "before-%p-after.json");
  expect_silent(outcome);
  const fs::path path = dir_ / ("before-" + std::to_string(outcome.pid) + "-after.json");
  EXPECT_EQ(boost::json::parse(read_file(path)).as_object().at("pid").to_number<pid_t>(), outcome.pid);
  EXPECT_EQ(names().size(), 1u);
}

TEST_F(Report, OnStderrHasWrongCallsOfEveryKind) {
  for (const auto &[name, calls] :
       {std::pair("mismatches",
                  "10, wrong sizes 1, double frees 0, foreign frees 0, frees within a block 0\n"),
        std::pair("known_extensions", "0, wrong sizes 1, double frees 0, foreign frees 0, frees")}) {
    const Outcome outcome = run(command({victim(name)}, "stderr"));
    EXPECT_NE(outcome.err.find(std::string("mismatches    ") + calls), std::string::npos) << outcome.err;
  }
}

TEST_F(Report, OnStderrIsForPeople) {
  const Outcome outcome = end_with("stderr");
  expect_unharmed(outcome);
  const auto lines = std::count(outcome.err.begin(), outcome.err.end(), '\n');
  EXPECT_GE(lines, 1) << outcome.err;
  EXPECT_LE(lines, 12) << outcome.err;
  EXPECT_NE(outcome.err.find("heapmeter"), std::string::npos) << outcome.err;
}

TEST_F(Report, StatisticsInTheMiddleOfARunDoNotSpeakOfItsEnd) {
  if (!is_on_mimalloc()) GTEST_SKIP() << kKeepsOff;  // they are libc's then
  const Outcome outcome = run(command({victim("prints_statistics")}, "off"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_TRUE(outcome.err.starts_with("heapmeter: live          54321 bytes in 1 blocks\n")) << outcome;
}

TEST_F(Report, OffIsSilent) { expect_silent(end_with("off")); }

TEST_F(Report, ReplacesAFile) {
  write_file(dir_ / "r.json", std::string(1 << 20, 'x'));
  expect_silent(end_with(dir_ / "r.json"));
  EXPECT_TRUE(is_report(read_file(dir_ / "r.json")));
}

TEST_F(Report, ARelativePathIsOneFromTheStart) {
  const Outcome outcome = run(command({program("bash"), "-c", "cd /proc && exit 3"}, "./r.json"));
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(is_report(read_file(dir_ / "r.json")));
}

TEST_F(Report, OfManyEndingAtOnceOneIsThereWhole) {
  const fs::path path = dir_ / "r.json";
  Process process(command({victim("children_ending_at_once")}, path));
  while (process.running()) {
    if (!fs::exists(path)) continue;
    EXPECT_TRUE(is_report(read_file(path)));
  }
  const Outcome outcome = process.wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(is_report(read_file(path)));
  EXPECT_EQ(names(), std::vector<std::string>{"r.json"});
}

// --- what is a link

TEST_F(Report, ALinkIsFollowed) {
  write_file(dir_ / "real", std::string(1 << 20, 'x'));
  fs::create_symlink("real", dir_ / "link");
  expect_silent(end_with(dir_ / "link"));
  EXPECT_TRUE(fs::is_symlink(dir_ / "link"));
  EXPECT_TRUE(is_report(read_file(dir_ / "real")));
}

TEST_F(Report, ALinkToNothingYetIsFollowed) {
  fs::create_symlink("new", dir_ / "link");
  expect_silent(end_with(dir_ / "link"));
  EXPECT_TRUE(fs::is_symlink(dir_ / "link"));
  EXPECT_TRUE(is_report(read_file(dir_ / "new")));
}

// As /dev/stdout is one.
TEST_F(Report, ALinkToTheOutputAddsToWhatIsThere) {
  fs::create_symlink("/proc/self/fd/1", dir_ / "stdout");
  end_in_shell("$METERED $PROGRAM exit > out", dir_ / "stdout");
  EXPECT_TRUE(fs::is_symlink(dir_ / "stdout"));
  const std::string text = read_file(dir_ / "out");
  ASSERT_EQ(text.rfind(kWords, 0), 0u) << text;
  EXPECT_TRUE(is_report(text.substr(std::string(kWords).size()))) << text;
}

TEST_F(Report, ALinkToAnOutputThatIsASocketIsWrittenTo) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  fs::create_symlink("/proc/self/fd/1", dir_ / "stdout");
  // It cannot be opened by its name.
  const Outcome outcome =
      end_in_shell("$METERED $PROGRAM exit >&" + std::to_string(ends[1]), dir_ / "stdout");
  close(ends[1]);
  std::string text(1 << 20, '\0');
  size_t got = 0;
  for (ssize_t some; (some = read(ends[0], text.data() + got, text.size() - got)) > 0;) {
    got += static_cast<size_t>(some);
  }
  close(ends[0]);
  text.resize(got);
  ASSERT_EQ(text.rfind(kWords, 0), 0u) << outcome;
  EXPECT_TRUE(is_report(text.substr(std::string(kWords).size()))) << text;
}

TEST_F(Report, TheFileOfTheOutputItselfIsAddedTo) {
  end_in_shell("$METERED $PROGRAM exit > both", dir_ / "both");
  const std::string text = read_file(dir_ / "both");
  ASSERT_EQ(text.rfind(kWords, 0), 0u) << text;
  EXPECT_TRUE(is_report(text.substr(std::string(kWords).size()))) << text;
}

TEST_F(Report, ALinkThatSomebodyPlantedIsNotFollowed) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can plant another's link";
  write_file(dir_ / "theirs", "precious");
  fs::create_directory(dir_ / "open");
  ASSERT_EQ(chmod((dir_ / "open").c_str(), 01777), 0);
  fs::create_symlink(dir_ / "theirs", dir_ / "open/r.json");
  ASSERT_EQ(lchown((dir_ / "open/r.json").c_str(), 12345, 12345), 0);
  expect_one_line(end_with(dir_ / "open/r.json"), "link");
  EXPECT_EQ(read_file(dir_ / "theirs"), "precious");
}

// --- what lies beside

TEST_F(Report, WhatLiesBesideIsLeftAlone) {
  write_file(dir_ / "theirs", "precious");
  fs::create_symlink("theirs", dir_ / "r.json.part");
  ASSERT_EQ(mkfifo((dir_ / "s.json.part").c_str(), 0600), 0);
  expect_silent(end_with(dir_ / "r.json"));
  expect_silent(end_with(dir_ / "s.json"));
  EXPECT_EQ(read_file(dir_ / "theirs"), "precious");
  EXPECT_TRUE(is_report(read_file(dir_ / "r.json")));
  EXPECT_TRUE(is_report(read_file(dir_ / "s.json")));
  EXPECT_EQ(names().size(), 5u);
}

TEST_F(Report, ANameWithNoRoomForALongerOneIsWrittenInPlace) {
  const std::string name(255, 'n');
  expect_silent(end_with(dir_ / name));
  EXPECT_TRUE(is_report(read_file(dir_ / name)));
}

// --- what is no file

TEST_F(Report, AFifoWithoutAReaderIsALine) {
  ASSERT_EQ(mkfifo((dir_ / "fifo").c_str(), 0600), 0);
  expect_one_line(end_with(dir_ / "fifo"), "nobody reads");
}

TEST_F(Report, AFifoIsReadWhole) {
  ASSERT_EQ(mkfifo((dir_ / "fifo").c_str(), 0600), 0);
  const int reader = open((dir_ / "fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  expect_silent(end_with(dir_ / "fifo"));
  std::string text(1 << 16, '\0');
  const ssize_t got = read(reader, text.data(), text.size());
  close(reader);
  ASSERT_GT(got, 0);
  EXPECT_TRUE(is_report(text.substr(0, static_cast<size_t>(got))));
}

// Held open by who does not read, and full.
TEST_F(Report, AFifoWhoseReaderStandsStillIsALine) {
  ASSERT_EQ(mkfifo((dir_ / "fifo").c_str(), 0600), 0);
  const int held = open((dir_ / "fifo").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  const std::string much(4096, 'x');
  while (write(held, much.data(), much.size()) > 0) {
  }
  expect_one_line(end_with(dir_ / "fifo"), "stopped reading");
  close(held);
}

TEST_F(Report, AnErrorStreamThatNobodyReadsDoesNotHoldTheExit) {
  ASSERT_EQ(mkfifo((dir_ / "fifo").c_str(), 0600), 0);
  const int held = open((dir_ / "fifo").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  const std::string much(4096, 'x');
  while (write(held, much.data(), much.size()) > 0) {
  }
  expect_silent(end_in_shell("exec $METERED $PROGRAM exit 2> fifo", "stderr"));
  close(held);
}

TEST_F(Report, ATerminalIsWrittenTo) {
  const std::string terminal = device("tty", 5, 0);
  if (terminal.empty()) GTEST_SKIP() << "no device can be made here";
  const Outcome outcome =
      end_in_shell("exec script -qec '$METERED $PROGRAM exit' typescript < /dev/null > /dev/null", terminal);
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_NE(read_file(dir_ / "typescript").find("\"live_bytes\":"), std::string::npos);
}

TEST_F(Report, ASocketIsALine) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = dir_ / "socket";
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(bind(socket, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
  expect_one_line(end_with(path), "nobody reads");
  close(socket);
}

TEST_F(Report, ADirectoryIsALine) {
  expect_one_line(end_with(dir_.path()), "directory");
  expect_one_line(end_with(dir_.path().string() + "/"), "directory");
  EXPECT_TRUE(names().empty());
}

// --- no room

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

// --- rights and roots given up

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
