// SPDX-License-Identifier: MIT
//
// Somebody else at the other end of a socket: says what a test wants, as fast or slowly as it wants, or
// nothing.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

namespace heapmeter::testing {

class FakeServer {
 public:
  // Called with each accepted connection, whose descriptor it may write to; closed afterwards.
  using Talk = std::function<void(int connection)>;

  FakeServer(const std::filesystem::path &socket, Talk talk);
  ~FakeServer();
  FakeServer(const FakeServer &) = delete;
  FakeServer &operator=(const FakeServer &) = delete;

 private:
  int listener_;
  std::atomic<bool> stopping_ = false;
  std::jthread thread_;
};

// Reads the request, then sends all of this.
FakeServer::Talk answer(const std::string &text);
std::string http_answer(const std::string &body, const std::string &status = "200 OK");
// Reads the request and keeps the connection open until the client closes it.
void say_nothing(int connection);
void read_request(int connection);
bool send_text(int connection, const std::string &text);  // false when the client is gone

}  // namespace heapmeter::testing
