// SPDX-License-Identifier: MIT
//
// Somebody who takes looks of every process that is served, from the moment its socket is there, again and
// again.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <thread>

namespace heapmeter::testing::matrix {

// "taken", or why not.
std::string take_look(const std::filesystem::path &socket);

class Looker {
 public:
  // How often each came.
  using Answers = std::map<std::string, int>;

  explicit Looker(std::filesystem::path sockets);
  ~Looker();
  Looker(const Looker &) = delete;
  Looker &operator=(const Looker &) = delete;

  Answers end();

 private:
  void run();

  const std::filesystem::path sockets_;
  std::atomic<bool> ended_{false};
  Answers answers_;
  std::thread thread_;
};

}  // namespace heapmeter::testing::matrix
