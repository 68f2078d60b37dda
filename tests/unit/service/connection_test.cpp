// SPDX-License-Identifier: MIT
#include "service/connection.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "base/sys.h"
#include "service/answer.h"

using namespace heapmeter;

namespace {

// One end is the service's connection, the other the reader; time is what the test says.
struct Pair {
  std::unique_ptr<Connection> service = std::make_unique<Connection>();
  std::vector<char> memory = std::vector<char>(1 << 20);
  Answers answers{memory.data(), memory.size()};
  int reader = -1;

  Pair() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    reader = ends[1];
    service->open(ends[0], answers, 0);
  }
  ~Pair() {
    if (service->state != Connection::State::kFree) service->close();
    close(reader);
  }
  void say(const std::string &text) {
    EXPECT_EQ(send(reader, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    service->advance(answers, 0);
  }
  std::string hear() {
    std::string text(1 << 20, '\0');
    const ssize_t got = recv(reader, text.data(), text.size(), MSG_DONTWAIT);
    text.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return text;
  }
};

}  // namespace

TEST(Connection, AnswersARequestThatComesInPieces) {
  Pair pair;
  pair.say("GET /v1/snap");
  EXPECT_EQ(pair.hear(), "");
  pair.say("shot HTTP/1.1\r\n\r\n");
  const std::string text = pair.hear();
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n")) << text;
  const size_t body = text.find("\r\n\r\n") + 4;
  const size_t length = std::stoul(text.substr(text.find("Content-Length:") + 15));
  EXPECT_EQ(text.size() - body, length);
  EXPECT_EQ(text.back(), '}');
}

TEST(Connection, HeadHasTheLengthButNoBody) {
  Pair pair;
  pair.say("HEAD /v1/sizes HTTP/1.1\r\n\r\n");
  const std::string text = pair.hear();
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
  EXPECT_GT(std::stoul(text.substr(text.find("Content-Length:") + 15)), 0u);
}

TEST(Connection, GarbageGetsAnErrorAsJson) {
  Pair pair;
  pair.say("\x16\x03\x01garbage");
  const std::string text = pair.hear();
  EXPECT_TRUE(text.starts_with("HTTP/1.1 400 ")) << text;
  EXPECT_NE(text.find("{\"error\":\""), std::string::npos);
}

TEST(Connection, OversizeIs431AndTheAnswerSurvivesTheUnreadRest) {
  Pair pair;
  pair.say("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'));
  EXPECT_TRUE(pair.hear().starts_with("HTTP/1.1 431 "));
  EXPECT_EQ(pair.service->state, Connection::State::kClosing);
}

TEST(Connection, SlowRequestsGet408ThenTheEnd) {
  Pair pair;
  pair.say("GET / HT");
  const uint64_t later = pair.service->deadline_ns + 1;
  pair.service->expire(pair.answers, later);
  EXPECT_TRUE(pair.hear().starts_with("HTTP/1.1 408 "));
  pair.service->expire(pair.answers, pair.service->deadline_ns + 1);
  EXPECT_EQ(pair.service->state, Connection::State::kFree);
}

TEST(Connection, AReaderThatHangsUpFreesThePlace) {
  Pair pair;
  pair.say("GET / HTTP/1.1\r\n\r\n");
  shutdown(pair.reader, SHUT_WR);
  pair.service->advance(pair.answers, 0);
  EXPECT_EQ(pair.service->state, Connection::State::kFree);
}

TEST(Connection, AReaderThatDoesNotReadGetsTheRestWhenItDoes) {
  Pair pair;
  const int small = 2048;
  setsockopt(pair.service->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  pair.say("GET /metrics HTTP/1.1\r\n\r\n");
  ASSERT_EQ(pair.service->state, Connection::State::kSending);
  std::string text;
  for (int i = 0; i < 1000 && pair.service->state == Connection::State::kSending; ++i) {
    text += pair.hear();
    pair.service->advance(pair.answers, 0);
  }
  text += pair.hear();
  EXPECT_TRUE(text.ends_with("# EOF\n"));
}

// A page of many sites is long, and on a crowded machine its reader is slow: a megabyte a second will do.
TEST(Connection, GivesAReaderWhoReadsOnTheTimeThatALongAnswerTakes) {
  constexpr std::size_t kLong = 1 << 16;
  constexpr uint64_t kNsForAByte = 1000;
  Pair pair;
  Connection &service = *pair.service;
  const int small = 2048;
  setsockopt(service.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  pair.say("GET /metrics HTTP/1.1\r\n\r\n");
  ASSERT_EQ(service.state, Connection::State::kSending);
  const uint64_t first = service.deadline_ns;
  EXPECT_EQ(service.last_ns, first + service.unsent_bytes * kNsForAByte);
  sys::unmap(service.unsent, service.unsent_mapped);
  service.unsent = static_cast<char *>(sys::map(kLong));
  service.unsent_bytes = service.unsent_mapped = kLong;
  service.last_ns = first + kLong * kNsForAByte;

  pair.hear();
  service.advance(pair.answers, 1);
  ASSERT_EQ(service.state, Connection::State::kSending);
  EXPECT_EQ(service.deadline_ns, first + 1);
  // Not without reading,
  service.advance(pair.answers, 2);
  EXPECT_EQ(service.deadline_ns, first + 1);
  // nor for ever.
  pair.hear();
  service.advance(pair.answers, service.last_ns - 1);
  ASSERT_EQ(service.state, Connection::State::kSending);
  EXPECT_EQ(service.deadline_ns, service.last_ns);
  service.expire(pair.answers, service.deadline_ns);
  EXPECT_EQ(service.state, Connection::State::kFree);
}

TEST(Connection, StaysForAnotherRequestWhereTheReaderAsks) {
  Pair pair;
  for (int i = 0; i < 3; ++i) {
    pair.say("GET / HTTP/1.1\r\nConnection: Keep-Alive\r\n\r\n");
    const std::string text = pair.hear();
    EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n")) << text;
    EXPECT_NE(text.find("\r\nConnection: keep-alive\r\n"), std::string::npos) << text;
    ASSERT_EQ(pair.service->state, Connection::State::kIdle);
  }
  pair.say("GET / HTTP/1.1\r\n\r\n");
  EXPECT_NE(pair.hear().find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_EQ(pair.service->state, Connection::State::kClosing);
}

TEST(Connection, StaysAfterAnAnswerThatWentInParts) {
  Pair pair;
  const int small = 2048;
  setsockopt(pair.service->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  for (int round = 0; round < 2; ++round) {
    pair.say("GET /metrics HTTP/1.1\r\nConnection: keep-alive\r\n\r\n");
    ASSERT_EQ(pair.service->state, Connection::State::kSending);
    std::string text;
    for (int i = 0; i < 1000 && pair.service->state == Connection::State::kSending; ++i) {
      text += pair.hear();
      pair.service->advance(pair.answers, 0);
    }
    text += pair.hear();
    EXPECT_TRUE(text.ends_with("# EOF\n"));
    ASSERT_EQ(pair.service->state, Connection::State::kIdle);
    EXPECT_EQ(pair.service->unsent, nullptr);
  }
}

TEST(Connection, DoesNotStayWhereMoreFollowsThanItReads) {
  const std::string keep = "Connection: keep-alive\r\n";
  for (const std::string &more : {keep + "Content-Length: 3\r\n\r\n", keep + "\r\nGET / HTTP/1.1\r\n\r\n",
                                  keep + "Transfer-Encoding: chunked\r\n\r\n"}) {
    Pair pair;
    pair.say("GET / HTTP/1.1\r\n" + more);
    EXPECT_NE(pair.hear().find("\r\nConnection: close\r\n"), std::string::npos) << more;
    EXPECT_EQ(pair.service->state, Connection::State::kClosing) << more;
  }
}

TEST(Connection, IsOverAfterAnErrorOrWhenNothingMoreComes) {
  Pair wrong, idle, half;
  for (Pair *pair : {&wrong, &idle, &half}) {
    pair->say("GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n");
    pair->hear();
  }
  wrong.say("GET /nothing HTTP/1.1\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(wrong.hear().starts_with("HTTP/1.1 404 "));
  EXPECT_EQ(wrong.service->state, Connection::State::kClosing);
  // Who had his turn makes way at once, and without a word.
  EXPECT_EQ(idle.service->yields_ns(), 0u);
  idle.service->expire(idle.answers, idle.service->deadline_ns + 1);
  EXPECT_EQ(idle.hear(), "");
  EXPECT_EQ(idle.service->state, Connection::State::kFree);
  half.say("GET / HT");
  half.service->expire(half.answers, half.service->deadline_ns + 1);
  EXPECT_TRUE(half.hear().starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(half.service->state, Connection::State::kClosing);
}
