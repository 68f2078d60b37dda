// SPDX-License-Identifier: MIT
//
// Captures compared with what the compiler's own unwinder says of the same moment.
#pragma once

#include <sys/mman.h>
#include <unwind.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/sandbox.h"
#include "sites/stack.h"

namespace heapmeter::testing {

inline std::string listed(const std::vector<uintptr_t> &frames) {
  std::string text;
  for (const uintptr_t ip : frames) {
    char one[20];
    std::snprintf(one, sizeof one, " %lx", static_cast<unsigned long>(ip));
    text += one;
  }
  return text;
}

struct Backtrace {
  static constexpr size_t kMost = 8192;
  size_t count = 0;
  uintptr_t ips[kMost];

  static _Unwind_Reason_Code visit(_Unwind_Context *context, void *self) {
    auto *trace = static_cast<Backtrace *>(self);
    const uintptr_t ip = _Unwind_GetIP(context);
    if (ip == 0 || trace->count == kMost) return _URC_END_OF_STACK;
    trace->ips[trace->count++] = ip;
    return _URC_NO_REASON;
  }
};

// The record of one thread, and what became of its captures.
class Witness {
 public:
  Witness()
      : stack_(static_cast<sites::Stack *>(mmap(nullptr, sizeof(sites::Stack), PROT_READ | PROT_WRITE,
                                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))),
        trace_(std::make_unique<Backtrace>()) {
    // What the library does at its start.
    static const bool looked = (sandbox::look(), true);
    static_cast<void>(looked);
  }
  ~Witness() { munmap(stack_, sizeof *stack_); }
  Witness(const Witness &) = delete;
  Witness &operator=(const Witness &) = delete;

  sites::Stack &stack() { return *stack_; }
  uint64_t captures() const { return captures_; }
  uint64_t cut_short() const { return cut_short_; }
  uint64_t known() const { return known_; }
  uint64_t wrong() const { return wrong_; }
  const std::string &first_wrong() const { return first_wrong_; }

  // From its caller on.
  __attribute__((noinline)) sites::Captured look() {
    const auto *bp = static_cast<const uintptr_t *>(__builtin_frame_address(0));
    const sites::Registers from{bp[1], reinterpret_cast<uintptr_t>(bp + 2), bp[0]};
    const sites::Captured captured = sites::capture(*stack_, from);
    trace_->count = 0;
    _Unwind_Backtrace(Backtrace::visit, trace_.get());
    compare(captured, from.ip);
    if (captured.site == 0 && !captured.cut_short) {
      sites::remember_site(*stack_, 1 + static_cast<uint32_t>(captured.hash % 1'000'000'000));
    }
    return captured;
  }

 private:
  void compare(const sites::Captured &captured, uintptr_t ip) {
    size_t first = 0;
    while (first < trace_->count && trace_->ips[first] != ip) ++first;
    const size_t want = trace_->count - first, got = sites::depth(*stack_);
    ++captures_;
    if (captured.cut_short) ++cut_short_;
    if (captured.site != 0) ++known_;
    bool same = captured.cut_short ? got <= want : got == want;
    uint64_t hash = 0;
    for (size_t i = 0; i < got && same; ++i) {
      // A stack that was cut short has the innermost ones.
      same = sites::frame(*stack_, i) == trace_->ips[first + got - 1 - i];
      hash = sites::hash_on(hash, sites::frame(*stack_, i));
    }
    if (captured.site != 0) same = same && captured.site == 1 + hash % 1'000'000'000;
    if (same) return;
    if (wrong_++ > 0) return;
    for (size_t i = got; i-- > 0;) first_wrong_ += listed({sites::frame(*stack_, i)});
    first_wrong_ += "\ninstead of";
    first_wrong_ += listed({trace_->ips + first, trace_->ips + trace_->count});
  }

  sites::Stack *stack_;
  std::unique_ptr<Backtrace> trace_;
  uint64_t captures_ = 0, cut_short_ = 0, known_ = 0, wrong_ = 0;
  std::string first_wrong_;
};

}  // namespace heapmeter::testing
