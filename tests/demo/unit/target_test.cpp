// SPDX-License-Identifier: MIT
#include "server/target.h"

#include <gtest/gtest.h>

namespace demo {
namespace {

std::string path_of(std::string_view target) {
  std::string path = "left over";
  return decode_target(target, path) ? path : "refused";
}

TEST(Target, OriginFormIsThePathWithoutTheQuery) {
  EXPECT_EQ(path_of("/"), "/");
  EXPECT_EQ(path_of("/users/1?a=b/c"), "/users/1");
  EXPECT_EQ(path_of("/?"), "/");
}
TEST(Target, AbsoluteFormIsItsPath) {
  EXPECT_EQ(path_of("http://example.org/users"), "/users");
  EXPECT_EQ(path_of("HTTP://example.org:80/users?x"), "/users");
  EXPECT_EQ(path_of("http://[::1]:8080"), "/");
  EXPECT_EQ(path_of("http://example.org?x"), "/");
}
TEST(Target, AsteriskStaysItself) { EXPECT_EQ(path_of("*"), "*"); }
TEST(Target, PercentEncodingIsDecoded) { EXPECT_EQ(path_of("/%75sers/%31"), "/users/1"); }

class BadTarget : public testing::TestWithParam<const char *> {};
TEST_P(BadTarget, IsRefused) { EXPECT_EQ(path_of(GetParam()), "refused"); }
INSTANTIATE_TEST_SUITE_P(Target, BadTarget,
                         testing::Values("", "users", "example.org:443", "ftp://a/b", "http://", "http:///x",
                                         "http://user@host/", "/a%", "/a%2", "/a%zz", "/a%+1", "/a%00",
                                         "/a#b"));

TEST(Host, HostsAndPorts) {
  for (const auto *good : {"", "example.org", "example.org:8080", "[::1]:80", "127.0.0.1"})
    EXPECT_TRUE(is_host(good)) << good;
  for (const auto *bad : {"a b", "a/b", "a\tb", "user@host", "\xff"}) EXPECT_FALSE(is_host(bad)) << bad;
}

}  // namespace
}  // namespace demo
