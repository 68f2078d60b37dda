// SPDX-License-Identifier: MIT
//
// What a passing condition switched off comes back when it has passed; meanwhile a snapshot says so.
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "site_sums.h"

namespace heapmeter::testing {
namespace {

constexpr rlimit kNoLimit{RLIM_INFINITY, RLIM_INFINITY};

// Python, which raises its soft limit, to none, when it is told to, or lowers it once its samples have
// tables.
class UnderALimit : public ::testing::Test {
 protected:
  void start(const std::string &addresses, const std::string &sample, const Environment &more = {}) {
    Command command{{program("prlimit"), "--as=" + addresses + ":unlimited", program("python3"), "-c",
                     "import resource, signal, time\n"
                     "def rise(*_):\n"
                     "  resource.setrlimit(resource.RLIMIT_AS, (-1, -1))\n"
                     "  print('raised', flush=True)\n"
                     "def fall(*_):\n"
                     "  kept = [bytes(1000000) for _ in range(50)]\n"
                     "  resource.setrlimit(resource.RLIMIT_AS, (4 * 10**9, -1))\n"
                     "  print('lowered', flush=True)\n"
                     "signal.signal(signal.SIGUSR1, rise)\n"
                     "signal.signal(signal.SIGUSR2, fall)\n"
                     "print('ready', flush=True)\n"
                     "while True: time.sleep(100)\n"}};
    command.environment = meter_.environment();
    command.environment["HEAPMETER_SAMPLE"] = sample;
    for (const auto &[name, value] : more) command.environment[name] = value;
    process_ = std::make_unique<Process>(command);
    ASSERT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
  }
  void raise_by_itself() { tell(SIGUSR1, "raised\n"); }
  void lower_by_itself() { tell(SIGUSR2, "lowered\n"); }
  void tell(int number, const std::string &answer) {
    process_->signal(number);
    ASSERT_TRUE(eventually([&] { return process_->out().ends_with(answer); })) << process_->err();
  }
  void raise_from_outside() { ASSERT_EQ(prlimit(process_->pid(), RLIMIT_AS, &kNoLimit, nullptr), 0); }
  std::string said(const char *field) const {
    const Reading now = meter_.snapshot(process_->pid());
    const auto *value = now.fields().if_contains(field);
    return value == nullptr ? "" : std::string(value->as_string());
  }

  Meter meter_;
  std::unique_ptr<Process> process_;
};

TEST_F(UnderALimit, TheLedgerIsInPiecesUntilTheProgramRaisesIt) {
  start("3000000000", "off");
  EXPECT_EQ(said("ledger"), "pieces");
  raise_by_itself();
  EXPECT_EQ(said("ledger"), "chunks");
}

TEST_F(UnderALimit, OrAnotherDoes) {
  start("3000000000", "off");
  EXPECT_EQ(said("ledger"), "pieces");
  raise_from_outside();
  EXPECT_TRUE(eventually([&] { return said("ledger") == "chunks"; }));
}

TEST_F(UnderALimit, SitesAreSampledUntilTheProgramRaisesIt) {
  start("8000000000", "every");
  EXPECT_NE(said("sampling"), "every");
  EXPECT_NE(said("sampling_instead").find("RLIMIT_AS"), std::string::npos);
  raise_by_itself();
  EXPECT_EQ(said("sampling"), "every");
  EXPECT_EQ(said("sampling_instead"), "");
}

TEST_F(UnderALimit, AndThoseThatHadNoAddressesComeToo) {
  start("900000000", "4K");
  EXPECT_EQ(said("sampling"), "off");
  EXPECT_NE(said("sampling_instead").find("RLIMIT_AS"), std::string::npos);
  raise_from_outside();
  EXPECT_TRUE(eventually([&] { return said("sampling") == "4096"; })) << said("sampling");
  EXPECT_EQ(said("sampling_instead"), "");
}

TEST_F(UnderALimit, AlsoWhereItWasLoweredOnceMoreMeanwhile) {
  start("8000000000", "every");
  EXPECT_EQ(said("sampling"), "524288");
  lower_by_itself();
  EXPECT_EQ(said("sampling"), "524288");
  EXPECT_NE(said("sampling_instead").find("RLIMIT_AS"), std::string::npos);
  raise_by_itself();
  EXPECT_EQ(said("sampling"), "every");
}

// A reader's own wish is the last word.
TEST_F(UnderALimit, WhatAReaderSwitchedOffStaysOff) {
  start("8000000000", "every");
  ASSERT_EQ(post(meter_.socket_of(process_->pid()), "sample=off").status, 200);
  EXPECT_EQ(said("sampling_instead"), "");
  raise_by_itself();
  EXPECT_EQ(said("sampling"), "off");
}

TEST_F(UnderALimit, NorDoesWhatHadNoAddressesComeAgainstAReadersWord) {
  start("900000000", "4K");
  ASSERT_EQ(post(meter_.socket_of(process_->pid()), "sample=off").status, 200);
  EXPECT_EQ(said("sampling_instead"), "");
  raise_by_itself();
  EXPECT_EQ(said("sampling"), "off");
}

// Of tables as large as no processor has addresses.
TEST_F(UnderALimit, WhatHasNoMemoryThenLeavesWhatIsThere) {
  start("8000000000", "every", {{"HEAPMETER_SITES_LIMIT", "400000G"}});
  EXPECT_EQ(said("sampling"), "524288");
  raise_by_itself();
  EXPECT_EQ(said("sampling"), "524288");
  EXPECT_EQ(said("sampling_instead"), "there is no memory for the tables");
  EXPECT_EQ(said("sampling"), "524288") << "at another look";
}

// Served or not.
TEST(AVforkChild, KeepsItsLimitsToItself) {
  for (const char *served : {"on", "off"}) {
    Meter meter;
    Command command{{victim("limits_a_vfork_child")}};
    command.environment = meter.environment();
    command.environment["HEAPMETER_SAMPLE"] = "every";
    command.environment["HEAPMETER_SERVE"] = served;
    const Outcome outcome = run(command);
    ASSERT_TRUE(outcome.ok()) << outcome;
    const Reading report = meter.report(outcome.pid);
    EXPECT_EQ(report.fields().at("ledger").as_string(), "chunks") << served;
    EXPECT_EQ(report.fields().at("sampling").as_string(), "every") << served;
  }
}

// For the tables of sites, when the first sample fell.
TEST(WithoutRoom, SitesTryAgainByThemselves) {
  Meter meter;
  Command command{{victim("allocates_when_told")}};
  command.environment = meter.environment();
  command.environment["HEAPMETER_SAMPLE"] = "64M";
  command.environment["HEAPMETER_SITES_LIMIT"] = "128M";  // more than what is allowed below
  Process process(command);
  const auto says = [&](const char *text) { return eventually([&] { return process.out() == text; }); };
  ASSERT_TRUE(says(".")) << process.err();
  const auto socket = meter.socket_of(process.pid());
  const std::string statm = read_file("/proc/" + std::to_string(process.pid()) + "/statm");
  const auto pages = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const rlimit little{std::stoul(statm) * pages + (96 << 20), RLIM_INFINITY};
  ASSERT_EQ(prlimit(process.pid(), RLIMIT_AS, &little, nullptr), 0);
  process.signal(SIGUSR1);
  ASSERT_TRUE(says("..")) << process.err();
  const Reading without = meter.snapshot(process.pid());
  EXPECT_EQ(without.fields().at("sampling").as_string(), "off");
  EXPECT_EQ(without.fields().at("sampling_instead").as_string(), "there is no memory for the tables");

  ASSERT_EQ(prlimit(process.pid(), RLIMIT_AS, &kNoLimit, nullptr), 0);
  process.signal(SIGUSR1);
  ASSERT_TRUE(says("...")) << process.err();
  // 500 samples fall in that time, a try every 64th.
  const Sites now(socket);
  EXPECT_EQ(now.text("mode"), "sampled");
  EXPECT_GE(now.sum("allocations"), 1);
  process.signal(SIGTERM);
}

}  // namespace
}  // namespace heapmeter::testing
