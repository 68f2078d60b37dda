// SPDX-License-Identifier: MIT
#include "targets/group_reading.h"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "readings/merged.h"
#include "text/format.h"
#include "text/terminal.h"

namespace heapmeter::cli {

boost::json::object to_json(const GroupReading &reading) {
  boost::json::object object = {{"schema", 1}};
  for (const auto &field : reading.sum.fields) object[field.key()] = field.value();
  object["processes"] = reading.totals.processes;
  object["answering"] = reading.totals.answering;
  object["rss_bytes"] = reading.totals.resident_bytes;
  if (reading.totals.rates) object["rates"] = to_json(*reading.totals.rates);
  boost::json::array members;
  for (const Member &each : reading.members) {
    boost::json::object member = {{"pid", each.shown_pid()}, {"name", each.name()}};
    member["live_bytes"] =
        each.reading ? boost::json::value(each.reading->live_bytes) : boost::json::value(nullptr);
    member["rss_bytes"] = each.resident ? boost::json::value(*each.resident) : boost::json::value(nullptr);
    member["answering"] = each.complaint.empty();
    members.push_back(std::move(member));
  }
  object["members"] = std::move(members);
  return object;
}

GroupReader::GroupReader(const Wanted &wanted)
    : word_(wanted.text()), census_(std::chrono::milliseconds(0), finder_of(wanted)) {}

std::optional<GroupReading> GroupReader::read(std::chrono::milliseconds patience) {
  census_.begin();
  census_.go_on(in(patience));
  GroupReading reading;
  reading.members = census_.members();
  if (reading.members.empty()) return std::nullopt;
  std::vector<const Reading *> readings;
  for (const Member &each : reading.members) {
    if (each.reading) readings.push_back(each.reading.get());
  }
  reading.totals = sum_of(pointers_to(reading.members));
  reading.sum = merged(readings, word_);
  reading.label = group_label(word_, reading.members.size());
  return reading;
}

}  // namespace heapmeter::cli
