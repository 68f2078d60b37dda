// SPDX-License-Identifier: MIT
//
// A /proc of the test's own, with what hostile processes call themselves.
#include "targets/kin.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/temp_dir.h"

namespace heapmeter::cli {
namespace {

using namespace heapmeter::testing;

class KinTest : public ::testing::Test {
 protected:
  std::filesystem::path file(int pid, const std::string &name) const {
    const auto directory = std::filesystem::path(proc_.path()) / std::to_string(pid);
    std::filesystem::create_directories(directory);
    return directory / name;
  }
  void add(int pid, const std::string &name, int parent, const std::string &cgroup = "0::/\n") const {
    write_file(file(pid, "stat"),
               std::to_string(pid) + " (" + name + ") S " + std::to_string(parent) + " 1 1 0 -1\n");
    write_file(file(pid, "cgroup"), cgroup);
  }
  std::optional<Kin> kin(int pid) const { return kin_of(pid, proc_.path()); }
  TempDir proc_;
};

TEST_F(KinTest, HasNamesParentsAndGroups) {
  add(1, "init", 0);
  add(7, "bash", 1);
  add(42, "server", 7, "2:memory:/docker/abc\n1:name=systemd:/docker/abc\n0::/gone (deleted)\n");
  std::filesystem::create_symlink("/opt/bin/server-main (deleted)", file(42, "exe"));
  const auto found = kin(42);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->names, (std::vector<std::string>{"server", "server-main"}));
  EXPECT_EQ(found->ancestors, (std::vector<int>{7, 1}));
  EXPECT_EQ(found->cgroups, (std::vector<std::string>{"/docker/abc", "/gone"}));
  EXPECT_FALSE(kin(43));
}

TEST_F(KinTest, AHostileNameTellsNoOtherParent) {
  add(7, "bash", 1);
  add(42, "x) S 7 (y) S 99 ", 7);
  ASSERT_TRUE(kin(42));
  EXPECT_EQ(kin(42)->names.front(), "x) S 7 (y) S 99 ");
  EXPECT_EQ(kin(42)->ancestors.front(), 7);
}

TEST_F(KinTest, ACircleEnds) {
  add(7, "a", 8);
  add(8, "b", 7);
  EXPECT_TRUE(kin(7));
}

TEST_F(KinTest, DamagedFilesAreNoProcess) {
  for (const char *text : {"", "42", "42 (x", "42 (x) S", "42 )x( S 1"}) {
    write_file(file(42, "stat"), text);
    EXPECT_FALSE(kin(42)) << text;
  }
}

TEST_F(KinTest, ACommandIsOneLineThatATerminalDoesNotObey) {
  add(42, "x", 1);
  using namespace std::string_literals;
  write_file(file(42, "cmdline"), "perl\0-e\0print \x1b[2J\n\xff\0\0"s);
  EXPECT_EQ(command_of(42, proc_.path()), "perl -e print ?[2J??");
  write_file(file(42, "cmdline"), "");
  EXPECT_EQ(command_of(42, proc_.path()), "[x]");
  write_file(file(42, "cmdline"), std::string(1 << 20, 'a'));
  EXPECT_LE(command_of(42, proc_.path()).size(), 4096u);
  EXPECT_EQ(command_of(43, proc_.path()), "");
}

TEST(Kin, KnowsThisProcess) {
  const auto found = kin_of(getpid());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->ancestors.front(), getppid());
  EXPECT_FALSE(command_of(getpid()).empty());
}

}  // namespace
}  // namespace heapmeter::cli
