// SPDX-License-Identifier: MIT
//
// The other end of the meter's socket, written with plain system calls: a test of a server must be able to
// send what no HTTP library would.
#pragma once

#include <boost/json/value.hpp>

#include <chrono>
#include <filesystem>
#include <string>

namespace heapmeter::testing {

struct Answer {
  int status = 0;  // 0: no HTTP answer at all
  std::string head;
  std::string body;

  boost::json::value json() const;  // throws when the body is not JSON
};

class Connection {
 public:
  explicit Connection(const std::filesystem::path &socket);  // throws std::system_error
  ~Connection();
  Connection(Connection &&other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Connection &operator=(Connection &&) = delete;

  bool send(const std::string &bytes);  // false when the other end is gone
  void finish_sending();
  bool has_answer() const;  // something came, or the other end is gone
  // Everything until the other end closes; what came by then if that takes longer than the deadline.
  std::string receive_all(std::chrono::milliseconds deadline = std::chrono::seconds(10));

 private:
  int fd_ = -1;
};

Answer parse_answer(const std::string &bytes);

Answer get(const std::filesystem::path &socket, const std::string &path, const std::string &method = "GET");

}  // namespace heapmeter::testing
