// SPDX-License-Identifier: MIT
//
// A metered program that is served, and what can be seen of its service from outside. However it was treated,
// it must serve at the end of the test, and end as it would have unmetered.
#pragma once

#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "support/http.h"
#include "support/meter.h"

namespace heapmeter::testing {

class Service : public ::testing::Test {
 protected:
  Service() {
    Command command{{victim("holder"), "10", "1001"}};
    command.environment = meter_.environment();
    // Its own from here on: or a kernel that has time fills its holes with huge pages, which are resident.
    EXPECT_EQ(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0);
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
  // How often it came to run.
  std::int64_t time_slices(pid_t tid) const {
    std::istringstream numbers(task("schedstat", tid));
    std::int64_t ran = 0, waited = 0, slices = 0;
    numbers >> ran >> waited >> slices;
    return slices;
  }

  // So long it took to be answered.
  std::chrono::milliseconds wait_for(const std::string &path) const {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(get(socket_, path).status, 200);
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  }
  // The least that it takes in ten tries, or less than that in one: in a crowd a reader waits for the
  // processor, too.
  template <typename Try>
  static std::chrono::milliseconds least(std::chrono::milliseconds enough, Try once) {
    std::chrono::milliseconds least = once();
    for (int tries = 1; tries < 10 && least >= enough; ++tries) least = std::min(least, once());
    return least;
  }

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

}  // namespace heapmeter::testing
