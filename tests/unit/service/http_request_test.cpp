// SPDX-License-Identifier: MIT
#include "service/http_request.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

using namespace heapmeter;

namespace {

http::Request parse(std::string_view text, size_t limit = 4096) {
  return http::parse(text.data(), text.size(), limit);
}

std::string path(const http::Request &request) { return {request.path, request.path_length}; }

}  // namespace

TEST(HttpRequest, TakesThePathOfAGet) {
  const std::string_view text = "GET /v1/snapshot HTTP/1.1\r\nHost: heapmeter\r\nUser-Agent: curl/7\r\n\r\n";
  const auto request = parse(text);
  EXPECT_EQ(request.status, 200);
  EXPECT_FALSE(request.head);
  EXPECT_EQ(path(request), "/v1/snapshot");
}

TEST(HttpRequest, IsIncompleteUntilTheEmptyLine) {
  const std::string text = "GET /v1/snapshot HTTP/1.1\r\nHost: heapmeter\r\n\r\n";
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_EQ(parse(std::string_view(text).substr(0, length)).status, 0) << length;
  }
  EXPECT_EQ(parse(text).status, 200);
}

TEST(HttpRequest, KnowsHeadAndLeavesTheQueryAside) {
  const auto request = parse("HEAD /metrics?x=1 HTTP/1.0\n\n");
  EXPECT_EQ(request.status, 200);
  EXPECT_TRUE(request.head);
  EXPECT_EQ(path(request), "/metrics");
}

TEST(HttpRequest, RefusesOtherMethods) {
  for (const char *method : {"POST", "PUT", "DELETE", "OPTIONS", "get", "GETT"}) {
    EXPECT_EQ(parse(std::string(method) + " / HTTP/1.1\r\n\r\n").status, 405) << method;
  }
}

TEST(HttpRequest, TakesAChangeWhereThereIsSomethingToChange) {
  const std::string_view text =
      "POST /v1/sites?sample=every&for=60 HTTP/1.1\r\nHost: x\r\nheapmeter: \t1 \r\n\r\n";
  const auto request = parse(text);
  EXPECT_EQ(request.status, 200);
  EXPECT_TRUE(request.post);
  EXPECT_EQ(path(request), "/v1/sites");
  EXPECT_EQ(std::string(request.query, request.query_length), "sample=every&for=60");
  EXPECT_EQ(parse("POST /v1/sites HTTP/1.1\r\nHeapmeter: 1\r\nContent-Length: 0\r\n\r\n").status, 200);
  EXPECT_FALSE(parse("GET /v1/sites?sample=off HTTP/1.1\r\nHeapmeter: 1\r\n\r\n").post);
  EXPECT_EQ(parse("POST /v1/snapshot HTTP/1.1\r\nHeapmeter: 1\r\n\r\n").status, 405);
  EXPECT_EQ(parse("PUT /v1/sites HTTP/1.1\r\nHeapmeter: 1\r\n\r\n").status, 405);
}

// A page in somebody's browser can make it send a POST, but not this header.
TEST(HttpRequest, TakesNoChangeThatDoesNotSayWhomItIsFor) {
  for (const char *header :
       {"", "Heapmeter:\r\n", "Heapmeter: 2\r\n", "Heapmeter: 11\r\n", "Heapmeter: 1 1\r\n",
        "X-Heapmeter: 1\r\n", "Heapmeter: 1\r\nHeapmeter: 0\r\n"}) {
    EXPECT_EQ(parse(std::string("POST /v1/sites?sample=every HTTP/1.1\r\n") + header + "\r\n").status, 403)
        << header;
  }
}

TEST(HttpRequest, TakesNoChangeWithABody) {
  for (const char *header :
       {"Content-Length: 1", "content-length: 00", "Content-Length:", "Content-Length: x",
        "Transfer-Encoding: chunked", "transfer-encoding: identity"}) {
    EXPECT_EQ(
        parse(std::string("POST /v1/sites?sample=every HTTP/1.1\r\nHeapmeter: 1\r\n") + header + "\r\n\r\n")
            .status,
        400)
        << header;
  }
}

TEST(HttpRequest, RefusesWhatIsNotHttpAtTheFirstWrongByte) {
  EXPECT_EQ(parse("\x16\x03\x01").status, 400) << "a TLS hello";
  EXPECT_EQ(parse(std::string_view("\0\0\0\0", 4)).status, 400);
  EXPECT_EQ(parse(" GET / HTTP/1.1\r\n\r\n").status, 400);
}

TEST(HttpRequest, RefusesMalformedLines) {
  for (const char *text : {"GET\r\n\r\n", "GET /\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
                           "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1 \r\n\r\n", "GET / a HTTP/1.1\r\n\r\n",
                           "GET ?x HTTP/1.1\r\n\r\n", "GET /\x01 HTTP/1.1\r\n\r\n",
                           "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\n: empty\r\n\r\n",
                           "GET / HTTP/1.1\r\nA: \x01\r\n\r\n", "GET / HTTP/1.1\r\nA b: c\r\n\r\n"}) {
    EXPECT_EQ(parse(text).status, 400) << text;
  }
}

TEST(HttpRequest, RefusesHeadersBeyondTheLimit) {
  const std::string long_one = "GET / HTTP/1.1\r\nA: " + std::string(5000, 'x');
  EXPECT_EQ(parse(std::string_view(long_one).substr(0, 4095)).status, 0);
  EXPECT_EQ(parse(std::string_view(long_one).substr(0, 4096)).status, 431);
}

TEST(HttpRequest, KeepsTheConnectionOnlyWhereAskedAndNothingFollows) {
  EXPECT_TRUE(parse("GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n").keep);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nCONNECTION: \tKeep-Alive \r\nContent-Length: 0\r\n\r\n").keep);
  for (const char *text : {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
                           "GET / HTTP/1.1\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n",
                           "GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\nGET"}) {
    EXPECT_FALSE(parse(text).keep) << text;
  }
}
