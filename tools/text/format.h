// SPDX-License-Identifier: MIT
//
// Numbers as people read them; pure functions. Human figures have three significant digits and a unit; exact
// ones are the integer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace heapmeter::cli::format {

std::string bytes(double amount);  // 999 B, 12.3 MiB, -4.00 KiB
// Both ends in the unit of the lower: 17–32 B, 4.00–5.00 KiB.
std::string bytes_range(std::uint64_t least, std::uint64_t most, const char *dash);
std::string count(double amount);                // 999, 12.3k, 4.56M
std::string grouped(std::uint64_t number);       // 1,234,567
std::string duration(double seconds);            // 1.2 ms, 0.12 s, 45.6 s, 3m 12s, 2h 05m, 3d 4h
std::string percent(double part, double whole);  // 6.5 %, "-" of nothing
// "1 block", "2 blocks", grouped.
std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace heapmeter::cli::format
