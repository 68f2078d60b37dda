// SPDX-License-Identifier: MIT
//
// Size classes and threads of a process as tables and JSON; pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "readings/class_changes.h"
#include "readings/thread_list.h"
#include "views/reading.h"

namespace heapmeter::cli {

// The requests that belong to the class: 17–32 B.
std::string class_label(const SizeClass &size_class, const Units &units, bool utf8);

// What the changes are since: a moment ago, which only makes a rate of them, or a mark.
enum class Since { kJustNow, kMark };
// `seconds` between the two, more than 0, for the rate. Classes without live blocks that were not used
// between are left out of the table. Bars are as long as `width` columns leave room for; 0 is as long as they
// come.
std::string size_table(const std::vector<ClassChange> &classes, double seconds, Since since,
                       const Units &units, const Paint &paint, bool utf8, int width);
boost::json::array sizes_json(const std::vector<ClassChange> &classes, double seconds);

// In so many columns, where they can hold it; 0: as wide as it is.
std::string thread_table(const ThreadList &list, const Units &units, const Paint &paint, int columns = 0);
boost::json::object threads_json(const ThreadList &list);

}  // namespace heapmeter::cli
