// SPDX-License-Identifier: MIT
#include "base/last_thread.h"

#include "base/sys.h"

namespace heapmeter::last_thread {
namespace {

constexpr uint64_t kFirstLookNs = 50'000'000;
// Fields of /proc/PID/stat, in proc(5)'s numbering. Without /proc all of them are 0: nothing is known.
constexpr int kState = 3, kThreads = 20, kExitCode = 52;

}  // namespace

bool leader_is_gone() noexcept { return sys::stat_letter(kState) == 'Z'; }

// A leader that left counts as a thread until all have.
bool program_is_gone() noexcept { return sys::stat_number(kThreads) == 2 && leader_is_gone(); }

bool can_tell() noexcept { return sys::stat_number(kThreads) != 0; }

bool Watch::due(uint64_t now_ns) noexcept {
  if (now_ns < next_look_ns_) return false;
  const uint64_t age_ns = now_ns - started_ns_;
  next_look_ns_ = now_ns + (age_ns > kFirstLookNs ? age_ns : kFirstLookNs);
  return true;
}

int exit_code() noexcept { return static_cast<int>(sys::stat_number(kExitCode) >> 8 & 0xff); }

bool leaving() noexcept { return sys::stat_number(kThreads) == (leader_is_gone() ? 3 : 2); }

}  // namespace heapmeter::last_thread
