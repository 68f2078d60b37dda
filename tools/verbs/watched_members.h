// SPDX-License-Identifier: MIT
//
// The members of a group over time, each by itself: sums of who comes and goes tell nothing of memory that is
// in no block.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "readings/census.h"
#include "verdicts/observed.h"
#include "verdicts/series.h"

namespace heapmeter::cli {

class WatchedMembers {
 public:
  // At each reading; who is not among them is forgotten.
  void add(const std::vector<Member> &members);
  // The one whose memory beside malloc grew most, if one's did, and whose that is.
  std::optional<verdicts::Grower> most(const std::vector<Member> &members) const;
  // How many of them are said to grow so.
  std::size_t growing() const;

 private:
  std::map<std::string, verdicts::Watched> by_socket_;
};

}  // namespace heapmeter::cli
