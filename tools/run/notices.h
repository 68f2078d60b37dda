// SPDX-License-Identifier: MIT
//
// What the library told of each process in the run's directory, as they began, became other programs, or
// could not write their report: files whose names say all but a path (shim/service/notices.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "run/relative.h"

namespace heapmeter::cli {

struct Notice {
  enum class What { kCounted, kForked, kPassedThrough, kLeftOut, kBecomes, kUnwritten };
  What what = What::kCounted;
  std::uint64_t when_ns = 0;
  std::string program;  // its file name
  std::string text;     // the path it was to be started by, or the error
  std::string counts;   // of what it was until then, as JSON; "" where nothing was counted
};

// By pid, in their order.
using Notices = std::map<int, std::vector<Notice>>;
Notices read_notices(const std::string &directory);

// What a metered process that left no report was, and why it left none, as far as is known.
struct Unreported {
  int pid = 0;
  std::string program;
  std::string why;  // "" when it was killed, or left by the bare system call
};

// A program that was to be started, or passed through, and that nothing counted.
struct Unentered {
  int pid = 0;
  std::string program;  // the path it was started by, or its name
  bool loaded = false;  // and has a malloc of its own
  std::uint64_t times = 1;
};

struct Unaccounted {
  std::vector<Unreported> unreported;
  std::vector<Unentered> unentered;  // each program once
};

// Of all but those that `is_accounted` says are: who left a report, or runs on. `is_left_out` names programs
// that the user wants no numbers of. Pure but for these.
Unaccounted unaccounted(const Notices &notices, const std::function<bool(int)> &is_accounted,
                        const std::function<bool(const std::string &)> &is_left_out);

// What programs took that became another one, in whose report it is not; those that took nothing are left
// out. Of whom it could not be written whole, as on a full disk, is added to `cut_short`.
std::vector<Relative> before_becoming_another(const Notices &notices, std::vector<Unreported> &cut_short);

// Whether a program that was counted became another one.
bool any_became_another(const Notices &notices);

// By HEAPMETER_ONLY and HEAPMETER_EXCEPT.
bool is_left_out(const std::string &program);

}  // namespace heapmeter::cli
