// SPDX-License-Identifier: MIT
#include "readings/reading.h"

#include <fmt/format.h>
#include <heapmeter/protocol.h>
#include <boost/json/value.hpp>

#include "client/page.h"
#include "text/terminal.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr const char *kWhat = "a snapshot";
constexpr const char *kBeforeFork = "before_fork";
constexpr std::size_t kMostKinds = 64, kMostFaults = 1024, kMostFields = 256, kMostWords = 16;
constexpr double kLongestUptime = 1e10;  // three centuries

std::uint64_t number(const json::object &from, std::string_view name) {
  return page::number(from, name, kWhat);
}

std::vector<KindCount> kinds(const json::object &from, std::string_view name) {
  std::vector<KindCount> found;
  const json::object *counts = page::object(from, name);
  if (counts == nullptr) return found;
  for (const auto &entry : *counts) {
    const std::string kind(entry.key());
    if (kind.size() > page::kLongestText || found.size() == kMostKinds)
      page::refuse(fmt::format("'{}' are not kinds", name), kWhat);
    found.push_back({printable(kind), number(*counts, kind)});
  }
  return found;
}

std::vector<Fault> faults(const json::object &from) {
  std::vector<Fault> found;
  const json::array *all = page::array(from, "faults");
  if (all == nullptr) return found;
  for (const json::value &each : *all) {
    if (found.size() == kMostFaults) page::refuse("there are too many 'faults'", kWhat);
    const json::object &fault = page::element(each, kWhat);
    found.push_back({page::text(fault, "fault", kWhat), page::text(fault, "allocated_by", kWhat),
                     page::text(fault, "released_by", kWhat), number(fault, "bytes"),
                     number(fault, "count")});
  }
  return found;
}

bool is_short(const json::value &value) {
  if (value.is_array() || value.is_object()) return false;
  return !value.is_string() || value.get_string().size() <= page::kLongestText;
}

// The words and numbers of an object, as many as a fault has room for.
json::object words_of(const json::object &from, std::size_t most) {
  json::object fields;
  for (const auto &entry : from) {
    if (entry.key().size() <= page::kLongestText && is_short(entry.value()) && fields.size() < most)
      fields.insert(entry);
  }
  return fields;
}

// What is printed as it came. Of what a newer library has to say, its numbers and words, and not without end:
// a reading is kept as long as its process lives.
json::object kept(const json::object &from) {
  json::object fields = words_of(from, kMostFields);
  // The one that is a sentence.
  if (std::string why = page::long_text(from, "sampling_instead", kWhat); !why.empty())
    fields["sampling_instead"] = std::move(why);
  for (const char *kinds : {"allocations_by_kind", "frees_by_kind"}) {
    if (const json::object *counts = page::object(from, kinds)) fields[kinds] = *counts;
  }
  for (const char *part : {kBeforeFork, "last_look"}) {
    if (const json::object *known = page::object(from, part)) fields[part] = words_of(*known, kMostFields);
  }
  if (const json::array *all = page::array(from, "faults")) {
    json::array faults;
    for (const json::value &each : *all) faults.push_back(words_of(each.get_object(), kMostWords));
    fields["faults"] = std::move(faults);
  }
  return fields;
}

}  // namespace

Reading parse_reading(std::string_view answer) { return reading_of(page::parse(answer, kWhat)); }

Reading reading_of(const json::object &from) {
  Reading reading;
  for (const char *needed : {"pid", "live_bytes", "live_blocks", "allocations", "frees"}) {
    if (!from.contains(needed)) page::refuse(fmt::format("'{}' is missing", needed), kWhat);
  }
  if (number(from, "protocol") != HEAPMETER_PROTOCOL_VERSION) {
    page::refuse(fmt::format("it speaks protocol {}, this tool {}", number(from, "protocol"),
                             HEAPMETER_PROTOCOL_VERSION),
                 kWhat);
  }
  reading.version = page::text(from, "version", kWhat);
  reading.name = page::text(from, "name", kWhat);
  reading.backend = page::text(from, "backend", kWhat);
  if (from.contains("sampling")) reading.sampling = page::text(from, "sampling", kWhat);
  reading.pid = static_cast<int>(number(from, "pid"));
  reading.parent_pid = static_cast<int>(number(from, "parent_pid"));
  reading.start_time = number(from, "start_time");
  reading.monotonic_ns = number(from, "monotonic_ns");
  reading.counting_since_ns = number(from, "counting_since_ns");
  const json::value *uptime = from.if_contains("uptime_seconds");
  if (uptime != nullptr && uptime->is_number()) reading.uptime_seconds = uptime->to_number<double>();
  if (!(reading.uptime_seconds >= 0 && reading.uptime_seconds < kLongestUptime))
    page::refuse("'uptime_seconds' is no time", kWhat);
#define HEAPMETER_COUNTER(type, name, unit, help) reading.name = number(from, #name);
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  reading.allocations_by_kind = kinds(from, "allocations_by_kind");
  reading.frees_by_kind = kinds(from, "frees_by_kind");
  reading.faults = faults(from);
  reading.fields = kept(from);
  return reading;
}

Reading take_reading(const Endpoint &endpoint, Deadline deadline) {
  return parse_reading(get(endpoint, HEAPMETER_PATH_SNAPSHOT, deadline));
}

}  // namespace heapmeter::cli
