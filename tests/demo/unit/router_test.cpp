// SPDX-License-Identifier: MIT
#include "server/router.h"

#include <stdexcept>

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "server/response_writer.h"

namespace demo {
namespace {

unsigned status_of(http::verb method, std::string_view path) {
  std::string body;
  Response response{body};
  const auto *route = find_route({.method = method, .path = path}, response);
  return route != nullptr ? 0 : static_cast<unsigned>(response.status);
}

TEST(Router, FindsEveryRoute) {
  for (const auto &route : routes()) EXPECT_EQ(status_of(route.method, route.pattern), 0u) << route.pattern;
}
TEST(Router, HeadGoesTheWayOfGet) { EXPECT_EQ(status_of(http::verb::head, "/users"), 0u); }
TEST(Router, UnknownPathIs404) {
  for (const auto *path : {"/", "/nope", "/user", "/users2", "/Users", "//users"})
    EXPECT_EQ(status_of(http::verb::get, path), 404u) << path;
}
TEST(Router, UnknownMethodIs501) { EXPECT_EQ(status_of(http::verb::unknown, "/users"), 501u); }

TEST(Router, OtherMethodIs405AndSaysWhichAreAllowed) {
  std::string body;
  Response response{body};
  EXPECT_EQ(find_route({.method = http::verb::delete_, .path = "/users"}, response), nullptr);
  EXPECT_EQ(response.status, http::status::method_not_allowed);
  EXPECT_EQ(response.allow, "GET, HEAD, POST");
  EXPECT_EQ(status_of(http::verb::post, "/users/1"), 405u);
  EXPECT_EQ(status_of(http::verb::options, "*"), 405u);
}

TEST(Router, ThrowingHandlerIs500) {
  spdlog::set_level(spdlog::level::off);
  App app({}, sum_of);
  std::string body;
  Response response{body};
  const Route broken{http::verb::get, "/",
                     [](App &, const Request &, Response &out) {
                       out.body = "half an answ";
                       throw std::runtime_error("broken");
                     },
                     nullptr};
  answer(broken, app, {}, response);
  EXPECT_EQ(response.status, http::status::internal_server_error);
  EXPECT_EQ(body.find("half"), std::string::npos);
  EXPECT_EQ(body.find("broken"), std::string::npos) << "the reason is for the log, not for the client";
}

TEST(ResponseWriter, HeadSaysTheLengthWithoutTheBody) {
  std::string body = "12345", out;
  append_response(Response{body}, {.without_body = true}, "now", out);
  EXPECT_NE(out.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(ResponseWriter, DateHasTheFormOfHttp) {
  HttpDate date;
  const std::string text(date.now());
  ASSERT_EQ(text.size(), std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size());
  EXPECT_TRUE(text.ends_with(" GMT"));
}

}  // namespace
}  // namespace demo
