// SPDX-License-Identifier: MIT
#include "readings/heap_map.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include "client/client.h"
#include "text/terminal.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

// The library's own order is that of its ledger.
std::vector<Range> ranges(const json::value &from) {
  std::vector<Range> found;
  for (const json::value &pair : from.as_array()) {
    found.push_back({pair.at(0).to_number<std::uint64_t>(), pair.at(1).to_number<std::uint64_t>()});
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

std::string name_of(const json::value &from) { return printable(json::value_to<std::string>(from)); }

HeapMap read(const json::value &from) {
  const auto number = [&](const char *name) { return from.at(name).to_number<std::uint64_t>(); };
  HeapMap map;
  map.pid = from.at("pid").to_number<int>();
  map.start_time = number("start_time");
  map.name = name_of(from.at("name"));
  map.backend = name_of(from.at("backend"));
  map.live_bytes = number("live_bytes");
  map.live_blocks = number("live_blocks");
  map.usable_bytes = number("usable_bytes");
  map.heap = ranges(from.at("heap"));
  map.heap_blocks = ranges(from.at("heap_blocks"));
  for (const json::value &part : from.at("meter").as_array()) {
    map.meter.push_back(
        {name_of(part.at("part")),
         {part.at("start").to_number<std::uint64_t>(), part.at("end").to_number<std::uint64_t>()},
         part.at("resident_bytes").to_number<std::uint64_t>()});
  }
  return map;
}

}  // namespace

std::span<const Range> overlapping(std::span<const Range> ranges, const Range &other) {
  const auto first = std::partition_point(ranges.begin(), ranges.end(),
                                          [&](const Range &each) { return each.end <= other.start; });
  const auto last =
      std::partition_point(first, ranges.end(), [&](const Range &each) { return each.start < other.end; });
  return {first, last};
}

HeapMap parse_heap_map(std::string_view text) {
  try {
    return read(json::parse({text.data(), text.size()}));
  } catch (const std::exception &error) {
    throw NoAnswer(Silence::kStrange, std::string("the answer is no account: ") + error.what());
  }
}

}  // namespace heapmeter::cli
