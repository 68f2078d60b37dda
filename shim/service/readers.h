// SPDX-License-Identifier: MIT
//
// The readers: all who are connected at a time, and the loop that lets them in, hears and answers them. One
// thread's alone. Lives in memory that starts as zero; what no reader needed is never touched.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "service/connection.h"
#include "service/ending.h"

namespace heapmeter {

namespace last_thread {
class Watch;
}

class Readers {
 public:
  // Until it is to end and the descriptor `call` readable, the program is gone or in a sandbox that has come
  // up, few processes are allowed, or the kernel refuses to wait.
  void serve(int listener, int call, const service::Ending &ending, last_thread::Watch &watch) noexcept;
  // Before serving anew, in a forked child, too: the old descriptors are not this thread's.
  void forget() noexcept;

 private:
  struct Descriptors;
  static constexpr int kPlaces = 128;
  static constexpr size_t kLargestAnswer =
      2 * 1024 * 1024;  // ten thousand threads; what is written is resident

  void answer_all(int listener, int call, const service::Ending &ending, last_thread::Watch &watch) noexcept;
  void go_on_looking(Answers &answers, uint64_t now_ns) noexcept;
  Connection *place_for_another() noexcept;
  uint64_t open_from_ns() noexcept;
  void make_room(Answers &answers, uint64_t now_ns) noexcept;
  void accept_next(int listener, Answers &answers, uint64_t now_ns) noexcept;
  void advance_all(const Descriptors &ready, bool knocks, Answers &answers, uint64_t now_ns) noexcept;
  Descriptors to_wait_for(int listener, int call, uint64_t now_ns) noexcept;
  uint64_t next_deadline_ns(const last_thread::Watch &watch, uint64_t now_ns) noexcept;

  // Beside what the owner of this memory touches at start.
  uint64_t deaf_until_ns_;
  int used_;  // the places behind were never touched
  Connection places_[kPlaces];
  char answer_[kLargestAnswer];
};

}  // namespace heapmeter
