// SPDX-License-Identifier: MIT
//
// Fork, vfork, posix_spawn, _Fork, raw clone and exec under the meter: who is visible, whose books go on, and
// that nobody is hurt.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <regex>

#include "support/http.h"
#include "support/meter.h"

namespace heapmeter::testing {
namespace {

pid_t announced_child(const Process &process) {
  std::smatch match;
  std::string out;
  const bool said = eventually([&] {
    out = process.out();
    return std::regex_search(out, match, std::regex("child ([0-9]+)\n"));
  });
  if (!said) throw std::runtime_error("no child was announced: " + process.out() + process.err());
  return std::stoi(match[1]);
}

class Forked : public ::testing::TestWithParam<const char *> {};

TEST_P(Forked, ChildIsVisibleAndItsBooksGoOn) {
  Meter meter;
  Command command{{victim("family"), GetParam()}};
  command.environment = meter.environment();
  Process parent(command);
  const pid_t child = announced_child(parent);
  const Reading of_parent = meter.snapshot(parent.pid());
  const Reading of_child = meter.snapshot(child);
  EXPECT_EQ(of_child["pid"], child);
  EXPECT_EQ(of_child["parent_pid"], parent.pid());
  EXPECT_GE(of_parent["live_bytes"], 7001);
  EXPECT_EQ(of_child["live_bytes"], of_parent["live_bytes"] + 3 * 5003)
      << "the parent's blocks are the child's too";
  EXPECT_EQ(of_child["live_blocks"], of_parent["live_blocks"] + 3);
  EXPECT_EQ(of_child["counting_since_ns"], of_parent["counting_since_ns"]);
  kill(child, SIGTERM);
  const Outcome outcome = parent.wait();
  EXPECT_EQ(outcome.exit_code, 7) << outcome;
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(meter.sockets().empty());
  const Reading report = meter.report(child);
  EXPECT_EQ(report["live_bytes"], of_parent["live_bytes"]) << "a child has a report of its own";
  EXPECT_FALSE(of_parent.fields().contains("before_fork"));
  const Reading inherited(report.fields().at("before_fork").as_object());
  EXPECT_EQ(inherited["live_bytes"], of_parent["live_bytes"]) << "what it has from its parent is told apart";
  EXPECT_EQ(inherited["allocations"], of_parent["allocations"]);
  EXPECT_EQ(report["allocations"] - inherited["allocations"],
            of_child["allocations"] - of_parent["allocations"]);
  EXPECT_EQ(report["freed_bytes"] - inherited["freed_bytes"],
            of_child["freed_bytes"] - of_parent["freed_bytes"] + 3 * 5003);
}

INSTANTIATE_TEST_SUITE_P(Ways, Forked, ::testing::Values("fork"),
                         [](const auto &info) { return std::string(info.param); });

// A parent that has been read knows when it started; that is not when its child did.
TEST(Children, ChildOfAReadParentHasAStartOfItsOwn) {
  Meter meter;
  Command command{{program("bash"), "--norc", "-c",
                   "trap 'go=1' USR1; echo ready; until [ $go ]; do sleep 0.02; done; "
                   "(echo child $BASHPID; while :; do sleep 0.02; done) & wait"}};
  command.environment = meter.environment();
  Process parent(command);
  ASSERT_TRUE(eventually([&] { return parent.out() == "ready\n"; })) << parent.err();
  const auto start_of_parent = meter.snapshot(parent.pid())["start_time"];
  kill(parent.pid(), SIGUSR1);
  const pid_t child = announced_child(parent);
  const auto start_of_child = meter.snapshot(child)["start_time"];
  EXPECT_GT(start_of_child, start_of_parent);
  EXPECT_EQ(meter.socket_of(child).stem(), std::to_string(child) + "-" + std::to_string(start_of_child));
}

// Ways that run no handler of ours: the child may go unserved, but must live, and must not be taken for its
// parent.
class Unannounced : public ::testing::TestWithParam<const char *> {};

TEST_P(Unannounced, ChildLivesAndTheParentStaysReadable) {
  Meter meter;
  Command command{{victim("family"), GetParam()}};
  command.environment = meter.environment();
  Process parent(command);
  const pid_t child = announced_child(parent);
  EXPECT_EQ(meter.snapshot(parent.pid())["pid"], parent.pid());
  kill(child, SIGTERM);
  const Outcome outcome = parent.wait();
  EXPECT_EQ(outcome.exit_code, 7) << outcome;
  EXPECT_EQ(outcome.err, "");
  EXPECT_GE(meter.report(parent.pid())["live_bytes"], 0);
  if (meter.reported(child)) {
    EXPECT_EQ(meter.report(child)["pid"], child);
    EXPECT_TRUE(meter.report(child).fields().at("before_fork").is_null()) << "nobody noted it";
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, Unannounced, ::testing::Values("_Fork", "clone"), [](const auto &info) {
  return std::string(info.param[0] == '_' ? "underscore_Fork" : "clone");
});

class Executed : public ::testing::TestWithParam<const char *> {};

TEST_P(Executed, ProgramIsMeteredAnew) {
  Meter meter;
  Command command{{victim("family"), GetParam(), victim("holder"), "4", "3001"}};
  command.environment = meter.environment();
  Process parent(command);
  ASSERT_TRUE(eventually([&] { return parent.out() == "ready\n"; })) << parent.err();
  pid_t holder = 0;
  EXPECT_TRUE(eventually([&] {
    for (const auto &socket : meter.sockets()) {
      try {
        const auto identity = get(socket, "/").json().as_object();
        if (identity.at("name").as_string() == "holder") holder = identity.at("pid").to_number<pid_t>();
      } catch (const std::exception &) {  // a socket of a program that is just being replaced
      }
    }
    return holder != 0;
  })) << "the executed program is not served";
  const Reading reading = meter.snapshot(holder);
  EXPECT_GE(reading["live_bytes"], 4 * 3001);
  EXPECT_LT(reading["live_bytes"], 4 * 3001 + 7001) << "the old program's block is gone with it";
  EXPECT_EQ(holder == parent.pid(), std::string(GetParam()) == "exec");
  kill(holder, SIGTERM);
  const Outcome outcome = parent.wait();
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_EQ(outcome.err, "");
}

INSTANTIATE_TEST_SUITE_P(Ways, Executed, ::testing::Values("vfork", "spawn", "exec"),
                         [](const auto &info) { return std::string(info.param); });

TEST(Followed, ExecutedProgramIsLeftAloneWhenFollowingIsOff) {
  Meter meter;
  Command command{
      {victim("family"), "vfork", program("sh"), "-c", "grep -c libheapmeter /proc/self/maps; true"}};
  command.environment = meter.environment();
  EXPECT_NE(run(command).out, "0\n");
  command.environment["HEAPMETER_FOLLOW"] = "off";
  EXPECT_EQ(run(command).out, "0\n");
}

TEST(Brief, ShortLivedProcessesNeverTouchTheFileSystem) {
  Meter meter;
  Command command{{victim("family"), "brief"}};
  command.environment = meter.environment();
  command.environment["HEAPMETER_REPORT"] = "off";
  const auto written = std::filesystem::last_write_time(meter.directory());
  for (int i = 0; i < 20; ++i) {
    Command one{{program("true")}};
    one.environment = command.environment;
    EXPECT_TRUE(run(one).ok());
  }
  EXPECT_EQ(std::filesystem::last_write_time(meter.directory()), written) << "a socket was made";
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.exit_code, 7) << outcome;
  EXPECT_TRUE(meter.sockets().empty());
}

// Another libc's dynamic linker takes $LIB for a folder's name, and leaves out what it does not find.
TEST(Children, OfMuslRunUncountedWhereThePreloadNamesItsFolderByLib) {
  if (access("/usr/bin/musl-gcc", X_OK) != 0) GTEST_SKIP() << "musl-tools is not installed";
  const TempDir dir;
  const std::string triple = run({{"/usr/bin/gcc", "-print-multiarch"}}).out;
  const std::filesystem::path folder = dir / "lib/" / triple.substr(0, triple.find('\n'));
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(library(), folder / "libheapmeter.so");
  write_file(dir / "child.c", "#include <stdio.h>\nint main(void) { return puts(\"lives\") < 0; }\n");
  const Outcome built = run({{"/usr/bin/musl-gcc", "-o", dir / "child", dir / "child.c"}});
  ASSERT_TRUE(built.ok()) << built;
  Meter meter;
  Command command{{program("perl"), "-e", "exit system($ARGV[0]) >> 8", dir / "child"}};
  command.environment = meter.environment();
  command.environment["LD_PRELOAD"] = (dir / "$LIB/libheapmeter.so").string();
  const Outcome outcome = run(command);
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_EQ(outcome.out, "lives\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(meter.reports().size(), 1u) << "perl is metered";
}

// The thread that was giving memory back when its process forked is not there in the child.
TEST(Children, GiveBackWhatTheirParentWasGivingBack) {
  Meter meter;
  Command command{{victim("fork_amid_collection")}};
  command.environment = meter.environment();
  const Outcome outcome = run(command);
  if (outcome.exit_code == 77) GTEST_SKIP() << "no mimalloc to be watched while it gives back";
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_EQ(outcome.out, "gives back\n") << outcome;
}

}  // namespace
}  // namespace heapmeter::testing
