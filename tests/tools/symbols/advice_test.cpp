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
                "no files and lines for lib0.so, lib1.so, lib2.so, lib3.so and 96 more: built without -g, or "
                "stripped of what that adds"}));
}

TEST(Advice, NamesServersUnlessTheyWereAsked) {
  Advice advice;
  advice.add(Hindrance::kNoNames, "/opt/shop");
  const auto has = [&](const char *text) {
    return advice.lines(false).at(0).find(text) != std::string::npos;
  };
  unsetenv("DEBUGINFOD_URLS");
  EXPECT_TRUE(
      has(": set DEBUGINFOD_URLS=https://debuginfod.elfutils.org; what is your own, build it with -g"));
  setenv("DEBUGINFOD_URLS", "http://localhost:1", 1);
  EXPECT_TRUE(has(": the servers of DEBUGINFOD_URLS have none; what is your own, build it with -g"));
  unsetenv("DEBUGINFOD_URLS");
}

// No package has the names of what somebody built and stripped himself.
TEST(Advice, OfAProgramOfNoPackageIsHowToKeepItsNames) {
  const TempDir lists;
  write_file(lists / "libvendor1:amd64.list", "/usr/lib/libvendor.so.1\n");
  unsetenv("DEBUGINFOD_URLS");
  Advice advice;
  advice.add(Hindrance::kNoNames, "/opt/shop");
  advice.add(Hindrance::kNoNames, "/usr/lib/libvendor.so.1");
  const std::string stripped = "only names of exported functions for ",
                    whose = ", whose symbols were stripped";
  EXPECT_EQ(
      advice.lines(true, lists.path()),
      (std::vector<std::string>{
          stripped + "libvendor.so.1" + whose +
              ": apt install libvendor1-dbgsym, or set DEBUGINFOD_URLS=https://debuginfod.debian.net",
          stripped + "shop" + whose +
              ", of no package: build it with -g and do not strip it, or keep what strip takes in a file "
              "beside it (objcopy --only-keep-debug, then --add-gnu-debuglink); or set DEBUGINFOD_URLS to a "
              "server of yours"}));
  setenv("DEBUGINFOD_URLS", "http://localhost:1", 1);
  EXPECT_TRUE(advice.lines(true, lists.path()).at(1).ends_with("; the servers of DEBUGINFOD_URLS have none"));
  unsetenv("DEBUGINFOD_URLS");
  for (const std::string &line : advice.lines(true, lists / "nowhere"))
    EXPECT_EQ(line.find("package"), std::string::npos) << "no lists, so that nobody knows: " << line;
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
