// SPDX-License-Identifier: MIT
//
// The report at exit: where it is written and how, and that whatever the path turns out to be, the program
// ends as it would, soon, with a line on stderr at most.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json/parse.hpp>

#include "exit_report.h"

namespace heapmeter::testing {
namespace {

namespace fs = std::filesystem;

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

}  // namespace
}  // namespace heapmeter::testing
