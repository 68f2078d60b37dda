// SPDX-License-Identifier: MIT
//
// From what the user typed (a pid, a name, a socket's path) to one living, metered process, or to the reason
// why there is none.
#pragma once

#include <string>

#include "readings/reading.h"
#include "text/user_error.h"

namespace heapmeter::cli {

struct Target {
  Endpoint endpoint;
  int local_pid = 0;  // 0 when it runs in a pid namespace we do not see

  // "name (pid)"
  std::string label() const;
};

// Throws UserError.
Target resolve_target(const std::string &text);

// The endpoint of this process, if it has one by now; looks where the process itself would have put it.
bool find_endpoint(int pid, Target &out);

// The same, of one that may have just started and is about to bind.
bool await_endpoint(int pid, Target &out);

struct ProcessEnded {};
// Somebody else has a look taken at it just now.
struct LookUnderWay : UserError {
  using UserError::UserError;
};
// The UserError for a target that gave no answer: what is wrong with the process and what to do. ProcessEnded
// when it is gone.
[[noreturn]] void throw_why_silent(const Target &target, const NoAnswer &silence,
                                   std::chrono::milliseconds patience);

// A page of the target, parsed; throws as above.
template <typename Parse>
auto ask_target(const Target &target, const char *path, std::chrono::milliseconds patience, Parse parse) {
  try {
    return parse(get(target.endpoint, path, in(patience)));
  } catch (const NoAnswer &silence) {
    throw_why_silent(target, silence, patience);
  }
}
// Of a change, the same.
template <typename Parse>
auto change_target(const Target &target, const std::string &path, std::chrono::milliseconds patience,
                   Parse parse) {
  try {
    return parse(change(target.endpoint, path, in(patience)));
  } catch (const NoAnswer &silence) {
    throw_why_silent(target, silence, patience);
  }
}
Reading read_target(const Target &target, std::chrono::milliseconds patience);
// The same, and goes after a process whose socket is elsewhere now: by setuid it gets another directory.
Reading follow_target(Target &target, std::chrono::milliseconds patience);

// Who is stopped answers when somebody continues it: no longer than a moment is waited for that.
std::chrono::milliseconds patience_for(const Target &target, std::chrono::milliseconds patience);

// For verbs that read once: an ended process is an error.
[[noreturn]] void throw_ended(const Target &target);
template <typename Read>
auto read_living(const Target &target, Read read) {
  try {
    return read();
  } catch (const ProcessEnded &) {
    throw_ended(target);
  }
}

}  // namespace heapmeter::cli
