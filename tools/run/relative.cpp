// SPDX-License-Identifier: MIT
#include "run/relative.h"

#include <algorithm>
#include <filesystem>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostWords = 512;
constexpr double kNanoseconds = 1e-9;

std::vector<std::string> words(const json::object &fields, std::string_view name) {
  std::vector<std::string> found;
  const json::value *value = fields.if_contains(name);
  const json::array *list = value == nullptr ? nullptr : value->if_array();
  if (list == nullptr) return found;
  for (const json::value &each : *list) {
    if (each.is_string() && found.size() < kMostWords) found.emplace_back(each.get_string());
  }
  return found;
}

std::optional<std::uint64_t> number(const json::object &fields, std::string_view name) {
  const json::value *value = fields.if_contains(name);
  json::error_code failed;
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const auto found = value->to_number<std::uint64_t>(failed);
  return failed ? std::nullopt : std::optional(found);
}

}  // namespace

Relative relative_of(Reading reading) {
  Relative relative;
  const json::value *then = reading.fields.if_contains("before_fork");
  const json::object *inherited = then == nullptr ? nullptr : then->if_object();
  relative.forked = inherited != nullptr;
  relative.fork_unknown = then != nullptr && then->is_null();
  const auto before = [&](std::string_view name) {
    return inherited == nullptr ? 0 : number(*inherited, name).value_or(0);
  };
#define HEAPMETER_COUNTER(type, name, unit, help) \
  relative.own.name = reading.name - std::min(reading.name, before(#name));
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  relative.inherited_live_bytes = before("live_bytes");
  relative.reading = std::move(reading);
  return relative;
}

std::uint64_t Relative::own_peak() const {
  const std::uint64_t most = reading.most_peak();
  return most - std::min(most, inherited_live_bytes);
}

double Relative::started() const {
  const double now = static_cast<double>(reading.monotonic_ns) * kNanoseconds;
  return std::max(static_cast<double>(reading.counting_since_ns) * kNanoseconds,
                  now - reading.uptime_seconds);
}

double Relative::ended() const {
  return static_cast<double>(reading.monotonic_ns) * kNanoseconds + age_seconds;
}

std::string Relative::program() const {
  constexpr std::size_t kKernelsLength = 15;
  if (command.empty() || reading.name.size() < kKernelsLength) return reading.name;
  const std::string file = std::filesystem::path(command.front()).filename();
  return file.starts_with(reading.name) ? file : reading.name;
}

Relative of_report(Reading report) {
  Relative relative = relative_of(std::move(report));
  const json::object &fields = relative.reading.fields;
  relative.command = words(fields, "command");
  if (const json::value *path = fields.if_contains("exe"); path != nullptr && path->is_string())
    relative.executable = path->get_string();
  if (const json::value *time = fields.if_contains("cpu_seconds"); time != nullptr && time->is_number())
    relative.cpu_seconds = time->to_number<double>();
  relative.rss_peak_bytes = number(fields, "rss_peak_bytes").value_or(0);
  relative.rss_file_bytes = number(fields, "rss_file_bytes");
  return relative;
}

json::object to_json(const Relative &relative) {
  json::object object = relative.reading.fields;
  object.erase("pages");
  object["source"] = relative.became_another ? "exec" : relative.from_report ? "report" : "reading";
  if (relative.from_report) return object;
  object["reading_age_seconds"] = relative.age_seconds;
  object["command"] = json::array(relative.command.begin(), relative.command.end());
  object["exe"] = relative.executable;
  if (relative.cpu_seconds) object["cpu_seconds"] = *relative.cpu_seconds;
  object["rss_peak_bytes"] = relative.rss_peak_bytes;
  if (relative.rss_file_bytes) object["rss_file_bytes"] = *relative.rss_file_bytes;
  return object;
}

}  // namespace heapmeter::cli
