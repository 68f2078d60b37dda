// SPDX-License-Identifier: MIT
//
// heapmeter record, as a user starts it: whoever is killed when, what is in the file can be read.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "record/recorder.h"
#include "record/recording_file.h"
#include "tools/record/recordings.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

Read read_file_of(const std::filesystem::path &path) {
  return std::filesystem::exists(path) ? read_all(read_file(path)) : Read{};
}

std::size_t rounds_in(const std::filesystem::path &path) { return read_file_of(path).rounds().size(); }

// What is known of a process of that pid at last.
std::optional<record::Values> last_of(const Read &read, pid_t pid) {
  std::optional<record::Values> last;
  for (const record::Round &round : read.rounds()) {
    for (const record::Row &row : round.rows) {
      if (read.processes[row.process].pid == pid) last = row.values;
    }
  }
  return last;
}

// Those that such a process is in.
std::size_t rounds_of(const std::filesystem::path &path, pid_t pid) {
  const Read read = read_file_of(path);
  std::size_t rounds = 0;
  for (const record::Round &round : read.rounds()) {
    rounds += std::any_of(round.rows.begin(), round.rows.end(),
                          [&](const record::Row &row) { return read.processes[row.process].pid == pid; });
  }
  return rounds;
}

// Two readings, at first and at last. It waits for answers no longer than half of the interval: a short one
// would leave out who has no turn for so long on a busy machine.
Outcome record_twice(const Playground &playground, const std::string &file,
                     const std::vector<std::string> &more = {}) {
  std::vector<std::string> arguments = {"record", "-o", file, "-i", "4", "--for", "0.3"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return playground.run(arguments);
}

// More than a file of 64 KiB may have: a day on which everything moved.
std::string full_day() {
  Made made;
  std::uint32_t seconds = 0;
  while (made.text().size() < 70'000) {
    record::Row each = row(0, seconds * 977 % 100'003);
    made.round(seconds++, {each});
  }
  return made.text();
}

// The time that it may take at most is up first otherwise.
TEST(Record, EndsByASignalWhereReadingsTakeLongerThanTheInterval) {
  const Playground playground;
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGUSR1);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &ending, nullptr), 0);
  record::RecordingFile file(playground / "a.hm");
  record::Recorder recorder(file, {{"none that is there"}, 1e-9, 60, 1 << 20});
  kill(getpid(), SIGUSR1);
  const auto began = std::chrono::steady_clock::now();
  recorder.run(ending);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
  EXPECT_LE(recorder.readings(), 3u);
}

TEST(Record, OfANameThatNobodyHasSaysThatItWaits) {
  const Playground playground;
  const Outcome outcome =
      playground.run({"record", "-o", playground / "a.hm", "-i", "0.1", "--for", "0.5", "holder_of_bites"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_NE(outcome.err.find("no metered process is named 'holder_of_bites' yet: waiting for one"),
            std::string::npos)
      << outcome;
}

TEST(Record, KeepsWhatProcessesHoldAndEndsByASignal) {
  const Playground playground;
  const Holder one(playground, {"10", "1000"}), other(playground, {"20", "1000"});
  const auto file = playground / "a.hm";
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const std::size_t before = rounds_in(file);
    const std::size_t of_one = rounds_of(file, one.pid()), of_other = rounds_of(file, other.pid());
    Process recorder(playground.command({"record", "-o", file, "-i", "0.1"}));
    ASSERT_TRUE(eventually([&] {
      return rounds_in(file) >= before + 3 && rounds_of(file, one.pid()) > of_one &&
             rounds_of(file, other.pid()) > of_other;
    }));
    recorder.signal(signal);
    const Outcome outcome = recorder.wait();
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find("readings of 2 processes recorded"), std::string::npos) << outcome.err;
  }
  const Read read = read_file_of(file);
  EXPECT_EQ(read.torn + read.damaged, 0u);
  ASSERT_EQ(read.processes.size(), 2u);
  EXPECT_EQ(last_of(read, one.pid())->at(record::k_live_bytes), 10'000u);
  EXPECT_EQ(last_of(read, other.pid())->at(record::k_live_bytes), 20'000u);
  EXPECT_EQ(last_of(read, other.pid())->at(record::k_live_blocks), 1000u);
  EXPECT_GT(last_of(read, other.pid())->at(record::k_rss_bytes), 0u);
  EXPECT_EQ(read.processes[0].name, "holder_of_bytes");
  timespec since_boot = {}, now = {};
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  clock_gettime(CLOCK_REALTIME, &now);
  for (const record::Round &round : read.rounds()) {
    ASSERT_TRUE(round.booted_ms);
    EXPECT_NEAR(static_cast<double>(*round.booted_ms) / 1000,
                static_cast<double>(now.tv_sec - since_boot.tv_sec), 2);
  }
  EXPECT_NE(read.processes[0].command.find(" 1000"), std::string::npos);
  struct stat about = {};
  ASSERT_EQ(stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST(Record, SurvivesTheKillOfEitherSide) {
  const Playground playground;
  const auto file = playground / "a.hm";
  const Holder stays(playground, {"10", "1000"});
  Holder dies(playground, {"33", "1000"});
  const pid_t dead = dies.pid();
  for (int times = 0; times < 3; ++times) {
    const std::size_t before = rounds_in(file), of_dead = rounds_of(file, dead);
    Process recorder(playground.command({"record", "-o", file, "-i", "0.1"}));
    ASSERT_TRUE(eventually([&] { return rounds_in(file) >= before + 2; }));
    if (times == 1) {
      // Of one that this recorder has never read it could not say that it ended.
      ASSERT_TRUE(eventually([&] { return rounds_of(file, dead) > of_dead; }));
      dies.signal(SIGKILL);
      ASSERT_TRUE(eventually([&] {
        const auto last = last_of(read_file_of(file), dead);
        return last && last->at(record::k_state) == record::kEnded;
      }));
    }
    recorder.signal(SIGKILL);
    recorder.wait();
    // As if it had been in the middle of a frame.
    std::ofstream(file, std::ios::app | std::ios::binary) << std::string("\x50\0\0\0torn", 8);
  }
  const Outcome outcome = record_twice(playground, file);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("the last 8 bytes of"), std::string::npos) << outcome.err;
  const Read read = read_file_of(file);
  EXPECT_EQ(read.torn + read.damaged, 0u);
  EXPECT_EQ(read.processes.size(), 2u);
  EXPECT_EQ(last_of(read, dead)->at(record::k_live_bytes), 33'000u);
  EXPECT_EQ(last_of(read, dead)->at(record::k_state), record::kEnded);
  EXPECT_EQ(last_of(read, stays.pid())->at(record::k_state), record::kAnswering);
}

// A limit of the file's size stands for a full disk.
TEST(Record, SaysHowMuchItCouldNotWrite) {
  const Playground playground;
  const Holder holder(playground, {"10", "1000"});
  const auto file = playground / "a.hm";
  const auto limited = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"record", "-o", file, "-i", "0.1"});
    Command command = playground.command(more);
    const char *const kOneBlock = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
    command.argv.insert(command.argv.begin(), {"/bin/bash", "-c", kOneBlock, "-"});
    return command;
  };
  Process recorder(limited({}));
  const std::string lost = "readings are lost until it can";
  EXPECT_TRUE(eventually([&] { return recorder.err().find(lost) != std::string::npos; }));
  recorder.signal(SIGTERM);
  const Outcome outcome = recorder.wait();
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_NE(outcome.err.find(lost), std::string::npos) << outcome;
  const std::size_t kept = rounds_in(file);
  EXPECT_GT(kept, 0u);
  EXPECT_LE(std::filesystem::file_size(file), 1024u);
  EXPECT_NE(outcome.err.find(std::to_string(kept) + " readings of 1 process recorded"), std::string::npos)
      << kept << outcome;
  EXPECT_NE(outcome.err.find(" more could not be written"), std::string::npos) << outcome;
  // Full from the first reading on.
  const Outcome as_json = run(limited({"--json", "--for", "6"}));
  EXPECT_GT(boost::json::parse(as_json.out).at("lost_readings").to_number<int>(), 10) << as_json;
}

TEST(Record, GoesOnWhereNothingCanBeMadeBesideItsFile) {
  const Playground playground;
  const Holder holder(playground, {"10", "1000"});
  const auto file = playground / std::string(250, 'a');  // what lies beside it has a longer name
  write_file(file, full_day());
  const Outcome outcome = record_twice(playground, file, {"--limit", "64K"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_NE(outcome.err.find("there is no room beside it to thin it out: File name too long"),
            std::string::npos)
      << outcome;
  EXPECT_NE(outcome.err.find("0 readings of 1 process recorded"), std::string::npos) << outcome;
}

TEST(Record, LeavesAloneWhatIsNoRecordingOrSomebodyElses) {
  const Playground playground;
  const auto file = playground / "notes.txt";
  write_file(file, "my notes\n");
  Outcome outcome = playground.run({"record", "-o", file, "--for", "1"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("notes.txt is there, and is no recording: it stays as it is"), std::string::npos)
      << outcome.err;
  EXPECT_EQ(read_file(file), "my notes\n");

  write_file(file, "heapmeter recording 2\nwhatever");
  EXPECT_EQ(playground.run({"record", "-o", file, "--for", "1"}).exit_code, 1);
  EXPECT_EQ(read_file(file), "heapmeter recording 2\nwhatever");

  EXPECT_EQ(playground.run({"record", "-o", "/dev/null", "--for", "1"}).exit_code, 1);

  const auto shared = playground / "a.hm";
  Process recorder(playground.command({"record", "-o", shared, "-i", "0.1"}));
  ASSERT_TRUE(eventually([&] { return rounds_in(shared) > 0; }));
  outcome = playground.run({"record", "-o", shared, "--for", "1"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("is being recorded to by another heapmeter record"), std::string::npos)
      << outcome.err;
  recorder.signal(SIGTERM);
  recorder.wait();
}

TEST(Record, OfSomeLeavesOutTheOthersAndEndsWithThoseNamedByPid) {
  const Playground playground;
  Holder one(playground, {"10", "1000"});
  const Holder other(playground, {"20", "1000"});
  const auto file = playground / "a.hm", named = playground / "b.hm", nobody = playground / "c.hm";
  Process recorder(playground.command({"record", "-o", file, "-i", "0.1", one.pid_text()}));
  ASSERT_TRUE(eventually([&] { return rounds_in(file) >= 2 && rounds_of(file, one.pid()) > 0; }));
  one.end();
  EXPECT_EQ(recorder.wait().exit_code, 0);
  const Read read = read_file_of(file);
  ASSERT_EQ(read.processes.size(), 1u);
  EXPECT_EQ(last_of(read, read.processes[0].pid)->at(record::k_state), record::kEnded);
  EXPECT_EQ(last_of(read, read.processes[0].pid)->at(record::k_live_bytes), 10'000u);

  EXPECT_EQ(record_twice(playground, named, {"holder_of*"}).exit_code, 0);
  EXPECT_EQ(read_file_of(named).processes.size(), 1u);
  EXPECT_EQ(record_twice(playground, nobody, {"no_such"}).exit_code, 0);
  EXPECT_EQ(read_file_of(nobody).processes.size(), 0u);
  EXPECT_EQ(record_twice(playground, nobody, {"999999999"}).exit_code, 1);
}

TEST(Record, KeepsItsFileBelowItsLimit) {
  const Playground playground;
  const Holder grower(playground, {"10", "1000"});
  const auto file = playground / "a.hm";
  write_file(file, full_day());
  Process recorder(playground.command({"record", "-o", file, "-i", "0.1", "--limit", "64K"}));
  EXPECT_TRUE(eventually([&] { return read_file_of(file).processes.size() == 2; }));
  recorder.signal(SIGTERM);
  const Outcome outcome = recorder.wait();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("thinned out"), std::string::npos) << outcome.err;
  EXPECT_LT(std::filesystem::file_size(file), 64u << 10);
  const Read read = read_file_of(file);
  EXPECT_EQ(read.torn + read.damaged, 0u);
  EXPECT_EQ(read.processes.size(), 2u);
  EXPECT_EQ(read.rounds().front().time_ms, kStartMs);
  // And nothing lies beside it.
  std::size_t files = 0;
  for (const auto &entry : std::filesystem::directory_iterator(file.parent_path()))
    files += entry.is_regular_file();
  EXPECT_EQ(files, 1u);
}

TEST(Record, KeepsWhichCodeHoldsWhatWhereThatIsTold) {
  Playground playground;
  playground.set("HEAPMETER_SAMPLE", "every");
  const Holder holder(playground, {"10", "1000"});
  const auto file = playground / "a.hm";
  EXPECT_EQ(record_twice(playground, file).exit_code, 0);
  std::size_t takings = 0;
  for (const record::Frame &frame : read_file_of(file).frames) {
    for (const record::Taking &taking : frame.takings) {
      ++takings;
      ASSERT_FALSE(taking.profile.sites.empty());
      EXPECT_EQ(taking.profile.sites[0].values.live_bytes, 10'000u);
      EXPECT_FALSE(taking.profile.modules.empty());
      EXPECT_FALSE(taking.profile.modules[0].build_id.empty());
    }
  }
  // At first, and at last.
  EXPECT_EQ(takings, 2u);
}

TEST(Record, SaysWhatIsWrongWithItsArguments) {
  const Playground playground;
  for (const auto &[option, value, words] :
       {std::tuple{"-i", "0", "takes a time"}, std::tuple{"-i", "2d", "outside"},
        std::tuple{"--for", "soon", "'soon' is none"}, std::tuple{"--limit", "1K", "64K or more"}}) {
    const Outcome outcome = playground.run({"record", "-o", playground / "a.hm", option, value});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_NE(outcome.err.find(words), std::string::npos) << outcome.err;
  }
  EXPECT_FALSE(std::filesystem::exists(playground / "a.hm"));
}

}  // namespace
