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

TEST(Library, IsKnownInAListHoweverItIsNamed) {
  using Names = std::vector<std::string>;
  for (const char *name : {"libheapmeter.so", "/usr/lib/$LIB/libheapmeter.so", "${ORIGIN}/libheapmeter.so"}) {
    const std::string list = std::string("liba.so  /b.so:") + name + " /c.so";
    EXPECT_EQ(library::named_in(list), name);
    EXPECT_EQ(library::ahead_in(list), (Names{"liba.so", "/b.so"}));
    EXPECT_EQ(library::remove_from(list), "liba.so:/b.so:/c.so");
  }
  EXPECT_EQ(library::named_in("/libheapmeter.so.d/a.so"), "");
  EXPECT_EQ(library::ahead_in("/a.so:/b.so"), Names());
}

TEST(Library, GoesByALinkWhereItsOwnNameHasABlank) {
  const TempDir place;
  std::filesystem::create_directory(place / "a folder");
  write_file(place / "a folder" / "libheapmeter.so", "");
  std::filesystem::create_symlink(place / "a folder" / "libheapmeter.so", place / "libheapmeter.so");
  setenv("HEAPMETER_LIBRARY", (place / "libheapmeter.so").c_str(), 1);
  EXPECT_EQ(library::find(), place / "libheapmeter.so");
  unsetenv("HEAPMETER_LIBRARY");
}

TEST(Library, IsNamedThroughALinkToItsFolderWhereThatHasABlank) {
  const TempDir place;
  const auto own = place / "a folder" / "libheapmeter.so";
  std::filesystem::create_directory(own.parent_path());
  write_file(own, "");
  setenv("XDG_RUNTIME_DIR", place.path().c_str(), 1);
  setenv("HEAPMETER_LIBRARY", own.c_str(), 1);
  const auto found = library::find();
  EXPECT_EQ(found.string().find_first_of(": "), std::string::npos) << found;
  EXPECT_EQ(std::filesystem::canonical(found), std::filesystem::canonical(own));
  EXPECT_EQ(found.parent_path().parent_path(), place / "heapmeter");
  EXPECT_EQ(library::find(), found) << "again";
  // A directory that others may write to is none to load from: then in the next.
  std::filesystem::permissions(place / "heapmeter", std::filesystem::perms::all);
  EXPECT_NE(library::find().parent_path().parent_path(), place / "heapmeter");
  write_file(place / "a folder" / "lib heapmeter.so", "");
  setenv("HEAPMETER_LIBRARY", (place / "a folder" / "lib heapmeter.so").c_str(), 1);
  EXPECT_THROW(library::find(), UserError);
  unsetenv("HEAPMETER_LIBRARY");
  unsetenv("XDG_RUNTIME_DIR");
}

TEST(Library, IsRefusedWhereThePreloadCannotNameIt) {
  setenv("HEAPMETER_LIBRARY", "/nonexistent/libheapmeter.so", 1);
  EXPECT_THROW(library::find(), UserError);
  unsetenv("HEAPMETER_LIBRARY");
}
