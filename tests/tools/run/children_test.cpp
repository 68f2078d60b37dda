// SPDX-License-Identifier: MIT
//
// What a metered program starts may be of another kind than the library: it runs as it would, uncounted, and
// nobody says a word; what is of its kind is counted, by whatever way the preload came to it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json/parse.hpp>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

class RunChildren : public ::testing::Test {
 protected:
  // Whoever is started, perl starts it; the two are told apart by what they count.
  Outcome started_by_perl(std::vector<std::string> child) const {
    std::vector<std::string> arguments = {"run", "--json",        "--output", playground_ / "summary.json",
                                          "--",  program("perl"), "-e",       "exit system(@ARGV) >> 8"};
    arguments.insert(arguments.end(), child.begin(), child.end());
    return playground_.run(arguments);
  }
  std::int64_t counted() const {
    const auto summary = boost::json::parse(read_file(playground_ / "summary.json")).as_object();
    return summary.at("sum").at("processes").to_number<std::int64_t>();
  }
  void expect_uncounted(const std::string &child) const {
    const Outcome outcome = started_by_perl({child});
    EXPECT_EQ(outcome.exit_code, 7) << outcome;
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(counted(), 1);
  }
  std::string built(std::vector<std::string> compiler, const std::string &source) const {
    write_file(playground_ / "child.c", source);
    compiler.insert(compiler.end(), {"-o", playground_ / "child", playground_ / "child.c"});
    const Outcome outcome = run({compiler});
    EXPECT_TRUE(outcome.ok()) << outcome;
    return playground_ / "child";
  }
  Playground playground_;
};

// 2000 blocks of 1000 bytes, and then another program, which frees none of them.
constexpr const char *kTakesAndLeaves = "my @kept = map { 'x' x 1000 } 1..2000; exec $ARGV[0] or exit 9";

TEST_F(RunChildren, AreCountedUntilTheyBecomeAnotherProgram) {
  playground_.set("PERL_HASH_SEED", "0");  // by which its tables grow sooner or later
  const auto summary = [&](const std::vector<std::string> &command) {
    std::vector<std::string> arguments = {"run", "--json", "--output", playground_ / "summary.json", "--"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    const Outcome outcome = playground_.run(arguments);
    EXPECT_TRUE(outcome.ok()) << outcome;
    return boost::json::parse(read_file(playground_ / "summary.json")).as_object();
  };
  const std::vector<std::string> takes = {program("perl"), "-e", kTakesAndLeaves, program("true")};
  const auto alone = summary(takes);
  EXPECT_GT(alone.at("sum").at("allocated_bytes").to_number<std::int64_t>(), 2'000'000);
  EXPECT_EQ(alone.at("sum").at("processes").to_number<std::int64_t>(), 1);
  // In a child it is the same, without what it was forked with.
  const auto allocated = [](const auto &run) {
    return run.at("sum").at("allocated_bytes").template to_number<std::int64_t>();
  };
  const std::string holds = "my $kept = 'y' x 5000000; !@ARGV or system(@ARGV) == 0 or exit 9";
  std::vector<std::string> forks = {program("perl"), "-e", holds};
  const auto parent = summary(forks);
  forks.insert(forks.end(), takes.begin(), takes.end());
  const auto both = summary(forks);
  EXPECT_GE(allocated(both), allocated(parent) + allocated(alone));
  EXPECT_LE(allocated(both), allocated(parent) + allocated(alone) + 1'000'000);
  EXPECT_EQ(both.at("sum").at("processes").to_number<std::int64_t>(), 2);
}

// In the directory where programs that give root's rights up leave theirs, anybody may leave what he likes.
TEST_F(RunChildren, HaveReportsOfOthersReadUpToSomeMegabytes) {
  if (geteuid() != 0) GTEST_SKIP() << "only root's run takes reports of other users";
  std::filesystem::permissions(playground_ / ".", std::filesystem::perms(0711));
  const std::string forges =
      "export d=$HEAPMETER_RUN; exec env -u LD_PRELOAD setpriv --reuid=65534 --regid=65534 --clear-groups "
      "bash -c 'for i in {1..40}; do head -c 1000000 /dev/zero >$d/$i.json || exit 7; done'";
  const Outcome outcome = playground_.run(
      {"run", "--json", "--output", playground_ / "summary.json", "--", program("bash"), "-c", forges});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_NE(outcome.err.find("24 reports of other users are too much to be read"), std::string::npos)
      << outcome;
}

TEST_F(RunChildren, OfMuslRunOn) {
  if (access("/usr/bin/musl-gcc", X_OK) != 0) GTEST_SKIP() << "musl-tools is not installed";
  expect_uncounted(built({"/usr/bin/musl-gcc"}, "int main(void) { return 7; }\n"));
}

TEST_F(RunChildren, Of32BitsRunOnInSilence) {
  if (access("/lib/ld-linux.so.2", X_OK) != 0) GTEST_SKIP() << "libc6-i386 is not installed";
  expect_uncounted(
      built({"/usr/bin/gcc", "-m32", "-nostdlib", "-pie", "-fPIE", "-Wl,--dynamic-linker=/lib/ld-linux.so.2"},
            "void _start(void) { __asm__(\"mov $1, %eax; mov $7, %ebx; int $0x80\"); }\n"));
}

// This machine's libc, without the newest name that the library needs of one.
TEST_F(RunChildren, OfAGlibcThatLacksAVersionAreNamedAndRefusedAsThePrograms) {
  if (access("/lib64/ld-linux-x86-64.so.2", X_OK) != 0) GTEST_SKIP() << "not a libc of x86-64";
  const std::string linker = playground_ / "ld-linux-x86-64.so.2";
  const Outcome spoilt =
      run({{program("bash"), "-c",
            "cd $0; for file in /lib64/ld-linux-x86-64.so.2 $(gcc -print-file-name=libc.so.6); do "
            "LC_ALL=C sed 's/\\x00GLIBC_2[.]35\\x00/\\x00GLIBC_0.35\\x00/' $file > ${file##*/}; done; "
            "chmod +x ld-linux-x86-64.so.2",
            std::filesystem::path(linker).parent_path()}});
  ASSERT_TRUE(spoilt.ok()) << spoilt;
  const std::string child = built({"/usr/bin/gcc", "-Wl,--dynamic-linker=" + linker,
                                   "-Wl,-rpath," + std::filesystem::path(linker).parent_path().string()},
                                  "int main(void) { return 7; }\n");
  ASSERT_EQ(run({{child}}).exit_code, 7);
  const std::string reason = "version `GLIBC_2.35' not found";
  const Outcome refused = playground_.run({"run", "--", child});
  EXPECT_EQ(refused.exit_code, 1) << refused;
  EXPECT_NE(refused.err.find("cannot be loaded into"), std::string::npos) << refused;
  EXPECT_NE(refused.err.find(reason), std::string::npos) << refused;
  started_by_perl({child});
  EXPECT_NE(read_file(playground_ / "summary.json").find(reason), std::string::npos) << "run says why";
}

TEST_F(RunChildren, OfItsKindAreCountedByWhateverTextThePreloadCameTo) {
  const std::string inherited = "perl -e 'exit 7'";
  const std::string written = "eval \"LD_PRELOAD=$LD_PRELOAD perl -e 'exit 7'\"";
  for (const std::string &command : {inherited, written}) {
    const Outcome outcome = started_by_perl({program("bash"), "-c", command + "; exit $?"});
    EXPECT_EQ(outcome.exit_code, 7) << outcome;
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(counted(), 3) << command;
  }
}

}  // namespace
