// SPDX-License-Identifier: MIT
#include "symbols/name_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temp_dir.h"

using namespace heapmeter::testing;
using heapmeter::cli::ForeignFile;
using heapmeter::cli::symbols::Frame;
using heapmeter::cli::symbols::NameCache;
using heapmeter::cli::symbols::NamesByAddress;

namespace {

namespace fs = std::filesystem;

class NameCacheTest : public ::testing::Test {
 protected:
  NameCacheTest() { write_file(place_ / "file", "its content"); }

  std::uint64_t key(const NameCache &cache, const std::string &name = "file") const {
    return cache.key(ForeignFile::named(place_ / name), nullptr).value();
  }
  static NamesByAddress some(const std::string &function = "shop::add(int)") {
    Frame frame;
    frame.function = function;
    frame.file = "shop.cpp";
    frame.line = 12;
    frame.inlined = true;
    return {{0x1234, {frame, frame}}};
  }
  fs::path kept() const {
    for (const auto &each : fs::directory_iterator(where_)) {
      if (each.path().filename().string().starts_with("names-")) return each.path();
    }
    throw std::runtime_error("nothing was kept");
  }
  TempDir place_;
  fs::path where_ = place_ / "cache" / "heapmeter";
};

TEST_F(NameCacheTest, KeepsNames) {
  const NameCache cache(where_);
  EXPECT_TRUE(cache.load(key(cache)).empty());
  cache.save(key(cache), some());
  const NameCache again(where_);
  const NamesByAddress found = again.load(key(again));
  ASSERT_EQ(found.size(), 1u);
  const auto &frames = found.at(0x1234);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].function, "shop::add(int)");
  EXPECT_EQ(frames[0].file, "shop.cpp");
  EXPECT_EQ(frames[0].line, 12);
  EXPECT_TRUE(frames[0].inlined);
}

TEST_F(NameCacheTest, KeepsALongTextOnce) {
  const NameCache cache(where_);
  NamesByAddress names;
  for (std::uint64_t each = 0; each < 10'000; ++each)
    names[each] = some(std::string(4000, 'x')).begin()->second;
  cache.save(key(cache), names);
  EXPECT_EQ(cache.load(key(cache)).size(), 10'000u);
  EXPECT_LT(fs::file_size(kept()), 1u << 20);
}

TEST_F(NameCacheTest, IsForNobodyElse) {
  const NameCache cache(where_);
  cache.save(key(cache), some());
  struct stat status;
  ASSERT_EQ(stat(where_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  ASSERT_EQ(stat(kept().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(NameCacheTest, TellsFilesByTheirContent) {
  const NameCache cache(where_);
  cache.save(key(cache), some());
  write_file(place_ / "same", "its content");
  write_file(place_ / "other", "its Content");
  EXPECT_EQ(cache.load(key(cache, "same")).size(), 1u);
  EXPECT_TRUE(cache.load(key(cache, "other")).empty());
  const ForeignFile file = ForeignFile::named(place_ / "file"),
                    separate = ForeignFile::named(place_ / "other");
  EXPECT_TRUE(cache.load(cache.key(file, &separate).value()).empty()) << "with other debug information";
}

TEST_F(NameCacheTest, TellsFilesByAllOfTheirContent) {
  const NameCache cache(where_);
  std::string text(3'000'001, 'x');
  write_file(place_ / "file", text);
  const std::uint64_t before = key(cache);
  for (const std::size_t at : {0u, 1u << 20, (1u << 20) - 1, 3'000'000u}) {
    std::string other = text;
    other[at] = 'y';
    write_file(place_ / "other", other);
    EXPECT_NE(key(cache, "other"), before) << at;
  }
}

TEST_F(NameCacheTest, HasASecretOfItsOwn) {
  const NameCache cache(where_), other(place_ / "second");
  EXPECT_NE(key(cache), key(other)) << "whoever makes a file cannot tell what it is kept by";
}

TEST_F(NameCacheTest, IgnoresWhatIsBroken) {
  const NameCache cache(where_);
  cache.save(key(cache), some());
  const fs::path file = kept();
  const std::string text = read_file(file);
  for (std::size_t length = 0; length < text.size(); ++length) {
    write_file(file, text.substr(0, length));
    EXPECT_TRUE(cache.load(key(cache)).empty()) << length;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string broken = text;
    broken[at] = static_cast<char>(broken[at] ^ 0x11);
    write_file(file, broken);
    EXPECT_TRUE(cache.load(key(cache)).empty()) << at;
  }
  write_file(file, text);
  EXPECT_EQ(cache.load(key(cache)).size(), 1u);
}

TEST_F(NameCacheTest, IgnoresWhatIsNoFile) {
  const NameCache cache(where_);
  cache.save(key(cache), some());
  const fs::path file = kept();
  fs::remove(file);
  ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
  EXPECT_TRUE(cache.load(key(cache)).empty());
  cache.save(key(cache), some());
  EXPECT_EQ(cache.load(key(cache)).size(), 1u) << "what is no file was replaced";
}

TEST_F(NameCacheTest, KeepsNothingWhereOthersMayWrite) {
  fs::create_directories(where_);
  ASSERT_EQ(chmod(where_.c_str(), 0777), 0);
  EXPECT_EQ(NameCache(where_).key(ForeignFile::named(place_ / "file"), nullptr), std::nullopt);
  ASSERT_EQ(chmod(where_.c_str(), 0700), 0);
  EXPECT_NE(NameCache(where_).key(ForeignFile::named(place_ / "file"), nullptr), std::nullopt);
  fs::create_symlink(where_, place_ / "link");
  EXPECT_EQ(NameCache(place_ / "link").key(ForeignFile::named(place_ / "file"), nullptr), std::nullopt);
  if (geteuid() == 0) {
    ASSERT_EQ(chown(where_.c_str(), 65534, 65534), 0);
    EXPECT_EQ(NameCache(where_).key(ForeignFile::named(place_ / "file"), nullptr), std::nullopt);
  }
  EXPECT_EQ(NameCache("").key(ForeignFile::named(place_ / "file"), nullptr), std::nullopt);
}

TEST_F(NameCacheTest, MakesNoHomeAndLeavesNothingInSomebodyElses) {
  EXPECT_EQ(
      NameCache(place_ / "home" / ".cache" / "heapmeter").key(ForeignFile::named(place_ / "file"), nullptr),
      std::nullopt);
  EXPECT_FALSE(fs::exists(place_ / "home"));
  if (geteuid() != 0) return;
  fs::create_directories(place_ / "home" / ".cache");
  ASSERT_EQ(chown((place_ / "home" / ".cache").c_str(), 65534, 65534), 0);
  EXPECT_EQ(
      NameCache(place_ / "home" / ".cache" / "heapmeter").key(ForeignFile::named(place_ / "file"), nullptr),
      std::nullopt);
  EXPECT_FALSE(fs::exists(place_ / "home" / ".cache" / "heapmeter"));
}

TEST_F(NameCacheTest, ForgetsTheOldest) {
  const NameCache cache(where_);
  for (int each = 0; each < 1100; ++each) write_file(where_ / ("names-old" + std::to_string(each)), "");
  cache.save(1099, some());
  std::size_t files = 0;
  for (const auto &each : fs::directory_iterator(where_)) files += each.is_regular_file() ? 1 : 0;
  EXPECT_LE(files, 1025u);
  EXPECT_EQ(cache.load(1099).size(), 1u);
}

TEST_F(NameCacheTest, IsUnderTheUsersDirectory) {
  setenv("XDG_CACHE_HOME", "/somewhere", 1);
  EXPECT_EQ(NameCache::of_user(), "/somewhere/heapmeter");
  setenv("XDG_CACHE_HOME", "not/absolute", 1);
  setenv("HOME", "/home/me", 1);
  EXPECT_EQ(NameCache::of_user(), "/home/me/.cache/heapmeter");
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  EXPECT_EQ(NameCache::of_user(), "");
}

}  // namespace
