// SPDX-License-Identifier: MIT
//
// account against /proc, on real programs: the sum explains what the kernel says, and the heap's line is the
// heap.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cstdlib>
#include <sstream>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

std::int64_t kernel_resident(pid_t pid) {
  std::istringstream lines(read_file("/proc/" + std::to_string(pid) + "/status"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("VmRSS:")) return 1024 * std::stoll(line.substr(6));
  }
  return 0;
}

class Figures {
 public:
  explicit Figures(const Outcome &outcome) : object_(boost::json::parse(outcome.out).as_object()) {}
  std::int64_t operator[](const char *name) const { return object_.at(name).to_number<std::int64_t>(); }

 private:
  boost::json::object object_;
};

struct Case {
  std::string name;
  std::vector<std::string> argv;
  std::string backend = "mimalloc", python_malloc = "malloc";
  std::string ready = "ready\n";
};

std::ostream &operator<<(std::ostream &stream, const Case &each) { return stream << each.name; }

class RealProgram : public ::testing::TestWithParam<Case> {};

// Starts it, waits until it says it is ready, and asks.
TEST_P(RealProgram, IsExplainedToWithinFivePerCent) {
  const Case &each = GetParam();
  Playground playground;
  Command command = playground.command({});
  command.argv = each.argv;
  command.environment["LD_PRELOAD"] = library();
  command.environment["HEAPMETER_BACKEND"] = each.backend;
  command.environment["PYTHONMALLOC"] = each.python_malloc;
  const Process process(command);
  ASSERT_TRUE(eventually([&] { return process.out().find(each.ready) != std::string::npos; },
                         std::chrono::seconds(30)))
      << process.out() << process.err();
  socket_of(playground.sockets(), process.pid());
  const Outcome outcome = playground.run({"account", std::to_string(process.pid()), "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome;
  const Figures account(outcome);
  const std::int64_t resident = kernel_resident(process.pid());
  EXPECT_NEAR(static_cast<double>(account["resident_bytes"]), static_cast<double>(resident),
              0.05 * static_cast<double>(resident));
  EXPECT_LT(std::abs(account["remainder_bytes"]), resident / 20) << outcome;
  std::int64_t sum = account["remainder_bytes"];
  for (const char *line : {"heap_bytes", "meter_bytes", "stack_bytes", "program_bytes", "file_bytes",
                           "shared_bytes", "other_anonymous_bytes"}) {
    sum += account[line];
  }
  EXPECT_EQ(sum, account["resident_bytes"]);
  EXPECT_EQ(account["live_bytes"] + account["rounding_bytes"] + account["free_bytes"],
            account["committed_bytes"]);
  EXPECT_GE(account["free_bytes"], 0) << "the heap's mappings were not all found";
  EXPECT_GE(account["rounding_bytes"], 0);
  EXPECT_GT(account["heap_bytes"], 0);
  EXPECT_LE(account["heap_bytes"], account["committed_bytes"]);
  EXPECT_GT(account["meter_library_bytes"], 0);
  // 20 MiB that each of these programs has filled are in the heap's line, not somewhere else.
  EXPECT_GT(account["live_bytes"], 20 << 20);
  EXPECT_GT(account["heap_bytes"], 20 << 20) << outcome;
}

const std::string kPython =
    "import threading, time\n"
    "block = bytearray(b'x') * (20 << 20)\n"
    "many = [str(number) * 3 for number in range(50000)]\n"
    "threads = [threading.Thread(target=time.sleep, args=(300,), daemon=True) for number in range(3)]\n"
    "[thread.start() for thread in threads]\n"
    "print('ready', flush=True)\n"
    "time.sleep(300)\n";
const std::string kNode =
    "const block = Buffer.alloc(21 << 20, 1); const many = []; for (let i = 0; i < 100000; i++) "
    "many.push({i});"
    "console.log('ready'); setInterval(() => block.length + many.length, 1000)";
// redis-check-rdb, redis-server: one program under several names.
const std::string kRedis =
    "cd \"$TMPDIR\"; ln -s \"$(command -v redis-check-rdb)\" redis-server; "
    "(for i in $(seq 300); do env -u LD_PRELOAD redis-cli -s redis.sock debug populate 300000 key 60 && "
    "break; "
    "sleep 0.1; done; echo ready) 2> /dev/null & "
    "exec ./redis-server --port 0 --unixsocket redis.sock --save '' --enable-debug-command local";

INSTANTIATE_TEST_SUITE_P(
    Account, RealProgram,
    ::testing::Values(Case{"python_malloc", {"/usr/bin/python3", "-c", kPython}},
                      Case{"python_pymalloc", {"/usr/bin/python3", "-c", kPython}, "mimalloc", "pymalloc"},
                      Case{"python_malloc_next", {"/usr/bin/python3", "-c", kPython}, "next"},
                      Case{"python_pymalloc_next", {"/usr/bin/python3", "-c", kPython}, "next", "pymalloc"},
                      Case{"node", {"/usr/bin/node", "-e", kNode}},
                      Case{"node_next", {"/usr/bin/node", "-e", kNode}, "next"},
                      Case{"redis", {"/bin/bash", "-c", kRedis}},
                      Case{"redis_next", {"/bin/bash", "-c", kRedis}, "next"}),
    [](const auto &each) { return each.param.name; });

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<sockaddr *>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

TEST(Account, OfTheUserServerIsExplained) {
  Playground playground;
  write_file(playground / "config", "host=127.0.0.1\nport=" + std::to_string(free_port()) + "\n");
  Command command = playground.command({});
  command.argv = {build_root() / "demo" / "user_server", playground / "config"};
  command.environment["LD_PRELOAD"] = library();
  const Process server(command);
  socket_of(playground.sockets(), server.pid());
  const Figures account(playground.run({"account", std::to_string(server.pid()), "--json"}));
  EXPECT_LT(std::abs(account["remainder_bytes"]), account["resident_bytes"] / 20);
  EXPECT_GE(account["free_bytes"], 0);
}

TEST(Account, HasTheFreedMemoryThatTheAllocatorKeeps) {
  Playground playground;
  Command command = playground.command({});
  command.argv = {"/usr/bin/python3", "-c",
                  "import time\nmany = [bytes(1000) for n in range(40000)]\nkept = many[::400]\ndel many\n"
                  "print('ready', flush=True)\ntime.sleep(300)"};
  command.environment["LD_PRELOAD"] = library();
  command.environment["PYTHONMALLOC"] = "malloc";
  const Process process(command);
  ASSERT_TRUE(eventually([&] { return process.out() == "ready\n"; }, std::chrono::seconds(30)));
  socket_of(playground.sockets(), process.pid());
  const Figures account(playground.run({"account", std::to_string(process.pid()), "--json"}));
  EXPECT_LT(account["live_bytes"], 10 << 20);
  EXPECT_GT(account["free_bytes"], 20 << 20);
}

TEST(Account, TellsDataFromTheMemoryBehindIt) {
  Playground playground;
  Command command = playground.command({});
  command.argv = {build_root() / "tests" / "tools" / "neighbour_of_data", std::to_string(48 << 20)};
  command.environment["LD_PRELOAD"] = library();
  const Process process(command);
  ASSERT_TRUE(eventually([&] { return process.out() == "ready\n"; }, std::chrono::seconds(30)))
      << process.err();
  socket_of(playground.sockets(), process.pid());
  const Outcome outcome = playground.run({"account", std::to_string(process.pid()), "--json"});
  const Figures account(outcome);
  EXPECT_GE(account["other_anonymous_bytes"], 48 << 20) << outcome;
  EXPECT_LT(account["program_bytes"], 20 << 20) << outcome;
  EXPECT_GE(account["program_bytes"], 32 << 10) << outcome;
}

TEST(Account, OfAProcessWhoseFirstThreadHasEnded) {
  Playground playground;
  Command command = playground.command({});
  command.argv = {sample("leaderless")};
  command.environment["LD_PRELOAD"] = library();
  const Process process(command);
  ASSERT_TRUE(eventually([&] { return process.out() == "ready\n"; }, std::chrono::seconds(30)));
  socket_of(playground.sockets(), process.pid());
  const Outcome outcome = playground.run({"account", std::to_string(process.pid()), "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_GE(Figures(outcome)["heap_bytes"], 24 << 20);
  EXPECT_LT(std::abs(Figures(outcome)["remainder_bytes"]), Figures(outcome)["resident_bytes"] / 20);
  const Figures stat(playground.run({"stat", std::to_string(process.pid()), "--json"}));
  EXPECT_GE(stat["rss_bytes"], 24 << 20);
}

TEST(Account, SaysWhyThereIsNone) {
  Playground playground;
  const Outcome outcome = playground.run({"account", "1"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("heapmeter: "), std::string::npos) << outcome;
  EXPECT_EQ(playground.run({"account"}).exit_code, 2);
}

}  // namespace
