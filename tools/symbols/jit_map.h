// SPDX-License-Identifier: MIT
//
// What a runtime says of the code it made itself: a line a function, "start size name", in the manner of perf
// (/tmp/perf-PID.map). Whoever owns the process or is root may have written it; nobody else is believed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace heapmeter::cli::symbols {

class JitMap {
 public:
  // Why there is none is in `hindrance`, "" when there is no such file.
  static JitMap of_process(int pid, std::string &hindrance);
  // Code is made in the place of older code: the later line holds.
  static JitMap parse(std::string_view text);

  bool empty() const { return codes_.empty(); }
  // "" when nothing is said of it.
  std::string name(std::uint64_t address) const;

 private:
  struct Code {
    std::uint64_t end;
    std::string name;
  };
  void add(std::uint64_t start, std::uint64_t end, std::string_view name);

  std::map<std::uint64_t, Code> codes_;  // by start, none over another
};

}  // namespace heapmeter::cli::symbols
