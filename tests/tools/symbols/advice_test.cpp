// SPDX-License-Identifier: MIT
#include "symbols/advice.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"
#include "symbols/package.h"

using heapmeter::cli::symbols::Advice;
using heapmeter::cli::symbols::Hindrance;
using heapmeter::cli::symbols::package_of;
using heapmeter::testing::TempDir;
using heapmeter::testing::write_file;

namespace {

TEST(Advice, IsALineAKindNotALineAFile) {
  Advice advice;
  for (int each = 0; each < 100; ++each)
    advice.add(Hindrance::kNoLines, "/lib/lib" + std::to_string(each) + ".so");
  advice.add(Hindrance::kNoLines, "/lib/lib0.so");
  advice.add(Hindrance::kNotRead, "/opt/shop", "Permission denied");
  EXPECT_EQ(advice.lines(true),
            (std::vector<std::string>{
                "no names for shop (Permission denied): its file cannot be read",
                "no files and lines for lib0.so, lib1.so, lib2.so, lib3.so and 96 more, built without -g"}));
}

TEST(Advice, NamesServersUnlessTheyWereAsked) {
  Advice advice;
  advice.add(Hindrance::kNoNames, "/opt/shop");
  unsetenv("DEBUGINFOD_URLS");
  EXPECT_TRUE(advice.lines(false).at(0).ends_with(": set DEBUGINFOD_URLS=https://debuginfod.elfutils.org"));
  setenv("DEBUGINFOD_URLS", "http://localhost:1", 1);
  EXPECT_TRUE(advice.lines(false).at(0).ends_with(": the servers of DEBUGINFOD_URLS have none"));
  unsetenv("DEBUGINFOD_URLS");
}

TEST(Package, IsWhoseListHasTheFile) {
  const TempDir place;
  write_file(place / "other.list", "/usr/lib/libshop.so.1\n/usr/lib/x/libshop.so\n");
  write_file(place / "libshop1:amd64.list", "/.\n/usr/lib\n/usr/lib/libshop.so\n");
  write_file(place / "libc6:amd64.list", "/lib/libc.so.6");
  write_file(place / "text", "/usr/bin/none");
  EXPECT_EQ(package_of("/usr/lib/libshop.so", place.path()), "libshop1");
  EXPECT_EQ(package_of("/usr/lib/libc.so.6", place.path()), "libc6") << "from before /lib went into /usr";
  EXPECT_EQ(package_of("/lib/libshop.so", place.path()), "libshop1") << "as the loader calls it";
  EXPECT_EQ(package_of("/usr/bin/none", place.path()), "");
  EXPECT_EQ(package_of("relative", place.path()), "");
  EXPECT_EQ(package_of("/usr/lib/libshop.so", place / "nowhere"), "");
}

}  // namespace
