// SPDX-License-Identifier: MIT
#include "client/client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/temp_dir.h"
#include "tools/fake_server.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;
using namespace std::chrono_literals;

namespace {

class Client : public ::testing::Test {
 protected:
  Endpoint endpoint() const { return {SocketDirectory::open_unchecked(dir_.path()), "1-1.sock", 1, 1}; }
  std::filesystem::path socket() const { return dir_ / "1-1.sock"; }

  // Why there was no answer; the answer itself is a failure.
  Silence silence(std::chrono::milliseconds patience = 5s) const {
    try {
      ADD_FAILURE() << "answered: " << get(endpoint(), "/", in(patience)).substr(0, 200);
    } catch (const NoAnswer &why) {
      return why.why();
    }
    return Silence::kStrange;
  }

  TempDir dir_;
};

TEST_F(Client, ReadsAnAnswer) {
  FakeServer server(socket(), answer(http_answer("{\"a\":1}")));
  EXPECT_EQ(get(endpoint(), "/", in(5s)), "{\"a\":1}");
}

TEST_F(Client, ReadsTheLargestAnswersToTheirEndAndNoLargerOnes) {
  for (const auto &[path, most] : {std::pair("/v1/threads", 4u << 20), std::pair("/v1/snapshot", 256u << 10),
                                   std::pair("/v1/sites", 256u << 20)}) {
    {
      FakeServer server(socket(), answer(http_answer(std::string(most, 'x'))));
      EXPECT_EQ(get(endpoint(), path, in(30s)).size(), most);
    }
    std::filesystem::remove(socket());
    {
      FakeServer server(socket(), answer(http_answer(std::string(most + 1, 'x'))));
      EXPECT_THROW(get(endpoint(), path, in(30s)), NoAnswer);
    }
    std::filesystem::remove(socket());
  }
}

TEST_F(Client, WaitsForManyTogether) {
  std::vector<std::unique_ptr<FakeServer>> servers;
  std::vector<Endpoint> endpoints;
  for (int pid = 1; pid <= 8; ++pid) {
    const std::string file = std::to_string(pid) + "-1.sock";
    endpoints.push_back({SocketDirectory::open_unchecked(dir_.path()), file, pid, 1});
    if (pid == 8) continue;
    servers.push_back(
        std::make_unique<FakeServer>(dir_ / file, pid == 4 ? answer(http_answer("{}")) : say_nothing));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto silences = ask_all(endpoints, "/", in(3s));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 12s) << "six that say nothing would take 18 s in turn";
  EXPECT_EQ(silences[0], Silence::kLate);
  EXPECT_EQ(silences[3], std::nullopt);
  EXPECT_EQ(silences[7], Silence::kGone);
}

TEST_F(Client, ReadsAnAnswerThatComesLetterByLetter) {
  FakeServer server(socket(), [](int connection) {
    read_request(connection);
    for (char letter : http_answer("{\"slow\":true}")) {
      if (!send_text(connection, std::string(1, letter))) return;
    }
  });
  EXPECT_EQ(get(endpoint(), "/", in(10s)), "{\"slow\":true}");
}

TEST_F(Client, GivesUpAtTheDeadlineOnAServerThatIsSilent) {
  FakeServer server(socket(), say_nothing);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(silence(200ms), Silence::kLate);
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_GE(took, 200ms);
  EXPECT_LT(took, 5s);
}

TEST_F(Client, GivesUpAtTheDeadlineOnAServerThatNeverFinishes) {
  FakeServer server(socket(), [](int connection) {
    read_request(connection);
    send_text(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (send_text(connection, "x")) std::this_thread::sleep_for(10ms);
  });
  EXPECT_EQ(silence(300ms), Silence::kLate);
}

TEST_F(Client, RefusesGarbage) {
  FakeServer server(socket(), answer("I am not the server you are looking for\r\n\r\n"));
  EXPECT_EQ(silence(), Silence::kStrange);
}

TEST_F(Client, RefusesAHeaderWithoutEnd) {
  FakeServer server(socket(), [](int connection) {
    read_request(connection);
    send_text(connection, "HTTP/1.1 200 OK\r\n");
    while (send_text(connection, "X-More: " + std::string(10'000, 'y') + "\r\n")) {
    }
  });
  EXPECT_EQ(silence(), Silence::kStrange);
}

TEST_F(Client, RefusesAnAnswerAnnouncedTooLarge) {
  FakeServer server(socket(), answer("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"));
  EXPECT_EQ(silence(), Silence::kStrange);
}

TEST_F(Client, NoticesAnAnswerCutShort) {
  FakeServer server(socket(), answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half"));
  EXPECT_EQ(silence(), Silence::kGone);
}

TEST_F(Client, NoticesAServerThatHangsUp) {
  FakeServer server(socket(), [](int) {});
  EXPECT_EQ(silence(), Silence::kGone);
}

TEST_F(Client, NoticesThatNobodyListens) {
  { FakeServer server(socket(), say_nothing); }
  ASSERT_TRUE(std::filesystem::exists(socket()));
  EXPECT_EQ(silence(), Silence::kGone);
}

TEST_F(Client, TellsARefusalFromAStrangeStatus) {
  {
    FakeServer server(socket(), answer(http_answer("{\"error\":\"no\"}", "403 Forbidden")));
    EXPECT_EQ(silence(), Silence::kRefused);
  }
  std::filesystem::remove(socket());
  FakeServer server(socket(), answer(http_answer("{}", "500 Internal Server Error")));
  EXPECT_EQ(silence(), Silence::kStrange);
}

// As a process does whose service saw no request in time, after a quarter of a second at least.
FakeServer::Talk refuse_as_too_late(std::atomic<int> &refusals, int most) {
  return [&refusals, most](int connection) {
    if (refusals == most) return answer(http_answer("{\"a\":1}"))(connection);
    ++refusals;
    std::this_thread::sleep_for(250ms);
    send_text(connection, http_answer("{\"error\":\"too late\"}", "408 Request Timeout"));
  };
}

TEST_F(Client, AsksAnewWhenItsRequestCameTooLate) {
  std::atomic<int> refusals = 0;
  FakeServer server(socket(), refuse_as_too_late(refusals, 3));
  EXPECT_EQ(get(endpoint(), "/", in(20s)), "{\"a\":1}");
  EXPECT_EQ(refusals, 3);
}

TEST_F(Client, AsksAnewAmongManyAndForChanges) {
  std::atomic<int> refusals = 0;
  FakeServer server(socket(), refuse_as_too_late(refusals, 1));
  EXPECT_EQ(ask_all({endpoint()}, "/", in(20s)).front(), std::nullopt);
  EXPECT_EQ(refusals, 1);
  refusals = 0;
  EXPECT_EQ(change(endpoint(), "/", in(20s)), "{\"a\":1}");
  EXPECT_EQ(refusals, 1);
}

TEST_F(Client, GivesUpAtTheDeadlineOnAServerThatIsNeverInTime) {
  std::atomic<int> refusals = 0;
  FakeServer server(socket(), refuse_as_too_late(refusals, -1));
  EXPECT_EQ(silence(600ms), Silence::kLate);
}

TEST_F(Client, DoesNotAskAnewWhoSaysAtOnceThatItWasTooLate) {
  FakeServer server(socket(), answer(http_answer("{}", "408 Request Timeout")));
  EXPECT_EQ(silence(20s), Silence::kStrange);
}

TEST_F(Client, ReachesASocketWhosePathIsTooLongForAnAddress) {
  const auto deep = dir_.path() / std::string(100, 'd') / std::string(100, 'e');
  std::filesystem::create_directories(deep);
  {
    FakeServer server(socket(), answer(http_answer("{}")));
    std::filesystem::rename(socket(), deep / "1-1.sock");
    EXPECT_EQ(get({SocketDirectory::open_unchecked(deep), "1-1.sock", 1, 1}, "/", in(5s)), "{}");
  }
}

}  // namespace
