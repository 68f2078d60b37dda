// SPDX-License-Identifier: MIT
#include "config/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "temporary_directory.h"

namespace demo {
namespace {

const ParseError &parse_error(const std::expected<Config, ConfigError> &result) {
  return std::get<ParseError>(result.error());
}
const ValidationError &validation_error(const std::expected<Config, ConfigError> &result) {
  return std::get<ValidationError>(result.error());
}

TEST(Config, EmptyTextIsTheDefaults) {
  const auto config = Config::parse("");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->host, "localhost");
  EXPECT_EQ(config->port, 8080u);
  EXPECT_EQ(config->max_connections, 100u);
}

TEST(Config, CommentsBlankLinesAndBlanksAreIgnored) {
  const auto config =
      Config::parse("# a comment\r\n\n  \t\n  host =  example.org \r\n   # another\nport=3000");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->host, "example.org");
  EXPECT_EQ(config->port, 3000u);
}

TEST(Config, UnknownKeyNamesItsLine) {
  const auto config = Config::parse("host=a\n\ncolour=blue\n");
  ASSERT_FALSE(config);
  EXPECT_EQ(parse_error(config).line, 3u);
  EXPECT_EQ(parse_error(config).text, "colour=blue");
  EXPECT_NE(describe(config.error()).find("colour"), std::string::npos);
}

TEST(Config, LineWithoutEqualsIsAParseError) {
  const auto config = Config::parse("just words");
  ASSERT_FALSE(config);
  EXPECT_EQ(parse_error(config).line, 1u);
  EXPECT_EQ(parse_error(config).text, "just words");
}

TEST(Config, ValueMayHoldAnEqualsSign) {
  const auto config = Config::parse("host=a=b");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->host, "a=b");
}

TEST(Config, RepeatedKeyIsAParseError) {
  const auto config = Config::parse("port=1\nport=2");
  ASSERT_FALSE(config);
  EXPECT_EQ(parse_error(config).line, 2u);
}

class BadNumber : public testing::TestWithParam<const char *> {};
TEST_P(BadNumber, IsAParseError) {
  for (const auto *key : {"port", "max_connections"}) {
    const auto config = Config::parse(std::string("# first line\n") + key + "=" + GetParam());
    ASSERT_FALSE(config) << key;
    ASSERT_TRUE(std::holds_alternative<ParseError>(config.error())) << key;
    EXPECT_EQ(parse_error(config).line, 2u);
  }
}
INSTANTIATE_TEST_SUITE_P(Config, BadNumber,
                         testing::Values("-1", "", "12x", "0x10", "1.5", "+1", "99999999999999999999999"));

TEST(Config, PortThatDoesNotFitIsAParseError) {
  ASSERT_FALSE(Config::parse("port=65536"));
  EXPECT_EQ(parse_error(Config::parse("port=65536")).line, 1u);
  EXPECT_TRUE(Config::parse("port=65535"));
}

TEST(Config, PortZeroIsInvalid) { EXPECT_EQ(validation_error(Config::parse("port=0")).key, "port"); }
TEST(Config, ZeroConnectionsAreInvalid) {
  EXPECT_EQ(validation_error(Config::parse("max_connections=0")).key, "max_connections");
}
TEST(Config, EmptyHostIsInvalid) { EXPECT_EQ(validation_error(Config::parse("host=")).key, "host"); }
TEST(Config, HostWithBlankIsInvalid) { EXPECT_EQ(validation_error(Config::parse("host=a b")).key, "host"); }
TEST(Config, UnknownLogLevelIsInvalid) {
  EXPECT_EQ(validation_error(Config::parse("log_level=loud")).key, "log_level");
}

TEST(Config, MissingFileIsAnIoError) {
  const TemporaryDirectory directory;
  const auto config = Config::from_file(directory.path() / "none.conf");
  ASSERT_FALSE(config);
  EXPECT_EQ(std::get<FileError>(config.error()).code, std::errc::no_such_file_or_directory);
}

TEST(Config, DirectoryIsAnIoError) {
  const TemporaryDirectory directory;
  const auto config = Config::from_file(directory.path());
  ASSERT_FALSE(config);
  EXPECT_EQ(std::get<FileError>(config.error()).code, std::errc::is_a_directory);
}

TEST(Config, RandomConfigsSurviveTheRoundTrip) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "server.conf";
  std::mt19937_64 random(20240220);
  const auto between = [&](std::uint64_t lowest, std::uint64_t highest) {
    return std::uniform_int_distribution<std::uint64_t>(lowest, highest)(random);
  };
  for (int round = 0; round < 500; ++round) {
    Config config;
    config.host.clear();
    for (auto length = between(1, 60); length > 0; --length)
      config.host += static_cast<char>(between('!', '~'));
    config.port = between(1, 65535);
    config.max_connections = between(1, 1'000'000);
    config.threads = between(0, 1024);
    config.workers = between(1, 1024);
    config.max_users = between(1, 100'000'000);
    config.max_header_bytes = between(256, 1'048'576);
    config.max_body_bytes = between(1, 1'073'741'824);
    config.request_timeout_ms = between(1, 86'400'000);
    config.idle_timeout_ms = between(1, 86'400'000);
    config.drain_timeout_ms = between(0, 600'000);
    ASSERT_TRUE(config.save_to_file(path));
    const auto loaded = Config::from_file(path);
    ASSERT_TRUE(loaded) << describe(loaded.error());
    ASSERT_EQ(*loaded, config) << config.to_text();
  }
}

TEST(Config, SavingReplacesTheFileAtOnceAndLeavesNothingElse) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "server.conf";
  std::ofstream(path) << "port=1\n";
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  struct stat before {
  }, after{};
  ASSERT_EQ(::stat(path.c_str(), &before), 0);
  ASSERT_TRUE(Config{}.save_to_file(path));
  ASSERT_EQ(::stat(path.c_str(), &after), 0);
  EXPECT_NE(before.st_ino, after.st_ino) << "the old file was written into, not replaced";
  EXPECT_EQ(after.st_mode & 07777, 0640u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

TEST(Config, SavingFollowsASymbolicLink) {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() / "real.conf") << "port=1\n";
  std::filesystem::create_symlink("real.conf", directory.path() / "link.conf");
  ASSERT_TRUE(Config{}.save_to_file(directory.path() / "link.conf"));
  EXPECT_TRUE(std::filesystem::is_symlink(directory.path() / "link.conf"));
  EXPECT_EQ(Config::from_file(directory.path() / "real.conf")->port, 8080u);
}

TEST(Config, FailedSaveKeepsTheOldFile) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "server.conf";
  std::ofstream(path) << "port=1\n";
  Config invalid;
  invalid.port = 0;
  EXPECT_FALSE(invalid.save_to_file(path));
  EXPECT_EQ(Config::from_file(path)->port, 1u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

TEST(Config, SavingIntoNowhereIsAnIoError) {
  const TemporaryDirectory directory;
  const auto saved = Config{}.save_to_file(directory.path() / "no" / "server.conf");
  ASSERT_FALSE(saved);
  EXPECT_EQ(std::get<FileError>(saved.error()).code, std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace demo
