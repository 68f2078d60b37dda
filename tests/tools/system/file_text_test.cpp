// SPDX-License-Identifier: MIT
#include "system/file_text.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"

using heapmeter::cli::file_text;
using heapmeter::testing::TempDir;
using heapmeter::testing::write_file;

TEST(FileText, IsTheWholeOfIt) {
  const TempDir place;
  const std::string large(200'000, 'x');
  write_file(place / "large", large);
  write_file(place / "empty", "");
  EXPECT_EQ(file_text(place / "large"), large);
  EXPECT_EQ(file_text(place / "empty"), "");
  EXPECT_NE(file_text("/proc/self/stat").value_or(""), "") << "whose size is not known before";
}

TEST(FileText, IsNoneOfWhatCannotBeRead) {
  EXPECT_EQ(file_text("/nonexistent"), std::nullopt);
  EXPECT_EQ(file_text("/"), std::nullopt);
  EXPECT_EQ(file_text("/proc/self/mem"), std::nullopt)
      << "it can be opened, but not be read at its beginning";
}
