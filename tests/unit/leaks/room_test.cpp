// SPDX-License-Identifier: MIT
#include "leaks/room.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

using namespace heapmeter::leaks;

namespace {

namespace fs = std::filesystem;

class Room : public ::testing::Test {
 protected:
  Room() {
    char name[] = "/tmp/heapmeter-room-XXXXXX";
    root_ = mkdtemp(name);
    fs::create_directories(root_ / "groups" / "pod" / "box");
  }
  ~Room() override { fs::remove_all(root_); }

  void put(const fs::path &file, const std::string &text) const {
    std::ofstream(root_ / "groups" / file) << text << "\n";
  }
  void limit(const fs::path &group, const char *most, const char *now, const char *together) const {
    put(group / "memory.max", most);
    put(group / "memory.current", now);
    put(group / "memory.oom.group", together);
  }
  bool has(uint64_t bytes, const std::string &group = "0::/pod/box") const {
    put("of_process", group);
    return room::has((root_ / "groups/of_process").c_str(), (root_ / "groups").c_str(), bytes);
  }

  fs::path root_;
};

TEST_F(Room, IsWhatTheLimitLeavesWhereAllGoTogether) {
  limit("pod/box", "1000", "600", "1");
  EXPECT_TRUE(has(400));
  EXPECT_FALSE(has(401));
}

TEST_F(Room, IsNotAskedForWhereTheCopyGoesAlone) {
  limit("pod/box", "1000", "999", "0");
  EXPECT_TRUE(has(1 << 30));
}

TEST_F(Room, CountsWhatFilesGiveBack) {
  limit("pod/box", "1000", "900", "1");
  put("pod/box/memory.stat", "anon 100\nfile 800\ninactive_anon 3\ninactive_file 700\nactive_file 100");
  EXPECT_TRUE(has(800));
  EXPECT_FALSE(has(801));
}

// All below the limit that are in one group with the process, whoever has the limit.
TEST_F(Room, IsThatOfTheGroupsAboveToo) {
  limit("pod/box", "max", "600", "1");
  limit("pod", "1000", "700", "0");
  EXPECT_TRUE(has(300));
  EXPECT_FALSE(has(301));
  limit("pod/box", "max", "600", "0");
  EXPECT_TRUE(has(301));
  limit("", "1000", "800", "1");
  EXPECT_FALSE(has(201));
}

// A container's own, at the root of what it sees; other kinds of groups; none at all.
TEST_F(Room, IsKnownWhereverTheGroupIsKnown) {
  limit("", "1000", "600", "1");
  EXPECT_FALSE(has(401, "0::/"));
  EXPECT_FALSE(has(401, "12:pids:/x\n1:name=systemd:/\n0::/"));
  EXPECT_TRUE(has(401, "4:memory:/pod/box\n1:name=systemd:/"));
  EXPECT_TRUE(has(401, "0::/../elsewhere"));
  EXPECT_TRUE(room::has("/no/such/file", "/sys/fs/cgroup", 1 << 30));
}

TEST_F(Room, OfACopyIsWhatThisProcessHasOfItsOwn) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the sanitizer has memory of its own for what is written here";
#endif
  const uint64_t before = room::bytes_of_copy();
  const std::vector<char> more(64 << 20, 'x');
  asm volatile("" : : "r"(more.data()) : "memory");  // clang would do without it
  EXPECT_GE(room::bytes_of_copy(), before + (60 << 20));
  EXPECT_LT(room::bytes_of_copy(), before + (128 << 20));
}

}  // namespace
