// SPDX-License-Identifier: MIT
#include "elf_segments.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "smaps.h"
#include "support/meter.h"
#include "support/temp_dir.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

char beyond_any_file[3 << 20];

// This program's own, by what its loader made of it.
TEST(ElfSegments, TellWhereTheDataEnds) {
  beyond_any_file[sizeof beyond_any_file - 1] = 1;
  const auto last = reinterpret_cast<std::uint64_t>(&beyond_any_file[sizeof beyond_any_file - 1]);
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  const auto segments = read_segments(program);
  ASSERT_FALSE(segments.empty());
  int ends = 0;
  for (const Mapping &mapping : parse_smaps(read_file("/proc/self/smaps"))) {
    if (mapping.name != program || !mapping.writable()) continue;
    const auto end = data_end(segments, mapping.start, mapping.offset);
    ASSERT_TRUE(end);
    EXPECT_GT(*end, last);
    EXPECT_LT(*end, last + (1 << 20));
    EXPECT_EQ(*end % static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)), 0u);
    ++ends;
  }
  EXPECT_GT(ends, 0);
}

TEST(ElfSegments, OfWhatHasNoDataBehindAreNotAskedForIt) {
  const std::vector<ElfSegment> segments = {{0, 0, 0x1800, 0x1800}, {0x1800, 0x2800, 0x400, 0x5000}};
  EXPECT_FALSE(data_end(segments, 0x700000, 0));
  EXPECT_EQ(data_end(segments, 0x702000, 0x1000), 0x708000u);
  EXPECT_FALSE(data_end(segments, 0x702000, 0x3000));
}

TEST(ElfSegments, OfWhatIsNoElfFileAreNone) {
  const TempDir dir;
  EXPECT_TRUE(read_segments(dir / "missing").empty());
  EXPECT_TRUE(read_segments("/dev/zero").empty());
  const std::string elf = read_file("/proc/self/exe").substr(0, 100);
  for (const std::string &text : {std::string(),
                                  std::string("\x7f"
                                              "ELF"),
                                  elf, std::string(5000, 'x')}) {
    write_file(dir / "file", text);
    EXPECT_TRUE(read_segments(dir / "file").empty());
  }
}

}  // namespace
