// SPDX-License-Identifier: MIT
//
// How the demo programs put a reading into words; without a meter they say "not metered", never zeros.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <heapmeter/heapmeter.hpp>

namespace demo {

// "3 allocations, 120 bytes", "nothing", or "not metered".
std::string spent_text(const std::optional<heapmeter::ThreadCounters> &spent);

// 1234567 -> "1,234,567"
std::string with_commas(std::uint64_t number);

}  // namespace demo
