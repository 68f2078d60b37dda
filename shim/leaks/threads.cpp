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

void look_at(Standing &thread) noexcept {
  char path[64], line[256];
  TextBuffer name(path, sizeof path - 1);
  name.add("/proc/self/task/");
  name.add(static_cast<uint64_t>(thread.tid));
  name.add("/syscall");
  path[name.size()] = '\0';
  const long bytes = sys::read_file(path, line, sizeof line - 1);
  if (bytes <= 0) return;
  line[bytes] = '\0';
  parse_standing(line, thread);
}

}  // namespace

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
  return out.asleep;
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
