// SPDX-License-Identifier: MIT
#include "client/endpoint.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temp_dir.h"
#include "system/process.h"
#include "tools/fake_server.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

TEST(SocketName, IsPidAndStartTime) {
  int pid = 0;
  std::uint64_t start = 0;
  EXPECT_TRUE(parse_socket_name("123-456.sock", pid, start));
  EXPECT_EQ(pid, 123);
  EXPECT_EQ(start, 456u);
  for (const char *odd :
       {"", ".sock", "123.sock", "123-.sock", "-1-2.sock", "0-1.sock", "1-2.sock.part", "1-2", "a-b.sock",
        "1-2x.sock", "99999999999-1.sock", "1--2.sock", "01-2.sock", "1-02.sock", "+1-2.sock", "1-2.sock "}) {
    EXPECT_FALSE(parse_socket_name(odd, pid, start)) << odd;
  }
}

class Endpoints : public ::testing::Test {
 protected:
  std::shared_ptr<const SocketDirectory> directory() const {
    return SocketDirectory::open(dir_.path(), geteuid());
  }
  Endpoint only() const {
    const auto found = endpoints_in(directory());
    EXPECT_EQ(found.size(), 1u);
    return found.at(0);
  }
  TempDir dir_;
};

TEST_F(Endpoints, AreTheSocketsAmongTheFiles) {
  write_file(dir_ / "README", "");
  write_file(dir_ / "1-1.sock.part", "");
  FakeServer server(dir_ / "77-88.sock", say_nothing);
  EXPECT_EQ(only().pid, 77);
  EXPECT_EQ(only().path(), (dir_ / "77-88.sock").string());
}

TEST_F(Endpoints, KnowWhetherTheirProcessStillIsTheSame) {
  const auto status = process::status(getpid());
  const std::string name = std::to_string(getpid()) + "-" + std::to_string(status->start_time) + ".sock";
  FakeServer server(dir_ / name, say_nothing);
  EXPECT_EQ(only().local_pid(), getpid());
  Endpoint reused = only();
  reused.start_time += 1;
  EXPECT_EQ(reused.local_pid(), 0);
}

TEST_F(Endpoints, OfDeadProcessesAreRemoved) {
  { FakeServer server(dir_ / "4194305-1.sock", say_nothing); }
  remove_if_dead(only());
  EXPECT_FALSE(std::filesystem::exists(dir_ / "4194305-1.sock"));
}

// Named so until its process listens: a process that was killed meanwhile leaves it.
TEST_F(Endpoints, ThatWereNeverFinishedAreRemovedOnceTheyAreOld) {
  const auto old = dir_ / "4194305-1.part", fresh = dir_ / "4194306-1.part",
             no_socket = dir_ / "4194307-1.part";
  { FakeServer server(old, say_nothing); }
  { FakeServer server(fresh, say_nothing); }
  write_file(no_socket, "precious");
  const auto now = std::filesystem::last_write_time(fresh);
  for (const auto &path : {old, no_socket})
    std::filesystem::last_write_time(path, now - std::chrono::seconds(10));
  EXPECT_TRUE(endpoints_in(directory()).empty());
  EXPECT_FALSE(std::filesystem::exists(old));
  EXPECT_TRUE(std::filesystem::exists(fresh)) << "it may be about to listen";
  EXPECT_TRUE(std::filesystem::exists(no_socket));
}

// Else they would stay until the clock is where it was.
TEST_F(Endpoints, ThatWereNeverFinishedAreRemovedWhereTheClockWasSetBack) {
  const auto of_the_future = dir_ / "4194305-1.part";
  { FakeServer server(of_the_future, say_nothing); }
  std::filesystem::last_write_time(of_the_future,
                                   std::filesystem::last_write_time(of_the_future) + std::chrono::hours(1));
  EXPECT_TRUE(endpoints_in(directory()).empty());
  EXPECT_FALSE(std::filesystem::exists(of_the_future));
}

TEST_F(Endpoints, ThatAreNoSocketsAreLeftAlone) {
  write_file(dir_ / "4194305-1.sock", "precious");
  remove_if_dead(only());
  EXPECT_EQ(read_file(dir_ / "4194305-1.sock"), "precious");
}

TEST_F(Endpoints, OfALivingProcessAreLeftAloneWhileFresh) {
  const auto status = process::status(getpid());
  const auto path = dir_ / (std::to_string(getpid()) + "-" + std::to_string(status->start_time) + ".sock");
  { FakeServer server(path, say_nothing); }
  remove_if_dead(only());
  EXPECT_TRUE(std::filesystem::exists(path));
}

}  // namespace
