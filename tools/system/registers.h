// SPDX-License-Identifier: MIT
//
// What the threads of another process have in their registers, while they stand still: by ptrace, under the
// kernel's own rules for that.
//
// A thread that stands in a call which the kernel would end for it, rather than go on with, is left alone.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace heapmeter::cli {

// For how long threads stood still.
enum class Held {
  kNeither,     // they were let go before there was an image
  kUntilImage,  // until the first that was made
  kUntilEnd,    // until they were let go by whoever held them
};

struct Registers {
  std::vector<std::uint64_t> words;
  std::size_t threads = 0;   // they are of so many
  std::size_t left_out = 0;  // in such a call, or not to be stopped
  std::size_t slept = 0;     // of these, for all that while
  bool others_came = false;  // as fast as they were stopped, until that was given up: not all are known
  Held held = Held::kNeither;
  double seconds = 0;  // they stood still
};

// Why the kernel would not let its threads be stopped, and what to do; "" when it would.
std::string refusal_to_trace(int pid);

// The same, of whom nobody traces yet: by what the kernel has in kernel.yama.ptrace_scope, "0" without it.
std::string refusal_by_scope(const std::string &scope);

// The threads of a process but for the meter's own, which has this tid, from the beginning of this until an
// image is made of the process, or until they are let go.
class Standstill {
 public:
  // Threads that make others are run after for so long.
  Standstill(int pid, int meters, std::chrono::milliseconds to_find_all = std::chrono::seconds(1));
  ~Standstill() { end(); }
  Standstill(const Standstill &) = delete;
  Standstill &operator=(const Standstill &) = delete;

  // Lets them go.
  Registers end();

 private:
  void hold();

  const int pid_, meters_;
  const std::chrono::milliseconds to_find_all_;
  Registers registers_;
  std::atomic<bool> stopped_{false}, over_{false};
  std::thread tracer_;  // the kernel knows a tracer by its thread, and lets all go when that ends
};

}  // namespace heapmeter::cli
