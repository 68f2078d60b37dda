// SPDX-License-Identifier: MIT
//
// What the list shows: every process with its history, brought up to date from one round of the census after
// the other; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "readings/census.h"
#include "top/history.h"
#include "verdicts/series.h"

namespace heapmeter::cli::tui {

struct Row {
  Member member;
  std::optional<Rates> rates = {};  // none of a process that does not answer
  History history = {};
  verdicts::Watched watched = {};  // likewise, since the program began, as verdicts want it
  bool ended = false;              // of a copy that outlives its process

  std::string key() const { return member.endpoint.path(); }
  bool answering() const { return member.complaint.empty() && !ended; }
  double live() const { return member.reading ? static_cast<double>(member.reading->live_bytes) : 0; }
};

struct Board {
  std::vector<Row> rows = {};
  double now = 0;                         // seconds, of the last round
  std::vector<std::string> refused = {};  // directories that are not to be trusted
  bool filled = false;                    // there was a round

  void update(std::vector<Member> members, double seconds);
  const Row *find(std::string_view key) const;
};

}  // namespace heapmeter::cli::tui
