// SPDX-License-Identifier: MIT
//
// What the tables of sites take of a process that has little, or has no use for them yet.
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <csignal>
#include <regex>

#include "site_sums.h"

namespace heapmeter::testing {
namespace {

int calls_of_true(const std::string &sample) {
  Meter meter;
  Command command{{program("strace"), "-c", "-U", "calls,name", "-E", "LD_PRELOAD=" + library().string(),
                   "-E", "HEAPMETER_SAMPLE=" + sample, program("true")}};
  command.environment = meter.environment();
  command.environment["LD_PRELOAD"] = "";
  // What they do later is not of the start, and as it comes.
  command.environment["HEAPMETER_SERVE"] = "off";
  command.environment["HEAPMETER_REPORT"] = "off";
  const Outcome outcome = run(command);
  std::smatch total;
  EXPECT_TRUE(std::regex_search(outcome.err, total, std::regex("([0-9]+) total"))) << outcome;
  return total.empty() ? 0 : std::stoi(total[1]);
}

// Most processes end before the first sample falls: what they would never use is not made.
TEST(SitesBeforeTheFirstSample, TakeTwoSystemCalls) {
  const int off = calls_of_true("off");
  EXPECT_GT(off, 20);
  EXPECT_LE(calls_of_true("512K"), off + 2);
}

// Another thread is half-way through making the tables, and does not exist in the child.
TEST(SitesBeforeTheFirstSample, AreMadeByAChildWhoseParentWasMakingThem) {
  Command command{{victim("forks_as_tables_come")}};
  command.environment = {{"LD_PRELOAD", library()}, {"HEAPMETER_SAMPLE", "8M"}, {"HEAPMETER_SERVE", "off"}};
  const Outcome outcome = run(command);
  if (outcome.exit_code == 77) GTEST_SKIP() << outcome.out;
  EXPECT_EQ(outcome.out, "some children, 0 told wrong\n");
}

class SitesOfWhoHoldsLittle : public ::testing::Test {
 protected:
  void start(const std::string &sample) {
    Command command{{program("sleep"), "100"}};
    command.environment = meter_.environment();
    command.environment["HEAPMETER_SAMPLE"] = sample;
    process_ = std::make_unique<Process>(command);
    socket_ = meter_.socket_of(process_->pid());
  }
  std::int64_t mapped_bytes() const {
    return std::stoll(read_file("/proc/" + std::to_string(process_->pid()) + "/statm")) * 4096;
  }

  Meter meter_;
  std::unique_ptr<Process> process_;
  std::filesystem::path socket_;
};

TEST_F(SitesOfWhoHoldsLittle, TakeNoAddresses) {
  start("100G");
  const std::int64_t before = mapped_bytes();
  const Sites none(socket_);
  EXPECT_EQ(none.text("mode"), "sampled");
  EXPECT_EQ(none.field("mean_bytes"), std::int64_t{100} << 30);
  EXPECT_EQ(none.counted("allocations"), 0);
  EXPECT_GT(none.field("live_bytes"), 0);
  EXPECT_EQ(Sites(socket_).field("since"), none.field("since")) << "the same time each time";
  EXPECT_EQ(post(socket_, "sample=every").status, 200);
  EXPECT_GT(mapped_bytes(), before + (64 << 20)) << "which says that they would have been seen";
}

// The tables take address space that such a limit counts.
TEST(SitesUnderALimit, AreSampledInstead) {
  Meter meter;
  Command command{{program("prlimit"), "--as=8000000000", victim("holder"), "10", "1001"}};
  command.environment = meter.environment();
  command.environment["HEAPMETER_SAMPLE"] = "every";
  Process process(command);
  ASSERT_TRUE(eventually([&] { return process.out() == "ready\n"; })) << process.err();
  const auto socket = meter.socket_of(process.pid());
  const Sites sites(socket);
  EXPECT_EQ(sites.text("mode"), "sampled");
  EXPECT_NE(sites.text("instead").find("RLIMIT_AS"), std::string::npos);
  EXPECT_EQ(post(socket, "sample=every").status, 409);
  EXPECT_EQ(Sites(socket).text("mode"), "sampled");
}

// As others limit it, of which nothing in the process is told: the first sample falls where the tables have
// no room.
TEST(SitesWithoutRoom, SayThatThereIsNoneAndLeaveTheProgramAlone) {
  Meter meter;
  Command command{{victim("allocates_when_told")}};
  command.environment = meter.environment();
  command.environment["HEAPMETER_SAMPLE"] = "1G";
  Process process(command);
  const auto says = [&](const char *text) { return eventually([&] { return process.out() == text; }); };
  ASSERT_TRUE(says(".")) << process.err();
  const auto socket = meter.socket_of(process.pid());
  ASSERT_EQ(Sites(socket).text("mode"), "sampled");
  const std::string statm = read_file("/proc/" + std::to_string(process.pid()) + "/statm");
  const rlimit little{std::stoul(statm) * 4096 + (96 << 20), RLIM_INFINITY},
      any{RLIM_INFINITY, RLIM_INFINITY};
  ASSERT_EQ(prlimit(process.pid(), RLIMIT_AS, &little, nullptr), 0);
  process.signal(SIGUSR1);
  ASSERT_TRUE(says("..")) << process.err();
  const Sites none(socket);
  EXPECT_EQ(none.text("mode"), "off");
  EXPECT_EQ(none.text("instead"), "there is no memory for the tables");
  EXPECT_EQ(none.counted("allocations"), 0);

  ASSERT_EQ(prlimit(process.pid(), RLIMIT_AS, &any, nullptr), 0);
  EXPECT_EQ(post(socket, "sample=64K").status, 200);
  process.signal(SIGUSR1);
  ASSERT_TRUE(says("...")) << process.err();
  EXPECT_GE(Sites(socket).sum("allocations"), 1);
  process.signal(SIGTERM);
}

// Nobody says what they are before they are there, and the program may do so itself later.
class SitesOfWhoLimitsItself : public ::testing::Test {
 protected:
  void start(const std::string &sample, const std::string &limit) {
    Command command{{program("python3"), "-c",
                     "import resource, time\n"
                     "resource.setrlimit(resource.RLIMIT_AS, (" +
                         limit + ", " + limit +
                         "))\n"
                         "block = bytearray(16 << 20)\n"
                         "print('ready', flush=True)\n"
                         "time.sleep(100)\n"}};
    command.environment = meter_.environment();
    command.environment["HEAPMETER_SAMPLE"] = sample;
    process_ = std::make_unique<Process>(command);
    ASSERT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
  }
  Sites sites() { return Sites(meter_.socket_of(process_->pid())); }
  std::int64_t mapped_bytes() const {
    const std::string statm = read_file("/proc/" + std::to_string(process_->pid()) + "/statm");
    return std::stoll(statm) * 4096;
  }

  Meter meter_;
  std::unique_ptr<Process> process_;
};

TEST_F(SitesOfWhoLimitsItself, AreSampledFromThenOn) {
  start("every", "8 << 30");
  const Sites now = sites();
  EXPECT_EQ(now.text("mode"), "sampled");
  EXPECT_NE(now.text("instead").find("RLIMIT_AS"), std::string::npos);
  EXPECT_GE(now.sum("live_samples"), 1) << "16 MiB are as good as never missed";
}

TEST_F(SitesOfWhoLimitsItself, MakeWay) {
  start("every", "256 << 20");
  const Sites now = sites();
  EXPECT_EQ(now.text("mode"), "off");
  EXPECT_NE(now.text("instead").find("RLIMIT_AS"), std::string::npos);
  const std::int64_t mapped = mapped_bytes();
  process_.reset();
  start("off", "256 << 20");
  // The table of sampled blocks stays, 16 MiB; where addresses fall so, a chunk of the ledger is as much
  // again.
  EXPECT_LT(mapped, mapped_bytes() + (36 << 20)) << "the tables alone would be more";
}

// Where vm.overcommit_memory is as a process has it to whom other files are mounted there.
class WhereThereIsLittleToPromise : public ::testing::Test {
 protected:
  void SetUp() override {
    const Outcome allowed = run({mounted("true")});
    if (!allowed.ok()) GTEST_SKIP() << "no mount namespace here: " << allowed.err;
  }

  // What a program that wants every site says of itself at its end.
  Reading end(const std::string &mode, std::uint64_t left) {
    write_file(files_ / "mode", mode + "\n");
    write_file(files_ / "meminfo",
               "MemTotal:       16000000 kB\nCommitLimit:     8000000 kB\n"
               "Committed_AS:    " +
                   std::to_string(8000000 - (left >> 10)) + " kB\n");
    const Meter meter;
    Command command{mounted("LD_PRELOAD=" + library().string() + " exec " + victim("witness_c").string())};
    command.environment = meter.environment();
    command.environment.erase("LD_PRELOAD");
    command.environment["HEAPMETER_SAMPLE"] = "every";
    const Outcome outcome = run(command);
    EXPECT_TRUE(outcome.ok()) << outcome;
    const auto reports = meter.reports();
    EXPECT_EQ(reports.size(), 1u);
    return reports.at(0);
  }
  static std::string text(const Reading &reading, const char *field) {
    const auto *found = reading.fields().if_contains(field);
    return found == nullptr ? "" : std::string(found->as_string());
  }

 private:
  std::vector<std::string> mounted(const std::string &then) {
    for (const char *name : {"mode", "meminfo"})
      if (!std::filesystem::exists(files_ / name)) write_file(files_ / name, "");
    return {program("unshare"), "-rm", program("sh"), "-c",
            "mount --bind " + (files_ / "mode").string() +
                " /proc/sys/vm/overcommit_memory && mount --bind " + (files_ / "meminfo").string() +
                " /proc/meminfo && " + then};
  }

  TempDir files_;
};

// There each address counts that may be written, touched or not: the tables alone take 370 MB of them.
TEST_F(WhereThereIsLittleToPromise, SitesAreSampledInstead) {
  const Reading sampled = end("2", std::uint64_t{3} << 30);
  EXPECT_EQ(text(sampled, "backend"), is_on_mimalloc() ? "mimalloc" : "next");
  EXPECT_EQ(text(sampled, "sampling"), "524288");
  EXPECT_NE(text(sampled, "sampling_instead").find("vm.overcommit_memory"), std::string::npos);
  const Reading off = end("2", std::uint64_t{100} << 20);
  EXPECT_EQ(text(off, "backend"), "next") << "mimalloc's segments take 32 MiB each";
  EXPECT_EQ(text(off, "sampling"), "off");
  EXPECT_NE(text(off, "sampling_instead").find("vm.overcommit_memory"), std::string::npos);
  EXPECT_EQ(off["uncounted_blocks"], 0);
  EXPECT_EQ(off["allocations"], sampled["allocations"]);
  EXPECT_EQ(end("2", 0)["allocations"], sampled["allocations"]) << "who was let in is counted on";
}

TEST_F(WhereThereIsLittleToPromise, NothingChangesIfItDoesNotCountOrIsEnough) {
  for (const auto &[mode, left] : {std::pair{"0", 100ull << 20}, {"1", 100ull << 20}, {"2", 5ull << 30}}) {
    const Reading every = end(mode, left);
    EXPECT_EQ(text(every, "backend"), is_on_mimalloc() ? "mimalloc" : "next") << mode;
    EXPECT_EQ(text(every, "sampling"), "every") << mode;
    EXPECT_EQ(text(every, "sampling_instead"), "") << mode;
  }
}

}  // namespace
}  // namespace heapmeter::testing
