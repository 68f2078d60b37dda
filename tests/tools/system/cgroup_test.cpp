// SPDX-License-Identifier: MIT
#include "system/cgroup.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

constexpr const char *kVersion2 =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr const char *kVersion1 =
    "32 25 0:29 / /sys/fs/cgroup/memory rw,relatime shared:13 - cgroup cgroup rw,memory\n"
    "33 25 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

TEST(Cgroup, IsFoundInVersion2) {
  const auto place = find_cgroup("0::/user.slice/app\n", kVersion2);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->version, 2);
  EXPECT_EQ(place->group, "/sys/fs/cgroup/user.slice/app");
}

TEST(Cgroup, IsFoundInVersion1BesideAVersion2WithoutMemory) {
  const auto place = find_cgroup("9:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/\n", kVersion1);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->version, 1);
  EXPECT_EQ(place->group, "/sys/fs/cgroup/memory/docker/abc");
}

TEST(Cgroup, OfAContainerThatSeesItsOwnPartOnly) {
  const auto place = find_cgroup("0::/docker/abc/inner\n",
                                 "30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n");
  ASSERT_TRUE(place);
  EXPECT_EQ(place->group, "/sys/fs/cgroup/inner");
  EXPECT_FALSE(find_cgroup("0::/../other\n", kVersion2)) << "above what is mounted here";
}

TEST(Cgroup, OfAMachineWithoutThem) {
  EXPECT_FALSE(find_cgroup("", kVersion2));
  EXPECT_FALSE(find_cgroup("0::/a\n", ""));
  EXPECT_FALSE(find_cgroup("rubbish\n::\n0:\n", kVersion2));
}

TEST(Cgroup, HasTheTightestLimitOnTheWayUp) {
  const TempDir dir;
  std::filesystem::create_directories(dir / "a/b");
  write_file(dir / "a/memory.max", "50000\n");
  write_file(dir / "a/b/memory.max", "max\n");
  write_file(dir / "a/b/memory.current", "40000\n");
  const auto group = read_cgroup({2, "/a/b", dir.path(), dir / "a/b"});
  ASSERT_TRUE(group);
  EXPECT_EQ(group->used_bytes, 40000u);
  EXPECT_EQ(group->limit_bytes, 50000u);
  write_file(dir / "a/memory.max", "max\n");
  EXPECT_FALSE(read_cgroup({2, "/a/b", dir.path(), dir / "a/b"})->limit_bytes);
  EXPECT_FALSE(read_cgroup({2, "/", dir.path(), dir.path()})) << "the root has no figures";
}

TEST(Cgroup, OfVersion1HasNoLimitWhenItIsHuge) {
  const TempDir dir;
  write_file(dir / "memory.usage_in_bytes", "40000\n");
  write_file(dir / "memory.limit_in_bytes", "9223372036854771712\n");
  const auto group = read_cgroup({1, "/", dir.path(), dir.path()});
  ASSERT_TRUE(group);
  EXPECT_FALSE(group->limit_bytes);
  write_file(dir / "memory.limit_in_bytes", "1048576\n");
  EXPECT_EQ(read_cgroup({1, "/", dir.path(), dir.path()})->limit_bytes, 1048576u);
}

}  // namespace
