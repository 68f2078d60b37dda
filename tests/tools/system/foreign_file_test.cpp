// SPDX-License-Identifier: MIT
#include "system/foreign_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/temp_dir.h"

using heapmeter::cli::ForeignFile;
using heapmeter::testing::TempDir;
using heapmeter::testing::write_file;

namespace {

namespace fs = std::filesystem;

class ForeignFileTest : public ::testing::Test {
 protected:
  ForeignFileTest() { write_file(place_ / "file", "its text"); }
  // Every way but the one that follows links.
  void expect_none(const std::string &path, bool no_file) const {
    for (const ForeignFile &file : {ForeignFile::found(path), ForeignFile::of_process(getpid(), path)}) {
      EXPECT_FALSE(file) << path;
      EXPECT_EQ(file.is_no_file(), no_file) << path;
      EXPECT_EQ(file.text(100), std::nullopt) << path;
    }
  }
  TempDir place_;
};

TEST_F(ForeignFileTest, IsReadWhenItIsARegularOne) {
  const std::string path = fs::canonical(place_ / "file");
  for (const ForeignFile &file :
       {ForeignFile::named(path), ForeignFile::found(path), ForeignFile::of_process(getpid(), path)}) {
    ASSERT_TRUE(file);
    EXPECT_EQ(file.size(), 8u);
    EXPECT_EQ(file.text(8), "its text");
    EXPECT_EQ(file.text(7), std::nullopt) << "it is larger";
  }
}

TEST_F(ForeignFileTest, IsNotOpenedWhenItIsAFifo) {
  ASSERT_EQ(mkfifo((place_ / "fifo").c_str(), 0666), 0);
  expect_none(place_ / "fifo", true);
  EXPECT_TRUE(ForeignFile::named(place_ / "fifo").is_no_file());
}

TEST_F(ForeignFileTest, IsNoDirectoryNorDevice) {
  expect_none(place_.path(), true);
  expect_none("/dev/null", true);
  EXPECT_TRUE(ForeignFile::named("/dev/null").is_no_file());
}

TEST_F(ForeignFileTest, IsNoLinkUnlessTheUserNamedIt) {
  fs::create_symlink(place_ / "file", place_ / "link");
  EXPECT_EQ(ForeignFile::named(place_ / "link").text(8), "its text");
  EXPECT_FALSE(ForeignFile::found(place_ / "link"));
  EXPECT_FALSE(ForeignFile::of_process(getpid(), place_ / "link"));
}

TEST_F(ForeignFileTest, OfAProcessHasNoLinkOnTheWay) {
  const fs::path real = fs::canonical(place_.path());
  fs::create_directory(real / "folder");
  write_file(real / "folder" / "file", "below");
  EXPECT_TRUE(ForeignFile::of_process(getpid(), real / "folder" / "file"));
  fs::rename(real / "folder", real / "elsewhere");
  fs::create_directory_symlink(real / "elsewhere", real / "folder");
  EXPECT_FALSE(ForeignFile::of_process(getpid(), real / "folder" / "file"));
}

TEST_F(ForeignFileTest, IsNoneThatIsNotThere) {
  expect_none(place_ / "nothing", false);
  EXPECT_EQ(ForeignFile::found(place_ / "nothing").error(), ENOENT);
}

// Whoever has a lease on his file is asked to give it up, and may take 45 seconds for that.
TEST_F(ForeignFileTest, DoesNotWaitForALease) {
  const int owner = open((place_ / "file").c_str(), O_RDWR | O_CLOEXEC);
  if (fcntl(owner, F_SETLEASE, F_WRLCK) != 0) {
    close(owner);
    GTEST_SKIP() << "this file system has no leases";
  }
  signal(SIGIO, SIG_IGN);
  EXPECT_EQ(ForeignFile::found(place_ / "file").error(), EWOULDBLOCK);
  close(owner);
  EXPECT_TRUE(ForeignFile::found(place_ / "file"));
  signal(SIGIO, SIG_DFL);
}

}  // namespace
