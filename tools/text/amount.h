// SPDX-License-Identifier: MIT
//
// Spans of time and amounts of memory, as people write them; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace heapmeter::cli {

// Seconds of 10, 10s, 500ms, 1.5m, 2h, 1d: of every option that takes a time. None where it is nothing of
// these.
std::optional<double> seconds_in(std::string_view text);
// Bytes of 4096, 512K, 20M, 1G, also 20MiB; powers of 1024.
std::optional<std::uint64_t> bytes_in(std::string_view text);

}  // namespace heapmeter::cli
