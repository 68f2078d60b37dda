// SPDX-License-Identifier: MIT
//
// Every text is fed whole and byte by byte: a request means the same however the network cuts it.
#include "server/request_parser.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace demo {
namespace {

using State = RequestParser::State;
constexpr RequestLimits kLimits{.header_bytes = 512, .body_bytes = 100};

struct Outcome {
  unsigned status = 0;  // 0: parsed
  std::string path = {};
  std::string body = {};
  std::string rest = {};
  bool keep_alive = false;
  bool unfinished = false;
};

Outcome feed(std::string_view text, std::size_t step) {
  std::string path, body, input;
  RequestParser parser(kLimits, path, body);
  std::size_t given = 0;
  for (;;) {
    std::size_t taken = 0;
    const auto state = parser.feed(input, taken);
    input.erase(0, taken);
    if (state == State::kFailed) return {.status = static_cast<unsigned>(parser.error().status)};
    if (state == State::kDone) {
      const auto request = parser.request();
      return {.path = std::string(request.path),
              .body = std::string(request.body),
              .rest = input + std::string(text.substr(given)),
              .keep_alive = request.keep_alive};
    }
    if (given == text.size()) return {.unfinished = true};
    const auto piece = text.substr(given, step);
    given += piece.size();
    input += piece;
  }
}

Outcome feed_all_ways(std::string_view text) {
  const auto whole = feed(text, text.size() + 1);
  for (const std::size_t step : {1, 2, 7}) {
    const auto cut = feed(text, step);
    EXPECT_EQ(cut.status, whole.status) << step << " at a time: " << text;
    EXPECT_EQ(cut.path, whole.path);
    EXPECT_EQ(cut.body, whole.body);
    EXPECT_EQ(cut.rest, whole.rest);
    EXPECT_EQ(cut.unfinished, whole.unfinished);
  }
  return whole;
}

std::string get(std::string_view fields, std::string_view line = "GET /users HTTP/1.1") {
  return std::string(line) + "\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

TEST(RequestParser, TakesOneRequestAndLeavesTheNext) {
  const auto parsed = feed_all_ways(get("") + "GET /next");
  EXPECT_EQ(parsed.path, "/users");
  EXPECT_EQ(parsed.rest, "GET /next");
  EXPECT_TRUE(parsed.keep_alive);
}

TEST(RequestParser, BodyByLength) {
  const auto parsed = feed_all_ways(get("Content-Length: 3\r\n", "POST /users HTTP/1.1") + "abcGET");
  EXPECT_EQ(parsed.body, "abc");
  EXPECT_EQ(parsed.rest, "GET");
}

TEST(RequestParser, BodyByChunks) {
  const auto parsed = feed_all_ways(get("Transfer-Encoding: chunked\r\n", "POST /users HTTP/1.1") +
                                    "3\r\nabc\r\n2;name=value\r\nde\r\n0\r\nTrailer: x\r\n\r\nGET");
  EXPECT_EQ(parsed.body, "abcde");
  EXPECT_EQ(parsed.rest, "GET");
}

TEST(RequestParser, EmptyLinesBeforeARequestAreIgnored) {
  EXPECT_EQ(feed_all_ways("\r\n\r\n" + get("")).path, "/users");
}

TEST(RequestParser, UnfinishedIsNoError) {
  const std::string text = get("Content-Length: 3\r\n", "POST /users HTTP/1.1") + "abc";
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_TRUE(feed(text.substr(0, size), 1).unfinished) << text.substr(0, size);
}

TEST(RequestParser, KeepAliveFollowsTheVersion) {
  EXPECT_FALSE(feed_all_ways(get("Connection: close\r\n")).keep_alive);
  EXPECT_FALSE(feed_all_ways(get("Connection: foo, Close\r\n")).keep_alive);
  EXPECT_FALSE(feed_all_ways("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(feed_all_ways("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(RequestParser, FoldedFieldIsOneField) {
  EXPECT_EQ(feed_all_ways(get("X-Long: one\r\n two\r\n")).path, "/users");
}

struct Case {
  const char *name;
  std::string text;
  unsigned status;
};
class Refused : public testing::TestWithParam<Case> {};
TEST_P(Refused, WithItsStatus) { EXPECT_EQ(feed_all_ways(GetParam().text).status, GetParam().status); }

std::string post(std::string_view fields) { return get(fields, "POST /users HTTP/1.1"); }

INSTANTIATE_TEST_SUITE_P(
    RequestParser, Refused,
    testing::Values(
        Case{"OneWord", "GET\r\n\r\n", 400}, Case{"NoVersion", "GET /users\r\n\r\n", 400},
        Case{"TwoBlanks", get("", "GET  /users HTTP/1.1"), 400},
        Case{"LeadingBlank", get("", " GET /users HTTP/1.1"), 400},
        Case{"BlankAfterVersion", get("", "GET /users HTTP/1.1 "), 400},
        Case{"FourWords", get("", "GET /users x HTTP/1.1"), 400}, Case{"Garbage", "\x16\x03\x01\x02", 400},
        Case{"Version2", get("", "GET / HTTP/2.0"), 505},
        Case{"SmallVersion", get("", "GET / http/1.1"), 400},
        Case{"LongVersion", get("", "GET / HTTP/1.10"), 400},
        Case{"MethodNoToken", get("", "G(T / HTTP/1.1"), 400},
        Case{"BadTarget", get("", "GET users HTTP/1.1"), 400}, Case{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        Case{"TwoHosts", get("Host: b\r\n"), 400},
        Case{"HostWithBlank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        Case{"BlankBeforeColon", get("X-A : b\r\n"), 400}, Case{"NoColon", get("X-A\r\n"), 400},
        Case{"EmptyName", get(": b\r\n"), 400},
        Case{"NulInField", get(std::string_view("X-A: b\0c\r\n", 10)), 400},
        Case{"BareLineFeed", "GET / HTTP/1.1\nHost: a\n\n", 400},
        Case{"BareReturnInField", get("X-A: b\rc\r\n"), 400},
        Case{"LengthNoNumber", post("Content-Length: x\r\n"), 400},
        Case{"LengthNegative", post("Content-Length: -1\r\n"), 400},
        Case{"LengthSigned", post("Content-Length: +1\r\n"), 400},
        Case{"LengthsDiffer", post("Content-Length: 5, 6\r\n"), 400},
        Case{"LengthsDifferInTwoFields", post("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
        Case{"LengthOverflows", post("Content-Length: 18446744073709551617\r\n"), 400},
        Case{"LengthAndChunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
        Case{"ChunkedAndLength", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
        Case{"CodingNotChunked", post("Transfer-Encoding: gzip\r\n"), 400},
        Case{"ChunkedNotLast", post("Transfer-Encoding: chunked, gzip\r\n"), 400},
        Case{"ChunkedTwice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        Case{"CodingUnknown", post("Transfer-Encoding: gzip, chunked\r\n"), 501},
        Case{"ChunkedInOldHttp", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        Case{"ChunkSizeNoNumber", post("Transfer-Encoding: chunked\r\n") + "x\r\n\r\n", 400},
        Case{"ChunkTooLong", post("Transfer-Encoding: chunked\r\n") + "1\r\nabc\r\n0\r\n\r\n", 400},
        Case{"ChunkSizeOverflows", post("Transfer-Encoding: chunked\r\n") + "fffffffffffffffff\r\na\r\n",
             400},
        Case{"UnknownExpectation", post("Expect: miracles\r\n"), 417},
        Case{"LargeFields", get("X-A: " + std::string(600, 'a') + "\r\n"), 431},
        Case{"LineAndFieldsTogether",
             get("X-A: " + std::string(300, 'a') + "\r\n", "GET /" + std::string(300, 'a') + " HTTP/1.1"),
             431},
        Case{"LongTarget", get("", "GET /" + std::string(600, 'a') + " HTTP/1.1"), 431},
        Case{"LargeBody", post("Content-Length: 101\r\n"), 413},
        Case{"LargeChunk", post("Transfer-Encoding: chunked\r\n") + "65\r\n", 413},
        Case{"LargeChunks",
             post("Transfer-Encoding: chunked\r\n") + "32\r\n" + std::string(50, 'a') + "\r\n33\r\n", 413}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(RequestParser, AsksForTheBodyOnce) {
  std::string path, body;
  RequestParser parser(kLimits, path, body);
  std::size_t taken = 0;
  const auto text = post("Expect: 100-continue\r\nContent-Length: 1\r\n");
  EXPECT_EQ(parser.feed(text, taken), State::kNeedMore);
  EXPECT_TRUE(parser.take_continue());
  EXPECT_FALSE(parser.take_continue());
  EXPECT_EQ(parser.feed("x", taken), State::kDone);
}

}  // namespace
}  // namespace demo
