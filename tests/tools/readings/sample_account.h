// SPDX-License-Identifier: MIT
#pragma once

#include "readings/account.h"
#include "support/meter.h"
#include "support/temp_dir.h"

namespace heapmeter::testing {

// A process of every kind of mapping; half of 7f0001000000 is a block with a mapping of its own, and the
// meter's slots lie in a mapping with something else.
inline cli::AccountInput sample_input() {
  constexpr std::uint64_t kKiB = 1024;
  cli::AccountInput input;
  input.heap = cli::parse_heap_map(R"({"pid": 123, "start_time": 5, "name": "prog", "backend": "mimalloc",
    "live_bytes": 5000000, "live_blocks": 1000, "usable_bytes": 6000000,
    "heap": [[2199023255552, 2199056809984]], "heap_blocks": [[139637993504768, 139637995601920]],
    "meter": [{"part": "ledger", "start": 139638010281984, "end": 139638077394944, "resident_bytes": 300000},
              {"part": "slots", "start": 139638094168064, "end": 139638094176256, "resident_bytes": 8192}]})");
  input.mappings =
      cli::parse_smaps(read_file(source_root() / "tests" / "tools" / "golden" / "account_smaps.txt"));
  input.resident_bytes = 10500 * kKiB;
  input.swap_bytes = 128 * kKiB;
  input.resident_in = [](cli::Range range) { return range.bytes() / 2; };
  input.cgroup = cli::Cgroup{2, "/system.slice/prog.service", 20 << 20, 80 << 20};
  return input;
}

}  // namespace heapmeter::testing
