// SPDX-License-Identifier: MIT
#include "symbols/jit_map.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/subprocess.h"
#include "support/temp_dir.h"
#include "symbols/namer.h"

using namespace heapmeter::testing;
using heapmeter::cli::symbols::JitMap;
using heapmeter::cli::symbols::Namer;
using heapmeter::cli::symbols::Options;

namespace {

namespace fs = std::filesystem;

TEST(JitMap, NamesWhatIsInside) {
  const JitMap map = JitMap::parse("1000 20 LazyCompile:*add /shop.js:3\n0x2000 0x10 second\n");
  EXPECT_EQ(map.name(0xfff), "");
  EXPECT_EQ(map.name(0x1000), "LazyCompile:*add /shop.js:3");
  EXPECT_EQ(map.name(0x101f), "LazyCompile:*add /shop.js:3");
  EXPECT_EQ(map.name(0x1020), "");
  EXPECT_EQ(map.name(0x2008), "second");
}

TEST(JitMap, BelievesTheLaterOfTwo) {
  const JitMap map = JitMap::parse("1000 100 old\n1040 20 new\n2000 10 gone\n1ff0 100 over\n");
  EXPECT_EQ(map.name(0x103f), "old");
  EXPECT_EQ(map.name(0x1040), "new");
  EXPECT_EQ(map.name(0x105f), "new");
  EXPECT_EQ(map.name(0x1060), "old");
  EXPECT_EQ(map.name(0x2000), "over");
}

TEST(JitMap, PassesOverWhatItDoesNotUnderstand) {
  const JitMap map = JitMap::parse(
      "\n\n  \nzz 10 a\n1000\n1000 \n1000 10\n1000 10 \nffffffffffffffff 10 b\n1000 0 c\n"
      "10000000000000000000000 10 d\n1000 10 whole");
  EXPECT_EQ(map.name(0x1000), "whole");
  EXPECT_EQ(map.name(0xffffffffffffffff), "");
  EXPECT_EQ(JitMap::parse("").name(0), "");
}

// A process, and the file that a runtime in it would have written.
class JitMapOfProcess : public ::testing::Test {
 protected:
  JitMapOfProcess() : process_(Command{{"/bin/sleep", "1000"}}) {
    path_ = "/tmp/perf-" + std::to_string(process_.pid()) + ".map";
    fs::remove(path_);
  }
  ~JitMapOfProcess() override { fs::remove(path_); }
  // The name of an address in it, and what is said when there is none.
  std::string name() {
    Namer names(process_.pid(), {}, Options{"", false});
    const std::string name = names.name(-1, 0x1010)[0].function;
    advice_ = names.advice().empty() ? "" : names.advice()[0];
    return name;
  }
  Process process_;
  fs::path path_;
  std::string advice_;
};

TEST_F(JitMapOfProcess, IsRead) {
  EXPECT_EQ(name(), "");
  EXPECT_NE(advice_.find("--perf-basic-prof"), std::string::npos) << advice_;
  write_file(path_, "1000 10 made\n");
  EXPECT_EQ(name(), "made") << "the byte before the address is what is looked up";
  EXPECT_EQ(advice_, "");
}

TEST_F(JitMapOfProcess, IsNoFifo) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0666), 0);
  EXPECT_EQ(name(), "");
  EXPECT_EQ(advice_, "no names for code in no file: " + path_.string() + " is no regular file");
}

TEST_F(JitMapOfProcess, IsNoLink) {
  const TempDir place;
  write_file(place / "map", "1000 10 made\n");
  fs::create_symlink(place / "map", path_);
  EXPECT_EQ(name(), "");
  EXPECT_EQ(advice_, "no names for code in no file: " + path_.string() + " is no regular file");
}

TEST_F(JitMapOfProcess, IsNotOfSomebodyElse) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may give a file away";
  write_file(path_, "1000 10 made\n");
  ASSERT_EQ(chown(path_.c_str(), 65534, 65534), 0);
  EXPECT_EQ(name(), "");
  EXPECT_NE(advice_.find(" belongs to user "), std::string::npos) << advice_;
}

TEST_F(JitMapOfProcess, IsNotReadWhenItIsHuge) {
  write_file(path_, "1000 10 made\n");
  fs::resize_file(path_, 1ull << 40);
  EXPECT_EQ(name(), "");
  EXPECT_NE(advice_.find("MiB"), std::string::npos) << advice_;
}

}  // namespace
