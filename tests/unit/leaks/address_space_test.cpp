// SPDX-License-Identifier: MIT
#include "leaks/address_space.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

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
    "7ffe00030000-7ffe00034000 r--p 00000000 00:00 0                          [vvar]\n";

TEST(AddressSpace, TakesALineApart) {
  Mapping mappings[16];
  ASSERT_EQ(AddressSpace::parse(kText, mappings, 16), 8u);
  EXPECT_EQ(mappings[0].start, 0x55d0c0a00000u);
  EXPECT_EQ(mappings[0].end, 0x55d0c0a02000u);
  EXPECT_TRUE(mappings[0].readable && !mappings[0].writable && !mappings[0].shared);
  EXPECT_EQ(mappings[0].inode, 1234u);
  EXPECT_EQ(mappings[1].kind, Mapping::Kind::kFile);
  EXPECT_EQ(mappings[2].kind, Mapping::Kind::kAnonymous);
  EXPECT_FALSE(mappings[3].readable);
  EXPECT_TRUE(mappings[4].shared);
  EXPECT_EQ(mappings[4].kind, Mapping::Kind::kFile);
  EXPECT_EQ(mappings[5].kind, Mapping::Kind::kDevice);
  EXPECT_EQ(mappings[6].kind, Mapping::Kind::kStack);
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

}  // namespace
