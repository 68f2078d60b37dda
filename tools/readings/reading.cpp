// SPDX-License-Identifier: MIT
#include "readings/reading.h"

#include <fmt/format.h>
#include <heapmeter/protocol.h>
#include <boost/json/value.hpp>

#include "client/page.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr const char *kWhat = "a snapshot";

std::uint64_t number(const json::object &from, std::string_view name) {
  return page::number(from, name, kWhat);
}

std::vector<KindCount> kinds(const json::object &from, std::string_view name) {
  std::vector<KindCount> found;
  const json::object *counts = page::object(from, name);
  if (counts == nullptr) return found;
  for (const auto &entry : *counts) {
    const std::string kind(entry.key());
    found.push_back({kind, number(*counts, kind)});
  }
  return found;
}

std::vector<Fault> faults(const json::object &from) {
  std::vector<Fault> found;
  const json::array *all = page::array(from, "faults");
  if (all == nullptr) return found;
  for (const json::value &each : *all) {
    const json::object &fault = page::element(each, kWhat);
    found.push_back({page::text(fault, "fault"), page::text(fault, "allocated_by"),
                     page::text(fault, "released_by"), number(fault, "bytes"), number(fault, "count")});
  }
  return found;
}

}  // namespace

Reading parse_reading(std::string_view answer) {
  Reading reading;
  reading.fields = page::parse(answer, kWhat);
  const json::object &from = reading.fields;
  for (const char *needed : {"pid", "live_bytes", "live_blocks", "allocations", "frees"}) {
    if (!from.contains(needed)) page::refuse(fmt::format("'{}' is missing", needed), kWhat);
  }
  if (number(from, "protocol") != HEAPMETER_PROTOCOL_VERSION) {
    page::refuse(fmt::format("it speaks protocol {}, this tool {}", number(from, "protocol"),
                             HEAPMETER_PROTOCOL_VERSION),
                 kWhat);
  }
  reading.version = page::text(from, "version");
  reading.name = page::text(from, "name");
  reading.backend = page::text(from, "backend");
  reading.pid = static_cast<int>(number(from, "pid"));
  reading.parent_pid = static_cast<int>(number(from, "parent_pid"));
  reading.start_time = number(from, "start_time");
  reading.monotonic_ns = number(from, "monotonic_ns");
  reading.counting_since_ns = number(from, "counting_since_ns");
  const json::value *uptime = from.if_contains("uptime_seconds");
  if (uptime != nullptr && uptime->is_number()) reading.uptime_seconds = uptime->to_number<double>();
#define HEAPMETER_COUNTER(type, name, unit, help) reading.name = number(from, #name);
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  reading.allocations_by_kind = kinds(from, "allocations_by_kind");
  reading.frees_by_kind = kinds(from, "frees_by_kind");
  reading.faults = faults(from);
  return reading;
}

Reading take_reading(const Endpoint &endpoint, Deadline deadline) {
  return parse_reading(get(endpoint, HEAPMETER_PATH_SNAPSHOT, deadline));
}

}  // namespace heapmeter::cli
