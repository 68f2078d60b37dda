// SPDX-License-Identifier: MIT
//
// The door by which JSON that another process or user wrote comes in, all but the sites' own parser: what
// Boost.JSON makes of a text takes up to a hundred bytes for each of its values, so they are counted first.
// Nothing of ours, a mark with sites neither, has as many as are refused; those in names are counted, too.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

namespace heapmeter::cli {

inline constexpr std::size_t kMostForeignValues = 2u << 20;

// Nothing, and why, when it is no JSON, or more than that, or a number in it is more than any double.
std::optional<boost::json::value> parse_foreign(std::string_view text, std::string &why);

// What is wrong with one that is not as it should be, from what was thrown at it: without where in the
// library's source.
std::string fault_of(const std::exception &thrown);

}  // namespace heapmeter::cli
