// SPDX-License-Identifier: MIT
//
// What frames say, which anybody may have written: what they ask for is proportional to their bytes, indices
// lie inside, chains of nodes end.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "record/frame.h"
#include "record/moment.h"

namespace heapmeter::cli::record {

class Decoder {
 public:
  // Of the payload of the next frame. Throws Damaged. Processes have the same number in all segments.
  Frame frame(std::string_view payload);
  const std::vector<Process> &processes() const { return processes_; }

 private:
  struct Code {
    std::vector<symbols::Module> modules;
    std::vector<sites::Node> nodes;
    std::vector<std::uint32_t> depths, numbers;  // of each node; zeros between two takings
    std::vector<std::string> tags;
  };
  struct Known {
    std::uint32_t process = 0;
    Values last = {};
    Code code = {};
  };

  Segment segment(std::string_view message);
  void process(std::string_view message);
  Round round(std::string_view message);
  Taking taking(std::string_view message);

  std::vector<Process> processes_;
  std::map<std::pair<std::string, Process::Key>, std::uint32_t> numbers_;
  std::vector<Known> known_;
  std::string boot_;
  std::int64_t last_time_ = 0;
  std::optional<std::int64_t> last_booted_;
  bool began_ = false;
};

}  // namespace heapmeter::cli::record
