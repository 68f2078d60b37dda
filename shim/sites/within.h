// SPDX-License-Identifier: MIT
//
// A call at work on the sites.
#pragma once

#include "base/own_code.h"
#include "sites/sites.h"

namespace heapmeter::sites {

// From here until it goes the thread is within, unless attribution is off. A signal handler that comes when
// the thread is within already has no thread of its own to count by.
class Sites::Within {
  // By a jump out of a signal handler: the stack is no deeper now, or what was the call's frame does not
  // return into the library any more.
  static bool was_left(Thread &thread, uintptr_t here) noexcept {
    const uintptr_t busy = load_whole(thread.busy);
    if (!thread.stack.own.holds(here) || !thread.stack.own.holds(busy)) return false;
    if (here < busy && is_own_code(word_at(busy + sizeof(uintptr_t)))) return false;
    thread.stack.forget_capture();
    return true;
  }

 public:
  HEAPMETER_INLINE Within(Sites &sites, Slot &slot, Mode mode = Mode::kEvery) noexcept
      : sites_(sites), thread_(sites.thread_of(slot)), moment_(sites.total_.moment()) {
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    if (HEAPMETER_UNLIKELY(thread_ == nullptr)) {
      __atomic_fetch_add(&sites_.strangers_, 1, __ATOMIC_SEQ_CST);
      store_whole(slot.moment, moment_);
    } else if (HEAPMETER_UNLIKELY(load_whole(thread_->busy) != 0) && !was_left(*thread_, here)) {
      // What is interrupted keeps its moment, which is no later.
      nested_ = true;
      thread_ = nullptr;
    } else {
      store_whole(thread_->busy, here);
      store_whole(slot.moment, moment_);
    }
    // The word before the look at the mode: whoever clears waits much longer than a store may take to be
    // seen.
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    on_ = sites_.mode() == mode;
  }
  ~Within() noexcept {
    if (HEAPMETER_LIKELY(thread_ != nullptr)) {
      __atomic_store_n(&thread_->busy, uintptr_t{0}, __ATOMIC_RELEASE);
    } else if (!nested_) {
      __atomic_fetch_sub(&sites_.strangers_, 1, __ATOMIC_RELEASE);
    }
  }
  Within(const Within &) = delete;
  Within &operator=(const Within &) = delete;

  bool on() const noexcept { return on_; }
  Thread *thread() const noexcept { return thread_; }
  uint32_t moment() const noexcept { return moment_; }
  // Of what is born now, if there is no thread's stack for it.
  Place unwalked() const noexcept { return nested_ ? Place{kInHandler, kMark} : Place{}; }

 private:
  Sites &sites_;
  Thread *thread_;
  bool nested_ = false;
  uint32_t moment_;
  bool on_;
};

}  // namespace heapmeter::sites
