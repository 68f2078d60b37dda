// SPDX-License-Identifier: MIT
#include "reading.h"

#include <fmt/format.h>
#include <heapmeter/protocol.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

[[noreturn]] void refuse(const std::string &why) {
  throw NoAnswer(Silence::kStrange, "the answer is not a snapshot: " + why);
}

// Absent is 0; there and no count is an error.
std::uint64_t number(const json::object &object, json::string_view name) {
  const json::value *value = object.if_contains(name);
  if (value == nullptr) return 0;
  if (value->is_uint64()) return value->get_uint64();
  if (value->is_int64() && value->get_int64() >= 0) return static_cast<std::uint64_t>(value->get_int64());
  refuse(fmt::format("'{}' is not a count", std::string_view(name.data(), name.size())));
}

std::string text(const json::object &object, json::string_view name) {
  const json::value *value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::vector<KindCount> kinds(const json::object &object, json::string_view name) {
  std::vector<KindCount> found;
  const json::value *value = object.if_contains(name);
  if (value == nullptr || !value->is_object()) return found;
  for (const auto &entry : value->get_object()) {
    found.push_back({std::string(entry.key()), number(value->get_object(), entry.key())});
  }
  return found;
}

std::vector<Fault> faults(const json::object &object) {
  std::vector<Fault> found;
  const json::value *value = object.if_contains("faults");
  if (value == nullptr || !value->is_array()) return found;
  for (const json::value &entry : value->get_array()) {
    if (!entry.is_object()) refuse("a fault is not an object");
    const json::object &fault = entry.get_object();
    found.push_back({text(fault, "fault"), text(fault, "allocated_by"), text(fault, "released_by"),
                     number(fault, "bytes"), number(fault, "count")});
  }
  return found;
}

json::object parse_object(std::string_view answer) {
  json::error_code error;
  json::value value = json::parse({answer.data(), answer.size()}, error);
  if (error) refuse(error.message());
  if (!value.is_object()) refuse("no object");
  return std::move(value.get_object());
}

}  // namespace

Reading parse_reading(std::string_view answer) {
  Reading reading;
  reading.fields = parse_object(answer);
  const json::object &from = reading.fields;
  for (const char *needed : {"pid", "live_bytes", "live_blocks", "allocations", "frees"}) {
    if (!from.contains(needed)) refuse(fmt::format("'{}' is missing", needed));
  }
  if (number(from, "protocol") != HEAPMETER_PROTOCOL_VERSION) {
    refuse(fmt::format("it speaks protocol {}, this tool {}", number(from, "protocol"),
                       HEAPMETER_PROTOCOL_VERSION));
  }
  reading.version = text(from, "version");
  reading.name = text(from, "name");
  reading.backend = text(from, "backend");
  reading.pid = static_cast<int>(number(from, "pid"));
  reading.parent_pid = static_cast<int>(number(from, "parent_pid"));
  reading.start_time = number(from, "start_time");
  reading.monotonic_ns = number(from, "monotonic_ns");
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
