// SPDX-License-Identifier: MIT
//
// JSON as people and shell scripts read it: Boost.JSON's own text of 2.5 is 2.5E0. One line, as short as
// exact. Strings that are not UTF-8 are made so: JSON knows no other;
// and what a terminal would obey is escaped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/value.hpp>

namespace heapmeter::cli {

std::string json_text(const boost::json::value &value);

// null when not known.
boost::json::value or_null(const std::optional<std::uint64_t> &number);

}  // namespace heapmeter::cli
