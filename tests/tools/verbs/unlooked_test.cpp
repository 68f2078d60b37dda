// SPDX-License-Identifier: MIT
//
// What a look cannot see is said, and where none can be taken the user is told why.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <filesystem>
#include <fstream>

#include "support/meter.h"
#include "system/registers.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

class Unlooked : public ::testing::Test {
 protected:
  void start(Command command) {
    for (const auto &[name, value] : playground_.environment()) command.environment[name] = value;
    command.environment["LD_PRELOAD"] = library();
    process_ = std::make_unique<Process>(command);
  }
  void start(std::vector<std::string> words) { start(Command{std::move(words)}); }
  bool ready() {
    return eventually([&] { return process_->out() == "ready\n" || !process_->running(); }) &&
           process_->out() == "ready\n";
  }
  Outcome leaks(std::vector<std::string> options = {"--once"}) {
    options.insert(options.begin(), {"leaks", socket_of(playground_.sockets(), process_->pid())});
    return playground_.run(options);
  }
  void expect_refused(const Outcome &outcome, const std::string &reason) {
    EXPECT_EQ(outcome.exit_code, 1) << outcome;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(reason), std::string::npos) << outcome;
    EXPECT_TRUE(process_->running());
  }

  Playground playground_;
  std::unique_ptr<Process> process_;
};

TEST_F(Unlooked, MemoryThatNobodyMayReadIsSaid) {
  start({sample("holds_in_secret")});
  if (!ready()) {
    const Outcome outcome = process_->wait();
    ASSERT_EQ(outcome.exit_code, 77) << outcome;
    GTEST_SKIP() << outcome.out;
  }
  const Outcome outcome = leaks({"--wait=0.1", "--json"});
  ASSERT_TRUE(outcome.ok()) << outcome;
  const json::object found = json::parse(outcome.out).as_object();
  EXPECT_EQ(found.at("not_looked_at_bytes").to_number<std::int64_t>(), 65536) << found;
  EXPECT_NE(
      unfolded(leaks().out)
          .find("Not looked at: 64.0 KiB, which could not be read: what only that holds is among these."),
      std::string::npos)
      << leaks();
}

// As many as it may have, of a group that the kernel counts processes in. "" when it was made, else why not.
class GroupOfPids {
 public:
  GroupOfPids() {
    for (const char *mount : {"/sys/fs/cgroup/pids", "/sys/fs/cgroup"}) {
      remove_left_behind(mount);
      const fs::path group = fs::path(mount) / (kName + std::to_string(getpid()));
      std::error_code failed;
      if (!fs::create_directory(group, failed)) continue;
      group_ = group;
      if (fs::exists(group / "pids.max")) return;
      leave();
    }
  }
  ~GroupOfPids() { leave(); }
  GroupOfPids(const GroupOfPids &) = delete;
  GroupOfPids &operator=(const GroupOfPids &) = delete;

  const fs::path &path() const { return group_; }
  bool exists() const { return !group_.empty(); }
  bool put(const char *file, const std::string &text) const {
    return static_cast<bool>(std::ofstream(group_ / file) << text << std::flush);
  }

 private:
  static constexpr const char *kName = "heapmeter-test-";
  // By a test that was killed; nobody is in it any more.
  static void remove_left_behind(const fs::path &mount) {
    std::error_code failed;
    std::vector<fs::path> left;
    for (const auto &entry : fs::directory_iterator(mount, failed)) {
      const std::string name = entry.path().filename();
      if (name.starts_with(kName) && !fs::exists("/proc/" + name.substr(strlen(kName))))
        left.push_back(entry.path());
    }
    for (const fs::path &each : left) rmdir(each.c_str());
  }
  void leave() {
    // Whoever was in it has been waited for; the kernel lets go of them a moment later.
    eventually([&] { return group_.empty() || rmdir(group_.c_str()) == 0; });
    group_.clear();
  }
  fs::path group_;
};

TEST_F(Unlooked, WhereNoMoreProcessesMayBeMadeTheReasonIsSaidAndTheProgramGoesOn) {
  const GroupOfPids group;
  if (!group.exists())
    GTEST_SKIP() << "no group of pids can be made: that takes root, and the kernel's pids groups";
  start({program("setpriv"), "--pdeathsig", "KILL", sample("in_a_register")});
  ASSERT_TRUE(ready());
  // Of fewer the meter takes none. They end with whoever holds the other end of the pipe, so with this test.
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const std::string theirs = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(ends[0]);
  Process crowd({{program("sh"), "-c",
                  "echo $$ > \"$0\" && exec 3< \"$1\" && "
                  "for each in $(seq 130); do read nothing <&3 & done; echo ready; wait",
                  group.path() / "cgroup.procs", theirs}});
  ASSERT_TRUE(eventually([&] { return crowd.out() == "ready\n"; })) << crowd.err();
  ASSERT_TRUE(group.put("cgroup.procs", std::to_string(process_->pid())));
  ASSERT_TRUE(group.put("pids.max", "128"));
  for (int i = 0; i < 3; ++i)
    expect_refused(leaks(), "has as many processes as it may (ulimit -u, pids.max)");
  ASSERT_TRUE(group.put("pids.max", "max"));
  EXPECT_TRUE(leaks().ok());
  close(ends[1]);
  close(ends[0]);
  EXPECT_TRUE(eventually([&] { return !crowd.running(); })) << "they do not end with the test";
  process_->signal(SIGTERM);
  EXPECT_EQ(process_->wait().signal, SIGTERM);
}

// Where memory runs out the kernel ends all of the group, not only the copy.
TEST_F(Unlooked, WhereAGroupEndsTogetherAndHasNoRoomTheReasonIsSaid) {
  const std::string group = "/sys/fs/cgroup";
  Command command{
      {program("unshare"), "--mount", "--map-root-user", "--user", "sh", "-c",
       "mount -t tmpfs none " + group + " && cd " + group +
           " && echo 1 > memory.oom.group && echo 4096 > memory.max && echo 0 > memory.current && "
           "LD_PRELOAD=" +
           library().string() + " exec \"$0\"",
       sample("in_a_register")}};
  for (const auto &[name, value] : playground_.environment()) command.environment[name] = value;
  process_ = std::make_unique<Process>(command);
  if (!ready()) GTEST_SKIP() << "no namespace of mounts and users here: " << process_->err();
  expect_refused(leaks(), "its control group has no room for a copy, and ends all in it together");
}

TEST_F(Unlooked, WhereAddressesAreLimitedTheReasonIsSaid) {
  start({program("sh"), "-c", "ulimit -v 65536 && exec \"$0\"", sample("in_a_register")});
  ASSERT_TRUE(ready());
  expect_refused(leaks(), "there is no memory for a look");
}

TEST(RefusalToTrace, IsByTheKernelsScopeOfTracing) {
  using heapmeter::cli::refusal_by_scope;
  EXPECT_EQ(refusal_by_scope("1\n"),
            "kernel.yama.ptrace_scope is 1: run this as root, or 'sysctl kernel.yama.ptrace_scope=0'");
  EXPECT_EQ(refusal_by_scope("2\n"),
            "kernel.yama.ptrace_scope is 2: run this as root, or 'sysctl kernel.yama.ptrace_scope=0'");
  EXPECT_EQ(refusal_by_scope("3\n"),
            "kernel.yama.ptrace_scope is 3: nobody may trace anything until the next boot");
  EXPECT_NE(refusal_by_scope("0").find("as root, with CAP_SYS_PTRACE"), std::string::npos);
}

}  // namespace
