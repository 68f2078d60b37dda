// SPDX-License-Identifier: MIT
//
// What of a process's resident memory is neither files' nor shared.
#pragma once

#include <cstdint>
#include <optional>

namespace heapmeter::cli::process {

// Nothing when that may not be read, or it is gone.
std::optional<std::uint64_t> anonymous_bytes(int pid);

}  // namespace heapmeter::cli::process
