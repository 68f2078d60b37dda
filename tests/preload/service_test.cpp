// SPDX-License-Identifier: MIT
//
// What a metered program serves on its socket, and what happens when the other end misbehaves: an error
// answer or a closed connection, never a disturbed program.
#include <gtest/gtest.h>
#include <heapmeter/protocol.h>
#include <sys/resource.h>

#include <boost/json/array.hpp>

#include <csignal>
#include <thread>

#include "preload/service.h"

namespace heapmeter::testing {
namespace {

// Held up in between, as the kernel may at any time: it must not be seen before it listens.
TEST(ServiceAtStart, IsThereOnceItsSocketIs) {
  Meter meter;
  Command command{{program("strace"), "-f", "-o", "/dev/null", "-e", "trace=listen", "-e",
                   "inject=listen:delay_enter=300000", victim("holder")}};
  command.environment = meter.environment();
  command.environment["LD_PRELOAD"] = "";
  command.argv.insert(command.argv.end() - 1, {"-E", "LD_PRELOAD=" + library().string()});
  Process process(command);
  ASSERT_TRUE(eventually([&] { return !meter.sockets().empty(); })) << process.err();
  std::filesystem::path socket;
  const auto appeared = [&] {
    for (const auto &path : meter.sockets()) {
      if (path.extension() == ".sock") socket = path;
    }
    return !socket.empty();
  };
  ASSERT_TRUE(eventually(appeared)) << process.err();
  EXPECT_EQ(get(socket, "/").status, 200);
}

TEST(ServiceOfAnOddlyNamed, SaysTheNameAsTheKernelHasIt) {
  Meter meter;
  Command command{{"/usr/bin/python3", "-c",
                   "import time\n"
                   "open('/proc/self/comm', 'w').write('two\\nlines \"x\\\\')\n"
                   "print('ready', flush=True)\ntime.sleep(60)"}};
  command.environment = meter.environment();
  Process process(command);
  ASSERT_TRUE(eventually([&] { return process.out() == "ready\n"; })) << process.err();
  EXPECT_EQ(meter.snapshot(process.pid()).fields().at("name").as_string(), "two\nlines \"x\\");
}

TEST_F(Service, SnapshotIsLiveAndExact) {
  const Reading before = meter_.snapshot(holder_->pid());
  EXPECT_EQ(before["pid"], holder_->pid());
  EXPECT_GT(before["counting_since_ns"], 0);
  EXPECT_LT(before["counting_since_ns"], before["monotonic_ns"]);
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
  for (const char *field :
       {"version", "protocol", "pid", "parent_pid", "start_time", "name", "backend", "uptime_seconds",
        "monotonic_ns", "sampling", "huge_pages", "uncounted_blocks", "ledger", "faults"}) {
    EXPECT_TRUE(reading.fields().contains(field)) << field;
  }
  EXPECT_EQ(reading["meter_bytes"],
            reading["meter_ledger_bytes"] + reading["meter_slot_bytes"] + reading["meter_other_bytes"]);
}

TEST_F(Service, SaysWhoItIs) {
  const auto identity = get(socket_, "/").json().as_object();
  EXPECT_EQ(identity.at("pid").to_number<pid_t>(), holder_->pid());
  EXPECT_EQ(identity.at("parent_pid").to_number<pid_t>(), getpid());
  EXPECT_EQ(identity.at("exe").as_string(), std::filesystem::canonical(victim("holder")).c_str());
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
  std::int64_t last = -1;
  bool found = false, is_usable_known = true;
  for (const auto &item : sizes.at("classes").as_array()) {
    const auto &row = item.as_object();
    const auto class_bytes = row.at("class_bytes").to_number<std::int64_t>();
    const auto least = row.at("least_bytes").to_number<std::int64_t>();
    EXPECT_GT(least, last) << "classes overlap";
    EXPECT_GE(class_bytes, least);
    const auto live = row.at("live_bytes").to_number<std::int64_t>();
    const auto blocks = row.at("live_blocks").to_number<std::int64_t>();
    EXPECT_LE(least * blocks, live);
    EXPECT_GE(class_bytes * blocks, live);
    last = class_bytes;
    for (const auto &field : row) sums[std::string(field.key())] += field.value().to_number<std::int64_t>();
    is_usable_known = is_usable_known && row.contains("usable_bytes");
    found = found || (least <= 1001 && class_bytes >= 1001 && blocks >= 10);
  }
  EXPECT_TRUE(found) << "the ten blocks of 1001 bytes have no class of their size";
  EXPECT_EQ(is_usable_known, is_on_mimalloc()) << "of an allocator that rounds in ways of its own, by class";
  for (const char *counter : {"live_blocks", "live_bytes", "usable_bytes"}) {
    if (counter != std::string("usable_bytes") || is_usable_known) {
      EXPECT_EQ(sums[counter], snapshot[counter]) << counter;
    }
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
  constexpr std::chrono::seconds kSoon{1}, kInTime{5};
  const auto others_waited = least(kSoon, [&] {
    Connection slow(socket_);
    slow.send("GET /v1/snap");
    return wait_for("/");
  });
  EXPECT_LT(others_waited, kSoon) << "one slow client holds up others";
  const auto it_waited = least(kInTime, [&] {
    Connection slow(socket_);
    slow.send("GET /v1/snap");
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(parse_answer(slow.receive_all()).status, 408);
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  });
  EXPECT_LT(it_waited, kInTime);
}

// Less than who says nothing has.
constexpr std::chrono::milliseconds kNobodysTime{1800};

// Who says nothing, or too little, does not keep those out who do: neither a few, nor more than there are
// places, nor more than there are descriptors.
TEST_F(Service, MuteClientsDelayNobody) {
  const rlimit few{20, 20};
  for (const auto &[count, words, limited] : {std::tuple(64, "", false), std::tuple(64, "GET / HT", false),
                                              std::tuple(200, "", false), std::tuple(40, "", true)}) {
    if (limited) {
      ASSERT_EQ(prlimit(holder_->pid(), RLIMIT_NOFILE, &few, nullptr), 0);
    }
    const auto waited = least(kNobodysTime, [&, count = count, words = words] {
      std::vector<Connection> mute;
      for (int i = 0; i < count; ++i) mute.emplace_back(socket_).send(words);
      return wait_for("/v1/snapshot");
    });
    EXPECT_LT(waited, kNobodysTime) << count << words;
  }
}

// Nor do those who were answered and may ask again, more than there are places.
TEST_F(Service, IdleClientsDelayNobody) {
  const std::string request = "GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n";
  const auto is_asked_again = [](Connection &once) {
    if (!once.send("GET / HTTP/1.1\r\n\r\n")) return false;
    const std::string both = once.receive_all();
    return both.find("Connection: keep-alive") != std::string::npos &&
           both.find("Connection: close") != std::string::npos;
  };
  bool asked_again = false;
  const auto waited = least(kNobodysTime, [&] {
    std::vector<Connection> idle;
    for (int i = 0; i < 200; ++i) {
      idle.emplace_back(socket_).send(request);
      if (i % 20 == 0) {
        EXPECT_EQ(get(socket_, "/").status, 200);
      }
    }
    const auto took = wait_for("/v1/snapshot");
    asked_again = asked_again || is_asked_again(idle.back());
    return asked_again ? took : kNobodysTime;
  });
  EXPECT_LT(waited, kNobodysTime);
  EXPECT_TRUE(asked_again);
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

// A reader it cannot accept stays at its door: it must not run there again and again meanwhile.
TEST_F(Service, WithoutADescriptorForAReaderItWaitsAndTriesAgain) {
  Connection open(socket_);
  open.send("GET /v1/snap");
  const pid_t service = service_thread();
  rlimit before{};
  // Its table is its own, the limit the whole program's: none beyond what it has.
  ASSERT_EQ(prlimit(holder_->pid(), RLIMIT_NOFILE, nullptr, &before), 0);
  const rlimit none{1, before.rlim_max};
  ASSERT_EQ(prlimit(holder_->pid(), RLIMIT_NOFILE, &none, nullptr), 0);
  Connection waiting(socket_);
  waiting.send("GET /v1/snapshot HTTP/1.1\r\n\r\n");
  const std::int64_t cpu = cpu_ns(service), turns = time_slices(service);
  EXPECT_EQ(waiting.receive_all(std::chrono::milliseconds(2500)), "") << "there was room for it after all";
  EXPECT_LT(cpu_ns(service) - cpu, 100'000'000) << "ns of CPU, in 2.5 s";
  EXPECT_LT(time_slices(service) - turns, 50) << "wake-ups, in 2.5 s";
  ASSERT_EQ(prlimit(holder_->pid(), RLIMIT_NOFILE, &before, nullptr), 0);
  EXPECT_EQ(parse_answer(waiting.receive_all()).status, 200);
}

}  // namespace
}  // namespace heapmeter::testing
