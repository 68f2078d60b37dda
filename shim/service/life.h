// SPDX-License-Identifier: MIT
//
// When the service has a thread: started, made way for calls of the program, started again, given up. Knows
// nothing of how a thread is made or what it does.
//
// One caller at a time starts or ends it; the others sleep. close() and give_up() take no turn and make no
// system call: the one is for the exit, which must not wait, the other for after a sandbox has come up.
#pragma once

#include <stdint.h>

#include "base/turn.h"
#include "service/ending.h"

namespace heapmeter::service {

class Life {
 public:
  struct Thread {
    // False when the kernel refuses. It is to end once ending(number).now().
    bool (*start)(uint32_t number) noexcept;
    bool (*running)() noexcept;
    // After it was told to: calls it, and returns when it has gone.
    void (*see_off)() noexcept;
  };

  constexpr explicit Life(Thread thread) noexcept : thread_(thread) {}

  // False when there is none now.
  bool start() noexcept;
  // Pauses nest; after the last resume() the thread is a new one.
  void pause() noexcept;
  void resume() noexcept;
  // Both at once: the thread is a new one, with what the caller has.
  void renew() noexcept;
  // The thread, if there is one, ends by itself or has gone, and no other comes. In forked children, too.
  void give_up() noexcept { __atomic_store_n(&given_up_, true, __ATOMIC_RELAXED); }
  bool given_up() const noexcept { return __atomic_load_n(&given_up_, __ATOMIC_RELAXED); }
  // The process ends: whoever is there, or about to come, is to end.
  void close() noexcept { __atomic_store_n(&ended_, kAll, __ATOMIC_SEQ_CST); }
  // Asked by the thread that has come to its end, which close() does not wait for: is the process still about
  // to end, and nobody seeing the thread off? At most so long, while it is so.
  bool stays(uint32_t milliseconds) const noexcept;
  // In a forked child there is no thread and nobody has a turn.
  void after_fork() noexcept;

  Ending ending(uint32_t number) const noexcept { return {&ended_, number}; }

 private:
  static constexpr uint32_t kAll = UINT32_MAX;

  bool start_one() noexcept;
  void end_one() noexcept;

  Thread thread_;
  uint32_t ended_ = 0;
  uint32_t seen_off_ = 0;  // what `ended_` cannot say after close()
  int pauses_ = 0;
  bool given_up_ = false;
  Turn::Word turn_ = 0;
};

}  // namespace heapmeter::service
