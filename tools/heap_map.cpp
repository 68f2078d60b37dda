// SPDX-License-Identifier: MIT
#include "heap_map.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include "client.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

std::vector<Range> ranges(const json::value &from) {
  std::vector<Range> found;
  for (const json::value &pair : from.as_array()) {
    found.push_back({pair.at(0).to_number<std::uint64_t>(), pair.at(1).to_number<std::uint64_t>()});
  }
  return found;
}

HeapMap read(const json::value &from) {
  const auto number = [&](const char *name) { return from.at(name).to_number<std::uint64_t>(); };
  HeapMap map;
  map.pid = from.at("pid").to_number<int>();
  map.start_time = number("start_time");
  map.name = json::value_to<std::string>(from.at("name"));
  map.backend = json::value_to<std::string>(from.at("backend"));
  map.live_bytes = number("live_bytes");
  map.live_blocks = number("live_blocks");
  map.usable_bytes = number("usable_bytes");
  map.heap = ranges(from.at("heap"));
  map.heap_blocks = ranges(from.at("heap_blocks"));
  for (const json::value &part : from.at("meter").as_array()) {
    map.meter.push_back(
        {json::value_to<std::string>(part.at("part")),
         {part.at("start").to_number<std::uint64_t>(), part.at("end").to_number<std::uint64_t>()},
         part.at("resident_bytes").to_number<std::uint64_t>()});
  }
  return map;
}

}  // namespace

HeapMap parse_heap_map(std::string_view text) {
  try {
    return read(json::parse({text.data(), text.size()}));
  } catch (const std::exception &error) {
    throw NoAnswer(Silence::kStrange, std::string("the answer is no account: ") + error.what());
  }
}

}  // namespace heapmeter::cli
