// SPDX-License-Identifier: MIT
#include "system/library.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"
#include "text/user_error.h"

using namespace heapmeter::cli;
using heapmeter::testing::TempDir;
using heapmeter::testing::write_file;

TEST(Library, GoesFirstAndOnce) {
  EXPECT_EQ(library::put_first("/x/libheapmeter.so", ""), "/x/libheapmeter.so");
  EXPECT_EQ(library::put_first("/x/libheapmeter.so", "/a.so:/b.so"), "/x/libheapmeter.so:/a.so:/b.so");
  EXPECT_EQ(library::put_first("/x/libheapmeter.so", "/a.so /y/libheapmeter.so  /b.so"),
            "/x/libheapmeter.so:/a.so:/b.so");
}

TEST(Library, LeavesAListWithoutItAlone) {
  EXPECT_EQ(library::remove_from(" /a.so::/b.so"), " /a.so::/b.so");
  EXPECT_EQ(library::remove_from("libheapmeter.so"), "");
  EXPECT_EQ(library::remove_from("/notlibheapmeter.so"), "/notlibheapmeter.so");
}

TEST(Library, GoesByALinkWhereItsOwnNameHasABlank) {
  const TempDir place;
  std::filesystem::create_directory(place / "a folder");
  write_file(place / "a folder" / "libheapmeter.so", "");
  std::filesystem::create_symlink(place / "a folder" / "libheapmeter.so", place / "libheapmeter.so");
  setenv("HEAPMETER_LIBRARY", (place / "libheapmeter.so").c_str(), 1);
  EXPECT_EQ(library::find(), place / "libheapmeter.so");
  setenv("HEAPMETER_LIBRARY", (place / "a folder" / "libheapmeter.so").c_str(), 1);
  EXPECT_THROW(library::find(), UserError);
  unsetenv("HEAPMETER_LIBRARY");
}

TEST(Library, IsRefusedWhereThePreloadCannotNameIt) {
  setenv("HEAPMETER_LIBRARY", "/nonexistent/libheapmeter.so", 1);
  EXPECT_THROW(library::find(), UserError);
  unsetenv("HEAPMETER_LIBRARY");
}
