// SPDX-License-Identifier: MIT
//
// What a metered program serves on its socket, and what happens when the other end misbehaves: an error
// answer or a closed connection, never a disturbed program.
#include <gtest/gtest.h>
#include <heapmeter/protocol.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/json/array.hpp>

#include <csignal>
#include <fstream>
#include <thread>

#include "support/http.h"
#include "support/meter.h"

namespace heapmeter::testing {
namespace {

class Service : public ::testing::Test {
 protected:
  Service() {
    Command command{{victim("holder"), "10", "1001"}};
    command.environment = meter_.environment();
    holder_ = std::make_unique<Process>(command);
    EXPECT_TRUE(eventually([&] { return holder_->out() == "ready\n"; })) << holder_->err();
    socket_ = meter_.socket_of(holder_->pid());
  }

  // The program must end as it would have unmetered, whatever was done to its socket.
  void TearDown() override {
    EXPECT_EQ(get(socket_, "/v1/snapshot").status, 200) << "it no longer serves";
    holder_->signal(SIGTERM);
    const Outcome outcome = holder_->wait();
    EXPECT_TRUE(outcome.ok()) << outcome;
    EXPECT_EQ(outcome.err, "");
    EXPECT_TRUE(meter_.sockets().empty()) << "the socket outlives the program";
  }

  std::int64_t thread_count() const {
    std::int64_t count = 0;
    for ([[maybe_unused]] const auto &entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(holder_->pid()) + "/task")) {
      ++count;
    }
    return count;
  }

  std::int64_t resident_kilobytes() const {
    std::ifstream status("/proc/" + std::to_string(holder_->pid()) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.rfind("VmRSS:", 0) == 0) return std::stoll(line.substr(6));
    }
    return -1;
  }

  std::string task(const std::string &file, pid_t tid) const {
    return read_file("/proc/" + std::to_string(holder_->pid()) + "/task/" + std::to_string(tid) + "/" + file);
  }

  pid_t service_thread() const {
    for (const auto &entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(holder_->pid()) + "/task")) {
      const pid_t tid = std::stoi(entry.path().filename().string());
      if (task("comm", tid) == "heapmeter\n") return tid;
    }
    return -1;
  }

  std::int64_t cpu_ns(pid_t tid) const { return std::stoll(task("schedstat", tid)); }

  void expect_error(const std::string &request, int status) {
    Connection connection(socket_);
    connection.send(request);
    const Answer answer = parse_answer(connection.receive_all());
    EXPECT_EQ(answer.status, status) << request.substr(0, 200);
    if (answer.status != 0) {
      EXPECT_FALSE(answer.json().as_object().at("error").as_string().empty());
    }
  }

  Meter meter_;
  std::unique_ptr<Process> holder_;
  std::filesystem::path socket_;
};

TEST_F(Service, SnapshotIsLiveAndExact) {
  const Reading before = meter_.snapshot(holder_->pid());
  EXPECT_EQ(before["pid"], holder_->pid());
  EXPECT_EQ(before.fields().at("name").as_string(), "holder");
  EXPECT_EQ(before["protocol"], 1);
  EXPECT_EQ(before.by_kind("allocations_by_kind", "malloc"), before["allocations"]);
  EXPECT_GE(before["live_bytes"], 10 * 1001 + 10 * 8);
  for (int i = 1; i <= 3; ++i) {
    holder_->signal(SIGUSR1);
    const std::string said = "freed " + std::to_string(i) + "\n";
    ASSERT_TRUE(eventually([&] { return holder_->out().find(said) != std::string::npos; }));
    const Reading now = meter_.snapshot(holder_->pid());
    EXPECT_EQ(now["live_blocks"], before["live_blocks"] - i);
    EXPECT_EQ(now["live_bytes"], before["live_bytes"] - i * 1001);
    EXPECT_EQ(now["frees"], before["frees"] + i);
    EXPECT_EQ(now["allocations"], before["allocations"]) << "a reading allocates nothing in the books";
    EXPECT_EQ(now["peak_bytes"], before["peak_bytes"]);
  }
}

TEST_F(Service, SnapshotHasEveryCounterOfTheList) {
  const Reading reading = meter_.snapshot(holder_->pid());
#define HEAPMETER_COUNTER(type, name, unit, help) EXPECT_GE(reading[#name], 0) << help;
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
#define HEAPMETER_ALLOCATION_KIND(name, help) EXPECT_GE(reading.by_kind("allocations_by_kind", #name), 0);
#define HEAPMETER_FREE_KIND(name, help) EXPECT_GE(reading.by_kind("frees_by_kind", #name), 0);
#include <heapmeter/kinds.def>
#undef HEAPMETER_ALLOCATION_KIND
#undef HEAPMETER_FREE_KIND
  for (const char *field : {"version", "protocol", "pid", "parent_pid", "start_time", "name", "backend",
                            "uptime_seconds", "monotonic_ns", "faults"}) {
    EXPECT_TRUE(reading.fields().contains(field)) << field;
  }
  EXPECT_EQ(reading["meter_bytes"],
            reading["meter_ledger_bytes"] + reading["meter_slot_bytes"] + reading["meter_other_bytes"]);
}

TEST_F(Service, SaysWhoItIs) {
  const auto identity = get(socket_, "/").json().as_object();
  EXPECT_EQ(identity.at("pid").to_number<pid_t>(), holder_->pid());
  EXPECT_EQ(identity.at("parent_pid").to_number<pid_t>(), getpid());
  EXPECT_EQ(identity.at("exe").as_string(), std::string_view(victim("holder").native()));
  const auto &command = identity.at("command").as_array();
  ASSERT_EQ(command.size(), 3U);
  EXPECT_EQ(command[2].as_string(), "1001");
  const std::string name = socket_.stem();
  EXPECT_EQ(name, std::to_string(holder_->pid()) + "-" +
                      std::to_string(identity.at("start_time").to_number<long long>()));
}

TEST_F(Service, SizesAddUpToTheSnapshot) {
  const Reading snapshot = meter_.snapshot(holder_->pid());
  const auto sizes = get(socket_, "/v1/sizes").json().as_object();
  std::map<std::string, std::int64_t> sums;
  std::int64_t last = 0;
  bool found = false;
  for (const auto &item : sizes.at("classes").as_array()) {
    const auto &row = item.as_object();
    const auto class_bytes = row.at("class_bytes").to_number<std::int64_t>();
    EXPECT_GT(class_bytes, last);
    last = class_bytes;
    for (const auto &field : row) sums[std::string(field.key())] += field.value().to_number<std::int64_t>();
    found =
        found || (class_bytes >= 1001 && class_bytes <= 1280 && row.at("live_blocks").to_number<int>() >= 10);
  }
  EXPECT_TRUE(found) << "the ten blocks of 1001 bytes have no class of their size";
  for (const char *counter : {"live_blocks", "live_bytes", "usable_bytes"}) {
    EXPECT_EQ(sums[counter], snapshot[counter]) << counter;
  }
  EXPECT_EQ(sums["allocations"] - sums["frees"], snapshot["live_blocks"]);
}

TEST_F(Service, ThreadsAddUpToTheSnapshot) {
  const Reading snapshot = meter_.snapshot(holder_->pid());
  const auto answer = get(socket_, "/v1/threads").json().as_object();
  const auto &threads = answer.at("threads").as_array();
  ASSERT_EQ(threads.size(), 1U) << "the meter's own thread is none of the program's";
  const auto &main_thread = threads[0].as_object();
  EXPECT_EQ(main_thread.at("tid").to_number<pid_t>(), holder_->pid());
  EXPECT_EQ(main_thread.at("name").as_string(), "holder");
  for (const char *counter : {"allocations", "frees", "reallocations", "allocated_bytes", "freed_bytes"}) {
    EXPECT_EQ(main_thread.at(counter).to_number<std::int64_t>() +
                  answer.at("exited").as_object().at(counter).to_number<std::int64_t>(),
              snapshot[counter])
        << counter;
  }
}

TEST_F(Service, MetricsAreOpenMetricsText) {
  const Reading snapshot = meter_.snapshot(holder_->pid());
  const Answer answer = get(socket_, "/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.head.find("application/openmetrics-text"), std::string::npos) << answer.head;
  EXPECT_NE(answer.body.find("# TYPE heapmeter_live_bytes gauge\n"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find("heapmeter_allocations_total"), std::string::npos);
  EXPECT_NE(answer.body.find(" " + std::to_string(snapshot["live_bytes"]) + "\n"), std::string::npos)
      << answer.body;
  EXPECT_TRUE(answer.body.ends_with("# EOF\n"));
}

TEST_F(Service, HeadIsGetWithoutTheBody) {
  const Answer answer = get(socket_, "/v1/snapshot", "HEAD");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_NE(answer.head.find("Content-Length: "), std::string::npos);
}

TEST_F(Service, WrongRequestsGetAnErrorInJson) {
  expect_error("GET /v1/nothing HTTP/1.1\r\n\r\n", 404);
  expect_error("GET /v1/snapshot/ HTTP/1.1\r\n\r\n", 404);
  expect_error("GET /../../etc/passwd HTTP/1.1\r\n\r\n", 404);
  expect_error("POST /v1/snapshot HTTP/1.1\r\n\r\n", 405);
  expect_error("DELETE / HTTP/1.1\r\n\r\n", 405);
  expect_error("hello\r\n\r\n", 400);
  expect_error(std::string("\0\1\2\3\xff\xfe\r\n\r\n", 10), 400);
  expect_error("GET\r\n\r\n", 400);
  expect_error("GET / FTP/7\r\n\r\n", 400);
  expect_error("GET http HTTP/1.1\r\n\r\n", 400);
}

TEST_F(Service, AcceptsWhatCurlSends) {
  const Outcome outcome = run({{program("curl"), "--silent", "--show-error", "--fail", "--unix-socket",
                                socket_, "http://heapmeter/v1/snapshot"}});
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_NE(outcome.out.find("\"live_bytes\":"), std::string::npos);
}

TEST_F(Service, OversizeRequestIs431) {
  expect_error("GET / HTTP/1.1\r\nX: " + std::string(100000, 'x') + "\r\n\r\n", 431);
  expect_error("GET /" + std::string(100000, 'a') + " HTTP/1.1\r\n\r\n", 431);
  expect_error(std::string(1000000, 'y'), 431);
}

TEST_F(Service, SlowRequestIs408AndOthersAreServedMeanwhile) {
  Connection slow(socket_);
  slow.send("GET /v1/snap");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(get(socket_, "/").status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1))
      << "one slow client holds up others";
  EXPECT_EQ(parse_answer(slow.receive_all()).status, 408);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_F(Service, HalfClosedAndVanishingClientsDoNoHarm) {
  for (int i = 0; i < 200; ++i) {
    Connection quick(socket_);
    if (i % 2 == 0) quick.send("GET /v1/snapshot HTTP/1.1\r\n\r\n");  // and never reads the answer
  }
  Connection half(socket_);
  half.send("GET / HTTP/1.1\r\n\r\n");
  half.finish_sending();
  EXPECT_EQ(parse_answer(half.receive_all()).status, 200);
  Connection nothing(socket_);
  nothing.finish_sending();
  nothing.receive_all();
}

TEST_F(Service, AHundredClientsAtOnceAreAllAnswered) {
  const std::int64_t threads_before = thread_count();
  std::vector<Connection> clients;
  for (int i = 0; i < 100; ++i) clients.emplace_back(socket_);
  for (auto &client : clients) client.send("GET /v1/snapshot HTTP/1.1\r\nHost: x\r\n\r\n");
  int served = 0;
  for (auto &client : clients) served += parse_answer(client.receive_all()).status == 200;
  EXPECT_EQ(served, 100);
  EXPECT_EQ(thread_count(), threads_before);
}

TEST_F(Service, ThousandsOfRequestsLeaveNoTrace) {
  for (int i = 0; i < 200; ++i) get(socket_, "/v1/snapshot");
  // The next reading asks anew what the service takes.
  std::this_thread::sleep_for(std::chrono::milliseconds(HEAPMETER_METER_BYTES_AGE_MS + 1));
  const Reading before = meter_.snapshot(holder_->pid());
  const std::int64_t resident = resident_kilobytes();
  for (int i = 0; i < 3000; ++i)
    ASSERT_EQ(get(socket_, i % 2 == 0 ? "/v1/snapshot" : "/nothing").status % 200, i % 2 == 0 ? 0 : 4);
  std::this_thread::sleep_for(std::chrono::milliseconds(HEAPMETER_METER_BYTES_AGE_MS + 1));
  const Reading after = meter_.snapshot(holder_->pid());
  EXPECT_EQ(after["allocations"], before["allocations"]);
  EXPECT_EQ(after["meter_other_bytes"], before["meter_other_bytes"]);
  EXPECT_LE(resident_kilobytes(), resident + 128);
}

// The signal by which the program calls the service thread, from somebody else: it must not keep it awake.
TEST_F(Service, AStrayCallDoesNotKeepItAwake) {
  constexpr int kCallSignal = 32;
  const pid_t service = service_thread();
  ASSERT_EQ(syscall(SYS_tgkill, holder_->pid(), service, kCallSignal), 0);
  const std::int64_t before = cpu_ns(service);
  // Time to burn, a second of it; a call costs microseconds.
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_LT(cpu_ns(service) - before, 50'000'000);
}

TEST_F(Service, AnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  // Even one who can reach the socket: the directory's mode is not the only guard.
  std::filesystem::permissions(meter_.directory().parent_path(), std::filesystem::perms(0755));
  std::filesystem::permissions(meter_.directory(), std::filesystem::perms(0755));
  std::filesystem::permissions(socket_, std::filesystem::perms(0777));
  const Outcome outcome = run({{program("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups",
                                program("curl"), "--silent", "--output", "-", "--write-out", " %{http_code}",
                                "--unix-socket", socket_, "http://heapmeter/v1/snapshot"}});
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_NE(outcome.out.find(" 403"), std::string::npos) << outcome;
  EXPECT_EQ(outcome.out.find("live_bytes"), std::string::npos) << outcome;
}

}  // namespace
}  // namespace heapmeter::testing
