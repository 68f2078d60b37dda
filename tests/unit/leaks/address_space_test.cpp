// SPDX-License-Identifier: MIT
#include "leaks/address_space.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "base/sys.h"

using namespace heapmeter::leaks;

namespace {

constexpr const char *kText =
    "55d0c0a00000-55d0c0a02000 r--p 00000000 fe:01 1234                       /usr/bin/a program\n"
    "55d0c0a04000-55d0c0a05000 rw-p 00003000 fe:01 1234                       /usr/bin/a program\n"
    "7f0000000000-7f0000021000 rw-p 00000000 00:00 0 \n"
    "7f0000030000-7f0000031000 ---p 00000000 00:00 0 \n"
    "7f0000040000-7f0000041000 rw-s 00000000 00:01 77                         /dev/zero (deleted)\n"
    "7f0000050000-7f0000051000 rw-s 00000000 00:06 78                         /dev/dri/card0\n"
    "7ffe00000000-7ffe00021000 rw-p 00000000 00:00 0                          [stack]\n"
    "7ffe00030000-7ffe00034000 r--p 00000000 00:00 0                          [vvar]\n"
    "7ffe00040000-7ffe00044000 rwxp 00000000 00:00 0 \n";

TEST(AddressSpace, TakesALineApart) {
  Mapping mappings[16];
  ASSERT_EQ(AddressSpace::parse(kText, mappings, 16), 9u);
  EXPECT_EQ(mappings[0].start, 0x55d0c0a00000u);
  EXPECT_EQ(mappings[0].end, 0x55d0c0a02000u);
  EXPECT_TRUE(mappings[0].readable && !mappings[0].writable && !mappings[0].shared);
  EXPECT_EQ(mappings[0].inode, 1234u);
  EXPECT_EQ(mappings[1].kind, Mapping::Kind::kFile);
  EXPECT_EQ(mappings[2].kind, Mapping::Kind::kAnonymous);
  EXPECT_FALSE(mappings[3].readable);
  EXPECT_TRUE(mappings[4].shared);
  EXPECT_EQ(mappings[4].kind, Mapping::Kind::kMemory);
  EXPECT_TRUE(mappings[4].sparse);
  EXPECT_EQ(mappings[5].kind, Mapping::Kind::kDevice);
  EXPECT_EQ(mappings[6].kind, Mapping::Kind::kStack);
  EXPECT_FALSE(mappings[2].executable);
  EXPECT_TRUE(mappings[8].executable && mappings[8].writable);
  EXPECT_EQ(mappings[7].kind, Mapping::Kind::kKernels);
}

TEST(AddressSpace, StopsWhereThereIsNoRoomOrNoLine) {
  Mapping mappings[3];
  EXPECT_EQ(AddressSpace::parse(kText, mappings, 3), 3u);
  EXPECT_EQ(AddressSpace::parse("", mappings, 3), 0u);
  EXPECT_EQ(AddressSpace::parse("7f0000000000-7f00", mappings, 3), 0u);
  EXPECT_EQ(AddressSpace::parse("7f0000000000-7f0000021000 rw", mappings, 3), 0u);
}

TEST(AddressSpace, IsThatOfThisProcess) {
  AddressSpace space;
  ASSERT_TRUE(space.read("/proc/self/maps"));
  int local = 0;
  const auto address = reinterpret_cast<uintptr_t>(&local);
  const size_t at = space.first_behind(address);
  ASSERT_LT(at, space.size());
  EXPECT_LE(space[at].start, address);
  EXPECT_TRUE(space[at].writable);
  EXPECT_EQ(space.first_behind(UINTPTR_MAX - 1), space.size());
  space.forget();
  EXPECT_FALSE(space.read("/proc/self/no such file"));
}

// What it lists and is gone by then, others could get, whose words would count as the program's.
TEST(AddressSpace, ListsNothingThatIsGoneWhenItHasBeenRead) {
  AddressSpace space;
  ASSERT_TRUE(space.read("/proc/self/maps"));
  for (size_t at = 0; at < space.size(); ++at) {
    if (space[at].kind == Mapping::Kind::kKernels) continue;
    EXPECT_TRUE(heapmeter::sys::is_mapped(reinterpret_cast<const void *>(space[at].start))) << at;
  }
  space.forget();
}

TEST(AddressSpace, IsNoneWhereNotAllOfItIsListed) {
  std::string text;
  for (size_t line = 0; line < AddressSpace::kMost + 1; ++line) {
    char one[64];
    snprintf(one, sizeof one, "%zx-%zx rw-p 00000000 00:00 0\n", (2 * line + 1) << 12, (2 * line + 2) << 12);
    text += one;
  }
  char path[] = "/tmp/heapmeter-maps-XXXXXX";
  const int file = mkstemp(path);
  ASSERT_EQ(write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  AddressSpace space;
  EXPECT_FALSE(space.read(path));
  space.forget();
  ASSERT_EQ(ftruncate(file, static_cast<off_t>(text.rfind('\n', text.size() - 2) + 1)), 0);
  EXPECT_TRUE(space.read(path));
  EXPECT_EQ(space.size(), AddressSpace::kMost);
  space.forget();
  close(file);
  unlink(path);
}

}  // namespace
