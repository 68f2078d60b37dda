// SPDX-License-Identifier: MIT
#include "leaks/threads.h"

#include "base/sys.h"
#include "base/text_buffer.h"
#include "leaks/directory.h"

namespace heapmeter::leaks {
namespace {

bool take_hex(const char *&at, uint64_t &value) noexcept {
  while (*at == ' ') ++at;
  if (at[0] != '0' || at[1] != 'x') return false;
  value = 0;
  for (at += 2;; ++at) {
    if (*at >= '0' && *at <= '9') {
      value = value * 16 + static_cast<uint64_t>(*at - '0');
    } else if (*at >= 'a' && *at <= 'f') {
      value = value * 16 + static_cast<uint64_t>(*at - 'a') + 10;
    } else {
      return true;
    }
  }
}

bool read_line(int tid, const char *file, char (&line)[256]) noexcept {
  char path[64];
  TextBuffer name(path, sizeof path - 1);
  name.add("/proc/self/task/");
  name.add(static_cast<uint64_t>(tid));
  name.add(file);
  path[name.size()] = '\0';
  const long bytes = sys::read_file(path, line, sizeof line - 1);
  if (bytes <= 0) return false;
  line[bytes] = '\0';
  return true;
}

void look_at(Standing &thread) noexcept {
  char line[256];
  if (!read_line(thread.tid, "/syscall", line) || !parse_standing(line, thread)) return;
  if (read_line(thread.tid, "/schedstat", line)) thread.runs = parse_runs(line);
}

const Standing *find(const Standing *threads, size_t count, int tid) noexcept {
  for (size_t at = 0; at < count; ++at) {
    if (threads[at].tid == tid) return &threads[at];
  }
  return nullptr;
}

}  // namespace

bool is_of_vfork(const char *line) noexcept {
  uint64_t number = 0;
  for (; *line >= '0' && *line <= '9'; ++line) number = number * 10 + static_cast<uint64_t>(*line - '0');
#if defined(SYS_vfork)
  if (number == SYS_vfork) return true;
#endif
  return number == SYS_clone || number == SYS_clone3;
}

// "running", or the number of the call, its arguments, stack pointer and program counter; no arguments, after
// -1, where it sleeps outside of a call.
bool parse_standing(const char *line, Standing &out) noexcept {
  const bool in_call = *line >= '0' && *line <= '9';
  if (!in_call && *line != '-') return false;
  const char *at = line;
  while (*at != ' ' && *at != '\0') ++at;
  for (uint64_t &argument : out.arguments) {
    argument = 0;
    if (in_call && !take_hex(at, argument)) return false;
  }
  uint64_t stack_pointer = 0, counter = 0;
  out.asleep = take_hex(at, stack_pointer) && take_hex(at, counter);
  out.stack_pointer = stack_pointer;
  out.at = counter;
  out.in_call = in_call;
  out.lends_stack = in_call && is_of_vfork(line);
  return out.asleep;
}

// Nanoseconds on a processor, nanoseconds of waiting for one, and how often it had one.
uint64_t parse_runs(const char *line) noexcept {
  uint64_t number = 0;
  for (int spaces = 0; *line != '\0' && *line != '\n'; ++line) {
    if (*line == ' ') {
      ++spaces;
    } else if (spaces == 2) {
      number = number * 10 + static_cast<uint64_t>(*line - '0');
    }
  }
  return number;
}

uint64_t registers_of(const Standing *before, size_t before_count, const Standing *after, size_t after_count,
                      int but) noexcept {
  uint64_t count = 0;
  for (size_t at = 0; at < before_count; ++at) {
    const Standing &thread = before[at];
    if (thread.tid == but) continue;
    const Standing *later = find(after, after_count, thread.tid);
    const bool stood = thread.in_call && later != nullptr && later->same_as(thread);
    count += stood ? Standing::kKept : Standing::kAllRegisters;
    // Of a child on its stack nothing is known.
    count += thread.lends_stack ? Standing::kAllRegisters : 0;
  }
  for (size_t at = 0; at < after_count; ++at) {
    const bool is_new = after[at].tid != but && find(before, before_count, after[at].tid) == nullptr;
    count += is_new ? Standing::kAllRegisters : 0;
  }
  return count;
}

size_t standings(Standing *out, size_t most) noexcept {
  size_t count = 0;
  const int self = sys::tid();
  long position = 0;
  each_number_in("/proc/self/task", position, [&](int tid) {
    if (tid == self) return true;
    if (count == most) return false;
    out[count] = {};
    out[count].tid = tid;
    look_at(out[count++]);
    return true;
  });
  return count;
}

}  // namespace heapmeter::leaks
