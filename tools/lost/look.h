// SPDX-License-Identifier: MIT
//
// What a look at a process found: the blocks that nothing in it can reach.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heapmeter::cli::lost {

struct Block {
  std::uint64_t address = 0, bytes = 0;
  std::uint64_t contents = 0;  // a hash
  std::uint32_t leaf = 0;      // of the call stack it is from, as /v1/sites numbers them; 0: not known
  std::uint32_t group = 0;     // the same for those that one register may hide together
  std::string family;
  bool indirectly = false;  // only from others that are lost
  bool perhaps = false;     // of the groups that registers of sleeping threads may hide: the largest
  bool held = false;        // of a group that a register was seen to point into
};

struct Look {
  int pid = 0;
  std::uint64_t start_time = 0;
  std::uint64_t live_blocks = 0, live_bytes = 0;
  std::uint64_t registers = 0;  // so many groups may be hidden
  std::uint64_t not_looked_at_bytes = 0, not_listed_blocks = 0;
  double seconds = 0;
  std::uint64_t tries = 0;         // images that were made
  std::uint64_t unprepared = 0;    // of these, the first that only told what is to be read beforehand
  std::uint64_t told_by_half = 0;  // sizes of blocks that calls half-way had told one side of its books only
  std::vector<Block> blocks;
};

// The answer to POST /v1/leaks. Throws NoAnswer (kStrange).
Look parse_look(std::string_view json);

// What the later one found that the earlier one did, too, untouched since: what a thread had in its hands
// between two places is in one of them only.
Look confirmed(const Look &earlier, Look later);

}  // namespace heapmeter::cli::lost
