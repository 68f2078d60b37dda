// SPDX-License-Identifier: MIT
//
// Does something just when a page is read: what another thread might do at that moment, always.
#pragma once

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <functional>
#include <utility>

#include "base/sys.h"

namespace heapmeter {

// One at a time. The page may be asked about by the kernel meanwhile, but is not told apart from others.
class AtFirstTouch {
 public:
  AtFirstTouch(const void *within, std::function<void()> todo) : todo_(std::move(todo)) {
    const size_t bytes = sys::page_bytes();
    page_ = reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(within) / bytes * bytes);
    waiting_ = this;
    struct sigaction action = {};
    action.sa_sigaction = [](int, siginfo_t *info, void *) { touched(info->si_addr); };
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGSEGV, &action, &before_);
    mprotect(page_, bytes, PROT_NONE);
  }
  ~AtFirstTouch() {
    let();
    sigaction(SIGSEGV, &before_, nullptr);
    waiting_ = nullptr;
  }
  AtFirstTouch(const AtFirstTouch &) = delete;
  AtFirstTouch &operator=(const AtFirstTouch &) = delete;
  bool done() const { return done_; }

 private:
  void let() { mprotect(page_, sys::page_bytes(), PROT_READ | PROT_WRITE); }
  static void touched(const void *address) {
    AtFirstTouch &self = *waiting_;
    const auto offset = reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(self.page_);
    if (offset >= sys::page_bytes() || std::exchange(self.done_, true)) _exit(139);
    self.let();
    self.todo_();
  }

  inline static AtFirstTouch *waiting_ = nullptr;
  std::function<void()> todo_;
  void *page_;
  bool done_ = false;
  struct sigaction before_ = {};
};

}  // namespace heapmeter
