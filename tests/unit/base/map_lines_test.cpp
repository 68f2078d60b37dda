// SPDX-License-Identifier: MIT
#include "base/map_lines.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

namespace heapmeter {
namespace {

class MapLinesTest : public ::testing::Test {
 protected:
  ~MapLinesTest() override {
    if (fd_ >= 0) close(fd_);
  }
  // Its path.
  std::string file(const std::string &text) {
    fd_ = memfd_create("maps", MFD_CLOEXEC);
    EXPECT_EQ(write(fd_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    return "/proc/self/fd/" + std::to_string(fd_);
  }
  int fd_ = -1;
  char text_[64];
  MapLine line_;
};

TEST_F(MapLinesTest, TakesALineApart) {
  const char *text =
      "7f00a000-7f00b000 r--s 00001000 08:01 1234    /usr/lib/a b.so\n"
      "7ffe0000-7fff0000 rw-p 00000000 00:00 0 \nrest";
  ASSERT_TRUE(take_map_line(text, line_));
  EXPECT_EQ(line_.start, 0x7f00a000u);
  EXPECT_EQ(line_.end, 0x7f00b000u);
  EXPECT_EQ(line_.inode, 1234u);
  EXPECT_TRUE(line_.readable && !line_.writable && line_.shared);
  EXPECT_EQ(std::string(line_.name, line_.name_bytes), "/usr/lib/a b.so");
  ASSERT_TRUE(take_map_line(text, line_));
  EXPECT_EQ(line_.start, 0x7ffe0000u);
  EXPECT_TRUE(line_.readable && line_.writable && !line_.shared);
  EXPECT_EQ(line_.name_bytes, 0u);
  EXPECT_FALSE(take_map_line(text, line_)) << "what is no line is none";
}

TEST_F(MapLinesTest, NeedsNoMoreThanWhatThereIs) {
  for (const char *text : {"", "7f00", "7f00-", "7f00-7f01", "7f00-7f01 r", "7f00-7f01 rw-p"})
    EXPECT_FALSE(take_map_line(text, line_)) << text;
}

TEST_F(MapLinesTest, CutsANameThatHasNoRoomAndGoesOn) {
  MapLines lines(file("1000-2000 r--p 00000000 08:01 7 /" + std::string(5000, 'x') +
                      "\n3000-4000 rw-p 00000000 00:00 0 [heap]\n")
                     .c_str());
  ASSERT_TRUE(lines.next(text_, sizeof text_, line_));
  EXPECT_TRUE(lines.is_cut());
  EXPECT_EQ(line_.end, 0x2000u);
  ASSERT_TRUE(lines.next(text_, sizeof text_, line_));
  EXPECT_FALSE(lines.is_cut());
  EXPECT_STREQ(line_.name, "[heap]");
  EXPECT_FALSE(lines.next(text_, sizeof text_, line_));
}

TEST_F(MapLinesTest, OfAFileThatIsNotThereThereAreNone) {
  MapLines lines("/nonexistent/maps");
  EXPECT_FALSE(lines.opened());
  EXPECT_FALSE(lines.next(text_, sizeof text_, line_));
}

TEST_F(MapLinesTest, FindsAMappingOfThisProcess) {
  const auto bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void *page = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(page, MAP_FAILED);
  const auto address = reinterpret_cast<uintptr_t>(page);
  MapLines lines("/proc/self/maps");
  bool found = false;
  while (lines.next(text_, sizeof text_, line_)) found |= address >= line_.start && address < line_.end;
  munmap(page, bytes);
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace heapmeter
