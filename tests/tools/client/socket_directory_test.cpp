// SPDX-License-Identifier: MIT
#include "client/socket_directory.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temp_dir.h"
#include "text/user_error.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

namespace fs = std::filesystem;

std::string complaint(const std::string &path, uid_t owner) {
  try {
    SocketDirectory::open(path, owner);
  } catch (const UserError &error) {
    return error.what();
  }
  return "";
}

TEST(SocketDirectory, IsOpenedWhenItIsOurs) {
  const TempDir dir;
  const auto opened = SocketDirectory::open(dir.path().string() + "/", geteuid());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->path(), dir.path().string());
}

TEST(SocketDirectory, IsNoneWhenThereIsNone) {
  EXPECT_EQ(SocketDirectory::open("/nonexistent/heapmeter", geteuid()), nullptr);
}

TEST(SocketDirectory, IsRefusedAsASymbolicLink) {
  const TempDir dir;
  fs::create_directory(dir / "real");
  fs::create_directory_symlink(dir / "real", dir / "link");
  EXPECT_NE(complaint(dir / "link", geteuid()).find("a symbolic link"), std::string::npos);
  EXPECT_NE(complaint((dir / "link").string() + "/", geteuid()).find("a symbolic link"), std::string::npos);
}

TEST(SocketDirectory, IsRefusedWhenSomebodyElseOwnsIt) {
  const TempDir dir;
  EXPECT_NE(complaint(dir.path(), geteuid() + 1).find("belongs to"), std::string::npos);
}

TEST(SocketDirectory, IsRefusedWhenOthersMayWrite) {
  const TempDir dir;
  chmod(dir.path().c_str(), 0770);
  EXPECT_NE(complaint(dir.path(), geteuid()).find("others may write"), std::string::npos);
}

TEST(SocketDirectory, IsNotAdvisedToBeClosedToThoseWhoShareIt) {
  const TempDir dir;
  chmod(dir.path().c_str(), 01777);
  const std::string advice = complaint(dir.path(), geteuid());
  EXPECT_EQ(advice.find("chmod"), std::string::npos) << advice;
  EXPECT_NE(advice.find("such as " + (dir / "heapmeter").string()), std::string::npos) << advice;
  fs::create_directory(dir / "heapmeter");
  chmod((dir / "heapmeter").c_str(), 0770);
  EXPECT_NE(complaint(dir / "heapmeter", geteuid()).find("chmod 700 "), std::string::npos);
}

TEST(SocketDirectory, IsRefusedAsAFile) {
  const TempDir dir;
  write_file(dir / "file", "");
  EXPECT_NE(complaint(dir / "file", geteuid()).find("not a directory"), std::string::npos);
}

TEST(SocketDirectories, AreOnlyTheChosenOne) {
  const TempDir dir;
  setenv("HEAPMETER_DIR", dir.path().c_str(), 1);
  std::vector<std::string> refused;
  const auto found = socket_directories(refused);
  unsetenv("HEAPMETER_DIR");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]->path(), dir.path().string());
  EXPECT_TRUE(refused.empty());
}

TEST(SocketDirectories, OfAnotherUserIsReadByRoot) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  const TempDir dir;
  ASSERT_EQ(chown(dir.path().c_str(), 65534, 65534), 0);
  setenv("HEAPMETER_DIR", dir.path().c_str(), 1);
  std::vector<std::string> refused;
  const auto found = socket_directories(refused);
  unsetenv("HEAPMETER_DIR");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]->path(), dir.path().string());
  EXPECT_TRUE(refused.empty());
}

TEST(SocketDirectories, IncludeTheRuntimeDirectoryOfTheUser) {
  const TempDir dir;
  fs::create_directory(dir / "heapmeter");
  fs::permissions(dir / "heapmeter", fs::perms::owner_all);
  setenv("XDG_RUNTIME_DIR", dir.path().c_str(), 1);
  std::vector<std::string> refused;
  const auto found = socket_directories(refused);
  unsetenv("XDG_RUNTIME_DIR");
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0]->path(), (dir / "heapmeter").string());
}

}  // namespace
