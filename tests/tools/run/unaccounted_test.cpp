// SPDX-License-Identifier: MIT
//
// A run misses no process: who is gone before a reading is in the sums by its report, or named, and then no
// condition passes.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

class Unaccounted : public ::testing::Test {
 protected:
  // Under a condition that nothing known fails.
  Outcome run(const std::vector<std::string> &command, const std::string &condition = "allocations>100000") {
    std::vector<std::string> words = {"run",       "--json",  "--output", playground_ / "summary",
                                      "--fail-if", condition, "--"};
    words.insert(words.end(), command.begin(), command.end());
    Outcome outcome = playground_.run(words);
    summary_ = json::parse(read_file(playground_ / "summary")).as_object();
    return outcome;
  }
  std::size_t size(const char *list) const { return summary_.at(list).as_array().size(); }
  Playground playground_;
  json::object summary_;
};

TEST_F(Unaccounted, WhoLeavesByExitWithoutHandlersIsInTheSums) {
  EXPECT_EQ(run({sample("starts"), "leaves"}).exit_code, 0);
  ASSERT_EQ(size("children"), 1u) << summary_;
  EXPECT_EQ(summary_.at("children").at(0).at("source"), "report");
  EXPECT_EQ(size("unreported"), 0u) << summary_;
  EXPECT_EQ(run({sample("starts"), "leaves"}, "allocations>=1").exit_code, 3);
  // So a shell that ends that way, as dash does, can be judged.
  EXPECT_EQ(run({"sh", "-c", "true | cat; (true)"}).exit_code, 0) << summary_;
  EXPECT_EQ(summary_.at("source"), "report");
}

TEST_F(Unaccounted, WhoLeavesNoReportIsNamedAndNoConditionPasses) {
  for (const char *how : {"is_killed", "leaves_bare"}) {
    const Outcome outcome = run({sample("starts"), how});
    EXPECT_EQ(outcome.exit_code, 3) << how;
    EXPECT_TRUE(has(outcome.err, "1 of the processes it started left no report: starts (")) << outcome;
    ASSERT_EQ(size("unreported"), 1u) << summary_;
    EXPECT_EQ(summary_.at("unreported").at(0).at("program"), "starts");
    EXPECT_TRUE(summary_.at("unreported").at(0).at("why").is_null());
  }
  const Outcome shown = playground_.run({"run", sample("starts"), "is_killed"});
  EXPECT_TRUE(has(unfolded(shown.err), "no report 1 killed, or left by the bare system call: starts ("))
      << shown;
}

TEST_F(Unaccounted, AProgramThatCannotBeMeteredIsNamedHoweverShortItWas) {
  if (!std::filesystem::exists(sample("static_program"))) GTEST_SKIP() << "no static libc to link with";
  const std::string program = std::filesystem::canonical(sample("static_program"));
  for (const char *how : {"vforks", "spawns", "forks"}) {
    const Outcome outcome = run({sample("starts"), how, program});
    EXPECT_EQ(outcome.exit_code, 3) << how;
    EXPECT_TRUE(has(outcome.err, "so it is not counted; name it in HEAPMETER_EXCEPT")) << outcome;
    ASSERT_EQ(size("uncounted"), 1u) << how << summary_;
    EXPECT_EQ(summary_.at("uncounted").at(0).at("program"), program.c_str());
    EXPECT_TRUE(has(std::string(summary_.at("uncounted").at(0).at("why").as_string()), "static")) << summary_;
    EXPECT_EQ(size("unreported"), 0u) << summary_;
  }
  playground_.set("HEAPMETER_EXCEPT", "static_program");
  EXPECT_EQ(run({sample("starts"), "vforks", program}).exit_code, 0) << summary_;
}

TEST_F(Unaccounted, AProgramThatIsExecutedByADescriptorIsNamedToo) {
  if (!std::filesystem::exists(sample("static_program"))) GTEST_SKIP() << "no static libc to link with";
  const std::string program = std::filesystem::canonical(sample("static_program"));
  for (const char *how : {"by_descriptor", "at_descriptor", "at_descriptor_bare", "below_folder"}) {
    EXPECT_EQ(run({sample("starts"), how, program}).exit_code, 3) << how;
    ASSERT_EQ(size("uncounted"), 1u) << how << summary_;
    EXPECT_EQ(summary_.at("uncounted").at(0).at("program"), program.c_str()) << how;
    // One that can be metered is.
    EXPECT_EQ(run({sample("starts"), how, sample("wrong_calls")}, "mismatches>3").exit_code, 0) << summary_;
    EXPECT_EQ(run({sample("starts"), how, sample("wrong_calls")}, "mismatches>2").exit_code, 3) << summary_;
  }
}

TEST_F(Unaccounted, WhoIsMadePastTheHandlersOfAForkAndLeavesNoReportIsNamed) {
  for (const char *how : {"clones", "copies", "copies_bare"}) {
    EXPECT_EQ(run({sample("starts"), how}).exit_code, 3) << how << summary_;
    ASSERT_EQ(size("unreported"), 1u) << how << summary_;
    EXPECT_EQ(summary_.at("unreported").at(0).at("program"), "starts") << how;
  }
}

TEST_F(Unaccounted, AProgramWithAMallocOfItsOwnIsNamedHoweverShortItWas) {
  const Outcome outcome = run({sample("starts"), "vforks", sample("own_allocator")});
  EXPECT_EQ(outcome.exit_code, 3);
  ASSERT_EQ(size("uncounted"), 1u) << summary_;
  EXPECT_TRUE(has(std::string(summary_.at("uncounted").at(0).at("why").as_string()), "own_allocator brings"))
      << summary_;
}

TEST_F(Unaccounted, ARunWithinARunCountsTheSameAndSaysThatTheToolIsNotMetered) {
  const Outcome outcome = run({tool(), "run", "--quiet", "--", sample("wrong_calls")}, "mismatches>2");
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_TRUE(has(outcome.err, "the tool itself runs without the meter")) << outcome << summary_;
  EXPECT_EQ(summary_.at("children").at(0).at("mismatches"), 3) << summary_;
}

TEST_F(Unaccounted, AProgramThatIsNotThereIsNoneAndMeteredOnesAreCounted) {
  EXPECT_EQ(run({sample("starts"), "vforks", playground_ / "absent"}).exit_code, 0) << summary_;
  EXPECT_EQ(size("uncounted"), 0u) << summary_;
  for (const char *how : {"vforks", "spawns", "forks"}) {
    EXPECT_EQ(run({sample("starts"), how, sample("wrong_calls")}, "mismatches>3").exit_code, 0) << summary_;
    EXPECT_EQ(run({sample("starts"), how, sample("wrong_calls")}, "mismatches>2").exit_code, 3) << summary_;
  }
  playground_.set("HEAPMETER_EXCEPT", "wrong_calls");
  EXPECT_EQ(run({sample("starts"), "forks", sample("wrong_calls")}).exit_code, 0) << summary_;
}

TEST_F(Unaccounted, ItIsKnownWhyAReportCouldNotBeWritten) {
  const Outcome outcome = run({"bash", "-c", "ulimit -f 0; true"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_TRUE(has(std::string(summary_.at("why").at(0).as_string()),
                  "its report could not be written: File too large"))
      << summary_;
}

// Root's, in a mount namespace of its own.
class UnaccountedOnAFullDisk : public Unaccounted {
 protected:
  Outcome run_on(const std::string &options, const std::string &program) {
    const auto place = playground_ / "disk";
    std::filesystem::create_directories(place);
    // $1: the place, $2: the tool, $3: the program
    return heapmeter::testing::run(
        {{"unshare", "-m", "sh", "-c",
          "mount -t tmpfs -o " + options +
              " none $1 || exit 9; export TMPDIR=$1; "
              "exec \"$2\" run --json --output $1/../summary --fail-if 'allocations>100000' -- " +
              program,
          "-", place, tool(), sample("starts")},
         playground_.environment()});
  }
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root may mount";
  }
};

TEST_F(UnaccountedOnAFullDisk, WhatWasTakenBeforeAnExecIsNotLostWithoutAWord) {
  // Reports go elsewhere; what is told before an exec fills the rest of the disk.
  const auto reports = playground_ / "reports";
  std::filesystem::create_directories(reports);
  playground_.set("HEAPMETER_REPORT", reports / "%p.json");
  const Outcome outcome =
      run_on("size=64k", "sh -c 'exec 2> /dev/null; head -c 1000000 /dev/zero > $TMPDIR/full; exec true'");
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_TRUE(has(outcome.err, "is cut short, as on a full disk")) << outcome;
}

TEST_F(UnaccountedOnAFullDisk, WhereNoFileCanBeMadeNoConditionPasses) {
  const Outcome outcome = run_on("nr_inodes=6", "\"$3\" leaves");
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_TRUE(has(outcome.err, "there is no room for reports, some of which may be missing")) << outcome;
}

TEST_F(Unaccounted, AReportOfTheUsersOwnIsReadOfEachProcess) {
  playground_.set("HEAPMETER_REPORT", playground_ / "report-%p.json");
  EXPECT_EQ(run({sample("starts"), "forks", sample("wrong_calls")}, "mismatches>3").exit_code, 0) << summary_;
  EXPECT_EQ(size("children"), 1u) << summary_;
  EXPECT_EQ(run({sample("starts"), "is_killed"}).exit_code, 3) << summary_;
}

TEST_F(Unaccounted, WhatNobodyWaitedForIsInProcessorTimeAndResidentMemory) {
  // The kernel keeps no figures of children whose end is ignored.
  run({"perl", "-e",
       "$SIG{CHLD} = 'IGNORE'; fork or do { my $x = 'a' x (64 << 20); my $t; $t += $_ for 1..2000000; exit "
       "}; wait"});
  const double child = summary_.at("children").at(0).at("cpu_seconds").to_number<double>();
  EXPECT_GT(child, 0.02) << summary_;
  EXPECT_GE(summary_.at("cpu_seconds").to_number<double>(), child) << summary_;
  EXPECT_GT(summary_.at("rss_peak_bytes").to_number<double>(), 64 << 20) << summary_;
}

TEST_F(Unaccounted, ResidentMemoryIsTheProgramsNotThatOfTheImageALookIsTakenOf) {
  run({sample("loses_blocks"), "end"}, "lost>1000");
  EXPECT_EQ(summary_.at("rss_peak_bytes"), summary_.at("reading").at("rss_peak_bytes")) << summary_;
}

TEST_F(Unaccounted, ADirectoryForTemporaryFilesMayBeNamedAsAPidIsWritten) {
  const auto place = playground_ / "a%p";
  std::filesystem::create_directory(place);
  playground_.set("TMPDIR", place);
  EXPECT_EQ(run({sample("starts"), "leaves"}).exit_code, 0) << summary_;
  EXPECT_EQ(summary_.at("source"), "report");
}

}  // namespace
