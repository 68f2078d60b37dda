// SPDX-License-Identifier: MIT
//
// All processes of a run together: their sum, what was highest at once, and a row for each program; pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "run/relative.h"

namespace heapmeter::cli {

struct ProgramRow {
  std::string name;
  std::uint64_t runs = 0, unreported = 0;  // of these, known by a last reading only
  std::uint64_t allocations = 0, allocated_bytes = 0, live_bytes = 0;
  // Of the one that had most of it.
  std::uint64_t peak_bytes = 0, rss_peak_bytes = 0;
  std::uint64_t peak_error_bytes = 0;  // how much less the peak may have been
  int peak_pid = 0;
  std::optional<double> cpu_seconds = 0;  // none when it is not known of all
  // The words that tell its runs apart, or say what it was at, most frequent first.
  std::vector<std::pair<std::string, std::uint64_t>> about = {};
  // Of its resident memory, what is neither files nor what malloc gave: where it is much.
  std::uint64_t beyond_malloc_bytes = 0;
  std::string executable = {};  // of that one
};

struct Tree {
  std::uint64_t processes = 0, unreported = 0;
  // Each counter summed, without what forks began with; live ones are what each holds beyond that.
  Counters sum = {};
  // Live at once: at least, and at most. The most is that all who lived at one time had their peaks then.
  std::uint64_t together_least = 0, together_most = 0;
  std::vector<ProgramRow> programs;  // the highest peak first
  std::uint64_t rss_peak_bytes = 0;  // of one process
  std::string rss_peak_program;
  bool forks_unknown = false;  // a sum may have a parent's calls twice
};

// `seen_together`: the highest sum of live bytes that readings found.
Tree tree_of(const std::vector<const Relative *> &all, std::uint64_t seen_together);

// What one run of a program was at, from its arguments: the file it makes or works on; "" when there is none.
std::string telling_word(const std::vector<std::string> &command);

boost::json::object sum_json(const Tree &tree);
boost::json::array programs_json(const Tree &tree);

}  // namespace heapmeter::cli
