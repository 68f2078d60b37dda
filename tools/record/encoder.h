// SPDX-License-Identifier: MIT
//
// Frames from what there is to say: of each figure only what changed since the process's last row.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "record/moment.h"

namespace heapmeter::cli::record {

class Encoder {
 public:
  // Who the process of a number is that rows and takings name.
  using Who = std::function<const Process &(std::uint32_t process)>;
  explicit Encoder(Who who) : who_(std::move(who)) {}

  // The payload of a frame; one with a segment forgets what was said before it.
  std::string payload(const Frame &frame);
  // More than a reader takes: time for another segment.
  bool is_full() const { return known_.size() >= kMostProcesses / 2; }

  static constexpr std::size_t kMostProcesses = 65'536;

 private:
  struct Code {
    std::map<std::string, std::uint32_t> modules, tags;
    std::map<std::tuple<std::uint32_t, std::int64_t, std::uint64_t>, std::uint32_t> nodes;
  };
  struct Known {
    std::uint32_t number = 0;
    Values last = {};
    Code code = {};
  };

  Known &known(std::uint32_t process, std::string &out);
  void add_round(const Round &round, std::string &out);
  void add_taking(const Taking &taking, std::string &out);

  Who who_;
  std::map<std::uint32_t, Known> known_;
  std::int64_t last_time_ = 0;
  std::optional<std::int64_t> last_booted_;
};

}  // namespace heapmeter::cli::record
