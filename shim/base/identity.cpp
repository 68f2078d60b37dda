// SPDX-License-Identifier: MIT
#include "base/identity.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/options.h"
#include "base/sys.h"
#include "base/text_buffer.h"

namespace heapmeter {
namespace {

constexpr uint64_t kTicksPerSecond = 100;  // USER_HZ, the same on every architecture we know

// Asked once a process: the dearest of the calls that a reading makes. A forked child has another pid.
constinit int started_pid = 0;
constinit uint64_t started_ticks = 0;
constinit uint64_t counting_since_ns = 0;

// The kernel ends a name with a new line, and may have more of them in it.
void read_name(const char *path, char *out, size_t capacity) noexcept {
  long length = sys::read_file(path, out, capacity - 1);
  if (length > 0 && out[length - 1] == '\n') --length;
  out[length > 0 ? length : 0] = '\0';
}

uint64_t thousandths(clockid_t clock) noexcept {
  timespec now{};
  sys::call(SYS_clock_gettime, clock, reinterpret_cast<long>(&now));
  return static_cast<uint64_t>(now.tv_sec) * 1000u + static_cast<uint64_t>(now.tv_nsec) / 1'000'000u;
}

uint64_t start_time_of(int pid) noexcept {
  if (__atomic_load_n(&started_pid, __ATOMIC_ACQUIRE) == pid) {
    return __atomic_load_n(&started_ticks, __ATOMIC_RELAXED);
  }
  const uint64_t ticks = sys::start_time_ticks();
  __atomic_store_n(&started_ticks, ticks, __ATOMIC_RELAXED);
  __atomic_store_n(&started_pid, pid, __ATOMIC_RELEASE);
  return ticks;
}

// What a process in a jail of its own knows of itself: where its program began to count, and what it is.
void without_proc(Identity &who) noexcept {
  constexpr size_t kKernelsLength = 15;
  who.uptime_thousandths = (who.monotonic_ns - counting_since_ns) / 1'000'000u;
  strncpy(who.name, options::program_name(), kKernelsLength);
}

}  // namespace

void note_counting_since() noexcept { counting_since_ns = sys::monotonic_ns(); }

Identity identify() noexcept {
  Identity who{};
  who.pid = sys::pid();
  who.parent_pid = sys::parent_pid();
  who.start_time = start_time_of(who.pid);
  who.monotonic_ns = sys::monotonic_ns();
  who.counting_since_ns = counting_since_ns;
  read_name("/proc/self/comm", who.name, sizeof who.name);
  if (who.start_time == 0) {
    without_proc(who);
    return who;
  }
  const uint64_t now = thousandths(CLOCK_BOOTTIME);
  const uint64_t start = who.start_time * (1000 / kTicksPerSecond);
  who.uptime_thousandths = now > start ? now - start : 0;
  return who;
}

uint64_t thousandths_since_1970() noexcept { return thousandths(CLOCK_REALTIME); }

uint64_t counting_since_1970() noexcept {
  const uint64_t passed = (sys::monotonic_ns() - counting_since_ns) / 1'000'000u;
  return (thousandths_since_1970() - passed) / 1000u;
}

size_t executable_path(char *out, size_t capacity) noexcept {
  const long length = sys::call(SYS_readlinkat, AT_FDCWD, reinterpret_cast<long>("/proc/self/exe"),
                                reinterpret_cast<long>(out), static_cast<long>(capacity));
  return length > 0 ? static_cast<size_t>(length) : 0;
}

size_t command_line(char *out, size_t capacity) noexcept {
  const long length = sys::read_file("/proc/self/cmdline", out, capacity);
  return length > 0 ? static_cast<size_t>(length) : 0;
}

Resident resident() noexcept {
  char text[2048];
  const long length = sys::read_file("/proc/self/status", text, sizeof text - 1);
  text[length > 0 ? length : 0] = '\0';
  return {sys::bytes_behind(text, "\nVmHWM:"),
          sys::bytes_behind(text, "\nRssFile:") + sys::bytes_behind(text, "\nRssShmem:")};
}

uint64_t cpu_thousandths() noexcept { return thousandths(CLOCK_PROCESS_CPUTIME_ID); }

void thread_name(int tid, char *out, size_t capacity) noexcept {
  char path[64];
  TextBuffer text(path, sizeof path - 1);
  text.add("/proc/self/task/");
  text.add(static_cast<uint64_t>(tid));
  text.add("/comm");
  path[text.size()] = '\0';
  read_name(path, out, capacity);
}

}  // namespace heapmeter
