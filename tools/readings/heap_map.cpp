// SPDX-License-Identifier: MIT
#include "readings/heap_map.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <fmt/format.h>

#include "client/page.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr const char *kWhat = "an account";

std::uint64_t end_of_range(const json::array &pair, std::size_t which) {
  const json::value *value = pair.if_contains(which);
  json::error_code error;
  const auto number = value != nullptr ? value->to_number<std::uint64_t>(error) : 0;
  if (value == nullptr || error) page::refuse("a range has no two ends", kWhat);
  return number;
}

// The library's own order is that of its ledger.
std::vector<Range> ranges(const json::object &from, const char *name) {
  const json::array *all = page::array(from, name);
  if (all == nullptr) page::refuse(fmt::format("'{}' is missing", name), kWhat);
  std::vector<Range> found;
  for (const json::value &each : *all) {
    const json::array *pair = each.if_array();
    if (pair == nullptr) page::refuse("a range is none", kWhat);
    found.push_back({end_of_range(*pair, 0), end_of_range(*pair, 1)});
  }
  std::sort(found.begin(), found.end(), [](const Range &a, const Range &b) { return a.start < b.start; });
  std::vector<Range> apart;
  for (const Range &each : found) {
    if (apart.empty() || apart.back().end <= each.start) {
      apart.push_back(each);
    } else {
      apart.back().end = std::max(apart.back().end, each.end);
    }
  }
  return apart;
}

}  // namespace

std::span<const Range> overlapping(std::span<const Range> ranges, Range other) {
  const auto first = std::partition_point(ranges.begin(), ranges.end(),
                                          [&](const Range &each) { return each.end <= other.start; });
  const auto last =
      std::partition_point(first, ranges.end(), [&](const Range &each) { return each.start < other.end; });
  return {first, last};
}

HeapMap parse_heap_map(std::string_view text) {
  const json::object from = page::parse(text, kWhat);
  const auto number = [](const json::object &object, const char *name) {
    return page::number(object, name, kWhat);
  };
  HeapMap map;
  map.pid = static_cast<int>(number(from, "pid"));
  map.start_time = number(from, "start_time");
  map.name = page::text(from, "name", kWhat);
  map.backend = page::text(from, "backend", kWhat);
  map.live_bytes = number(from, "live_bytes");
  map.live_blocks = number(from, "live_blocks");
  map.usable_bytes = number(from, "usable_bytes");
  map.heap = ranges(from, "heap");
  map.heap_blocks = ranges(from, "heap_blocks");
  const json::array *meter = page::array(from, "meter");
  if (meter == nullptr) page::refuse("'meter' is missing", kWhat);
  for (const json::value &each : *meter) {
    const json::object &part = page::element(each, kWhat);
    map.meter.push_back({page::text(part, "part", kWhat),
                         {number(part, "start"), number(part, "end")},
                         number(part, "resident_bytes")});
  }
  return map;
}

}  // namespace heapmeter::cli
