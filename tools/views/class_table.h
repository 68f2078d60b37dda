// SPDX-License-Identifier: MIT
//
// Size classes and threads of a process as tables and JSON, and how the classes differ from an earlier
// reading; pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "readings/size_classes.h"
#include "readings/thread_list.h"
#include "views/reading.h"

namespace heapmeter::cli {

// Growth since an earlier reading; what is in one of the two only counts as 0 in the other.
struct ClassChange {
  SizeClass now;
  std::int64_t live_blocks = 0, live_bytes = 0, allocations = 0;
};
std::vector<ClassChange> changes(const std::vector<SizeClass> &earlier, const std::vector<SizeClass> &later);

// Of what is not known of one class, the sum is not known either.
ClassChange sum_of(std::span<const ClassChange> classes);

// Whether every class's totals are at least what they were: else it is another program that counts.
bool goes_on(const std::vector<SizeClass> &earlier, const std::vector<SizeClass> &later);

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

std::string thread_table(const ThreadList &list, const Units &units, const Paint &paint);
boost::json::object threads_json(const ThreadList &list);

}  // namespace heapmeter::cli
