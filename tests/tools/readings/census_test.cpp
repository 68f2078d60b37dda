// SPDX-License-Identifier: MIT
#include "readings/census.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <semaphore>

#include "support/subprocess.h"
#include "support/temp_dir.h"
#include "tools/fake_server.h"
#include "tools/snapshot_text.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;
using namespace std::chrono_literals;

namespace {

// The sockets' names are of pids above the kernel's limit: no process of this machine.
class CensusTest : public ::testing::Test {
 protected:
  CensusTest() { setenv("HEAPMETER_DIR", dir_.path().c_str(), 1); }
  ~CensusTest() override { unsetenv("HEAPMETER_DIR"); }

  void serve(int pid, FakeServer::Talk talk) {
    servers_.push_back(std::make_unique<FakeServer>(socket(pid), std::move(talk)));
  }
  std::filesystem::path socket(int pid) const { return dir_ / (std::to_string(4'194'304 + pid) + "-1.sock"); }

  TempDir dir_;
  std::vector<std::unique_ptr<FakeServer>> servers_;
};

// As long as it lives, so many descriptors more may be opened here.
class Few {
 public:
  explicit Few(rlim_t more) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const std::filesystem::directory_iterator open("/proc/self/fd");
    const rlimit limit = {static_cast<rlim_t>(std::distance(begin(open), end(open))) + more,
                          before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~Few() { setrlimit(RLIMIT_NOFILE, &before_); }
  Few(const Few &) = delete;
  Few &operator=(const Few &) = delete;

 private:
  rlimit before_ = {};
};

TEST_F(CensusTest, OfNobodyIsEmptyAtOnce) {
  Census census(1s);
  census.begin();
  EXPECT_TRUE(census.go_on(in(10s)));
  EXPECT_TRUE(census.members().empty());
}

TEST_F(CensusTest, AsksMoreThanMayBeAskedAtOnce) {
  for (int pid = 1; pid <= 300; ++pid) serve(pid, answer(http_answer(snapshot_text())));
  Census census(10s);
  census.begin();
  EXPECT_TRUE(census.go_on(in(30s)));
  const auto members = census.members();
  ASSERT_EQ(members.size(), 300u);
  for (const Member &member : members) EXPECT_TRUE(member.reading && member.complaint.empty());
}

TEST_F(CensusTest, OneThatHangsKeepsItsReadingAndItsQuestion) {
  std::atomic<int> asked = 0;
  std::binary_semaphore goes_on(0);
  serve(1, [&](int connection) {
    read_request(connection);
    if (asked++ == 1) goes_on.acquire();
    send_text(connection, http_answer(snapshot_text({{"live_bytes", 100 + asked}})));
  });
  serve(2, answer(http_answer(snapshot_text())));
  Census census(50ms);
  census.begin();
  ASSERT_TRUE(census.go_on(in(10s)));
  for (int round = 0; round < 3; ++round) {
    census.begin();
    EXPECT_FALSE(census.go_on(in(100ms)));
    const auto members = census.members();
    ASSERT_EQ(members.size(), 2u);
    EXPECT_EQ(members[0].complaint, "not answering");
    EXPECT_EQ(members[0].reading->live_bytes, 101u);
    EXPECT_EQ(members[1].complaint, "");
  }
  EXPECT_EQ(asked, 2);
  goes_on.release();
  EXPECT_TRUE(census.go_on(in(10s)));
  EXPECT_EQ(census.members()[0].complaint, "");
  EXPECT_EQ(census.members()[0].reading->live_bytes, 102u);
}

TEST_F(CensusTest, ThoseThatHangDoNotStarveTheOthers) {
  for (int pid = 1; pid <= 260; ++pid) serve(pid, say_nothing);
  serve(261, answer(http_answer(snapshot_text())));
  Census census(20ms);
  census.begin();
  EXPECT_TRUE(eventually([&] {
    census.go_on(in(30ms));
    const auto members = census.members();
    return std::any_of(members.begin(), members.end(), [](const Member &member) { return member.reading; });
  }));
}

TEST_F(CensusTest, ThoseThatHangLeaveTheOthersTheirTurnInEveryRound) {
  constexpr int kHanging = 520, kOthers = 10, kRounds = 20;
  std::array<std::atomic<int>, kOthers> asked = {};
  for (int pid = 1; pid <= kHanging; ++pid) serve(pid, say_nothing);
  for (int other = 0; other < kOthers; ++other) {
    serve(kHanging + 1 + other, [&asked, other](int connection) {
      ++asked[static_cast<std::size_t>(other)];
      answer(http_answer(snapshot_text()))(connection);
    });
  }
  const auto least = [&] { return std::min_element(asked.begin(), asked.end())->load(); };
  Census census(500ms);
  ASSERT_TRUE(eventually([&] {
    census.begin();
    census.go_on(in(50ms));
    return least() > 0;
  }));
  int rounds = 0;
  for (const int begin = least(); least() < begin + kRounds && rounds < 5 * kRounds; ++rounds) {
    census.begin();
    census.go_on(in(100ms));
  }
  EXPECT_LT(rounds, 5 * kRounds);
}

TEST_F(CensusTest, ThoseThatHangLeaveTheOthersTheirTurnInOneRound) {
  for (int pid = 1; pid <= 300; ++pid) serve(pid, say_nothing);
  std::atomic<int> others = 10;
  const int all_asked = eventfd(0, EFD_CLOEXEC);
  for (int pid = 301; pid <= 310; ++pid) {
    serve(pid, [&, all_asked](int connection) {
      answer(http_answer(snapshot_text()))(connection);
      if (--others == 0) eventfd_write(all_asked, 1);
    });
  }
  Census census(0ms);
  census.begin();
  EXPECT_FALSE(census.go_on(in(15s), all_asked)) << "later, those that hang hang up";
  EXPECT_EQ(others, 0);
  EXPECT_FALSE(census.go_on(in(2s))) << "takes what the last of them has answered";
  close(all_asked);
  const auto members = census.members();
  EXPECT_EQ(members.size(), 310u);
  EXPECT_EQ(
      std::count_if(members.begin(), members.end(), [](const Member &member) { return member.reading; }), 10);
}

// With so few descriptors that most have to wait, none is taken for one that hangs.
TEST_F(CensusTest, AsksAllWithFewDescriptors) {
  constexpr int kAll = 100;
  for (int pid = 1; pid <= kAll; ++pid)
    serve(pid, [](int connection) {
      read_request(connection);
      std::this_thread::sleep_for(5ms);  // so that those asked together overlap
      send_text(connection, http_answer(snapshot_text()));
    });
  const Few few(kAll + 24);  // a server that waits for a connection has the number of its descriptor already
  Census census(0ms, {}, 1h);
  census.begin();
  EXPECT_TRUE(census.go_on(in(30s)));
  const auto members = census.members();
  EXPECT_EQ(members.size(), std::size_t{kAll});
  for (const Member &member : members) EXPECT_TRUE(member.reading && member.complaint.empty());
}

TEST_F(CensusTest, SaysWhoWasNotAsked) {
  for (int pid = 1; pid <= 260; ++pid) serve(pid, say_nothing);
  Census census(0ms, {}, 1h);
  census.begin();
  EXPECT_FALSE(census.go_on(in(0ms)));
  const auto members = census.members();
  EXPECT_EQ(members.size(), 260u);
  EXPECT_GE(std::count_if(members.begin(), members.end(),
                          [](const Member &member) { return member.complaint.starts_with("not asked yet"); }),
            4);
}

TEST_F(CensusTest, ForgetsThoseThatEndAndTheirFiles) {
  serve(1, answer(http_answer(snapshot_text())));
  Census census(1s);
  census.begin();
  ASSERT_TRUE(census.go_on(in(10s)));
  ASSERT_EQ(census.members().size(), 1u);
  servers_.clear();
  census.begin();
  EXPECT_TRUE(census.go_on(in(10s)));
  EXPECT_TRUE(census.members().empty());
  EXPECT_FALSE(std::filesystem::exists(socket(1)));
  census.begin();
  EXPECT_TRUE(census.members().empty());
}

TEST_F(CensusTest, AlsoAsksOneThatIsElsewhere) {
  const TempDir elsewhere;
  const std::string file = socket(1).filename();
  auto server = std::make_unique<FakeServer>(elsewhere / file, answer(http_answer(snapshot_text())));
  Census census(1s);
  census.also({SocketDirectory::open_unchecked(elsewhere.path()), file, 4'194'305, 1});
  census.begin();
  ASSERT_TRUE(census.go_on(in(10s)));
  ASSERT_EQ(census.members().size(), 1u);
  server.reset();
  for (int round = 0; round < 2; ++round) {
    census.begin();
    EXPECT_TRUE(census.go_on(in(10s)));
    EXPECT_TRUE(census.members().empty());
  }
}

TEST_F(CensusTest, AsksOnceOneThatHasTwoNames) {
  serve(1, answer(http_answer(snapshot_text())));
  Census census(1s);
  const auto directory = SocketDirectory::open_unchecked(dir_ / ".");
  census.also({directory, socket(1).filename(), 4'194'305, 1});
  census.begin();
  EXPECT_TRUE(census.go_on(in(10s)));
  ASSERT_EQ(census.members().size(), 1u);
  EXPECT_EQ(census.members()[0].endpoint.directory, directory) << "under the name it was asked for";
}

TEST_F(CensusTest, KeepsOneThatTalksNonsenseWithTheReason) {
  serve(1, answer("rubbish\r\n\r\n"));
  Census census(1s);
  census.begin();
  EXPECT_TRUE(census.go_on(in(10s)));
  ASSERT_EQ(census.members().size(), 1u);
  EXPECT_NE(census.members()[0].complaint.find("not HTTP"), std::string::npos);
}

TEST_F(CensusTest, ReturnsWhenItIsWoken) {
  serve(1, say_nothing);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  Census census(10s);
  census.begin();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(census.go_on(in(20s), ends[0]));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
