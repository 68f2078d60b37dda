// SPDX-License-Identifier: MIT
//
// A look at a process, asked for over its socket and held up in the middle: its image stands still until it
// is let go.
#pragma once

#include <sys/types.h>

#include <optional>

#include "support/http.h"

namespace heapmeter::testing {

inline const std::string kAskForALook = "POST /v1/leaks HTTP/1.1\r\nHost: heapmeter\r\nHeapmeter: 1\r\n\r\n";

// Of all its threads.
std::vector<pid_t> children_of(pid_t pid);
// As in ps(1); a blank when it is no more.
char state_of(pid_t pid);
bool has_ended(pid_t pid);

class CaughtLook {
 public:
  // Of a process whose heap takes a while. Throws when none could be caught.
  CaughtLook(pid_t pid, const std::filesystem::path &socket);
  ~CaughtLook() { go_on(); }
  CaughtLook(const CaughtLook &) = delete;
  CaughtLook &operator=(const CaughtLook &) = delete;

  pid_t image() const { return image_; }
  void go_on() const;
  // Whoever asked for it.
  Connection &reader() { return *reader_; }
  void hang_up() { reader_.reset(); }

 private:
  bool catches(pid_t pid, const std::filesystem::path &socket);

  std::optional<Connection> reader_;
  pid_t image_ = 0;
};

}  // namespace heapmeter::testing
