// SPDX-License-Identifier: MIT
//
// Who points at some blocks of a process, and the ways to them from its roots.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <heapmeter/protocol.h>

#include "sites/stacks.h"

namespace heapmeter::cli::lost {

struct Holder {
#define HEAPMETER_KIND(enumerator, word) enumerator,
  enum class Kind { HEAPMETER_HOLDER_KINDS(HEAPMETER_KIND) };
#undef HEAPMETER_KIND

  Kind kind = Kind::kOther;
  std::uint32_t leaf = 0;               // of a block; 0: not known
  std::uint64_t block_bytes = 0;        // where it is not
  std::optional<std::uint64_t> offset;  // in a block; none: anywhere in a large one
  int thread = 0;                       // of a stack, as the process knows it
  std::uint64_t address = 0;            // of data and other memory
};

struct Pointers {
  Holder holder;
  std::uint64_t pointers = 0;
  std::uint32_t towards_leaf = 0;  // whose blocks they point at, where that was asked of each leaf by itself
};

// Wanted blocks are reached through this holder of what another way, or at 0 they themselves, lead towards.
struct Way {
  std::size_t towards = 0;  // the k-th, from 1 on
  Holder holder;
  std::uint64_t blocks = 0, bytes = 0;
};

struct Holding {
  int pid = 0;
  std::uint64_t start_time = 0;
  std::uint64_t blocks = 0, bytes = 0;                  // the wanted ones
  std::uint64_t reached_blocks = 0, reached_bytes = 0;  // of them; the others nothing points at
  std::uint64_t not_looked_at_bytes = 0;
  double seconds = 0;
  std::vector<Pointers> holders;  // who has most first
  std::vector<Way> ways;
};

// "block", as pages and JSON have it.
const char *kind_word(Holder::Kind kind);

// The answer to POST /v1/holders. Throws NoAnswer (kStrange).
Holding parse_holding(std::string_view json);

// Leaves of the call stacks whose innermost function has this name; where none has, of those whose has it
// within.
std::vector<std::uint32_t> leaves_of(const sites::Profile &profile, const sites::Stacks &stacks,
                                     const std::string &function);

// "?leaf=1,2", with as many of them, from the first on, as a request has room for; says how many.
std::string leaf_query(const std::vector<std::uint32_t> &leaves, std::size_t &asked);

}  // namespace heapmeter::cli::lost
