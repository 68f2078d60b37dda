// SPDX-License-Identifier: MIT
#include "run/summary.h"

#include <algorithm>
#include <filesystem>

#include <string.h>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "text/format.h"
#include "text/json_text.h"
#include "text/user_error.h"
#include "views/reading.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kLostRows = 10, kLostDepth = 8;

double seconds(const timeval &time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::uint64_t resident_peak(const Ending &ending) {
  return static_cast<std::uint64_t>(ending.usage.ru_maxrss) * 1024;
}

std::string signal_name(int number) {
  const char *name = sigabbrev_np(number);
  return name == nullptr ? fmt::format("signal {}", number) : fmt::format("SIG{}", name);
}

std::string ending_text(const Ending &ending) {
  if (ending.signal == 0) return fmt::format("ended with exit code {}", ending.exit_code);
  return fmt::format("was killed by {}{}", signal_name(ending.signal),
                     ending.dumped_core ? " (core dumped)" : "");
}

std::string traffic(std::uint64_t bytes, std::uint64_t count, const char *noun, double wall) {
  std::string text =
      fmt::format("{:>10} in {}", format::bytes(static_cast<double>(bytes)), format::counted(count, noun));
  if (wall >= 0.1) {
    text += fmt::format(", {}/s, {}/s", format::bytes(static_cast<double>(bytes) / wall),
                        format::count(static_cast<double>(count) / wall));
  }
  return text;
}

std::string heap_lines(const RunResult &result, const Paint &paint) {
  const Reading &reading = *result.reading;
  const double wall = result.ending.wall_seconds - result.reading_age_seconds;
  const auto row = [&](const char *label, const std::string &text) { return labelled(paint, label, text); };
  const Units units;
  std::string text = row("peak", peak_text(reading, units));
  text += row(result.from_report ? "live at exit" : "live",
              fmt::format("{:>10} in {}", units.bytes(reading.live_bytes),
                          format::counted(reading.live_blocks, "block")));
  text += row("allocated", traffic(reading.allocated_bytes, reading.allocations, "allocation", wall));
  text += row("freed", traffic(reading.freed_bytes, reading.frees, "free", wall));
  text += row("reallocations", fmt::format("{:>10}", units.count(reading.reallocations)));
  if (reading.failures > 0) text += row("failures", fmt::format("{:>10}", units.count(reading.failures)));
  return text + fault_lines(reading, units, paint);
}

std::string children_text(const std::vector<Reading> &children) {
  const auto largest =
      std::max_element(children.begin(), children.end(),
                       [](const Reading &a, const Reading &b) { return a.peak_bytes < b.peak_bytes; });
  return fmt::format("{:>10} metered and ended, the largest {} ({}) with a peak of {}", children.size(),
                     printable(largest->name), largest->pid, peak_text(*largest, Units{}, 0));
}

std::string still_running_text(const std::vector<int> &pids) {
  std::string list;
  for (std::size_t at = 0; at < std::min<std::size_t>(pids.size(), 5); ++at)
    list += fmt::format("{}{}", at > 0 ? ", " : "", pids[at]);
  return fmt::format("{:>10} of the processes it started, metered: {}{}", pids.size(), list,
                     pids.size() > 5 ? ", ..." : "");
}

// The uncounted program it is now, or null.
const Uncounted *became(const RunResult &result) {
  for (const Uncounted &each : result.uncounted) {
    if (each.pid == result.pid) return &each;
  }
  return nullptr;
}

std::string program_name(const RunResult &result) {
  return printable(std::filesystem::path(result.command.front()).filename().string());
}

}  // namespace

std::string missing_report_reason(const RunResult &result) {
  if (const Uncounted *other = became(result))
    return fmt::format("it became another program by exec, which is not counted: {}", printable(other->why));
  if (!result.report_elsewhere.empty()) {
    return fmt::format("HEAPMETER_REPORT={} leaves no report to read here", result.report_elsewhere);
  }
  if (result.ending.signal != 0) return "it was killed, so it left no report of its own";
  return "it ended by _exit, or exec of an unmetered program, so it left no report of its own";
}

std::vector<std::string> missing_reading_reasons(const RunResult &result) {
  if (!result.notes.empty()) return result.notes;
  if (result.ending.exit_code == kNotFound) return {"it could not be loaded; see its message above"};
  std::vector<std::string> reasons = {missing_report_reason(result)};
  if (became(result) != nullptr) return reasons;
  reasons.push_back(result.ending.wall_seconds < 0.1
                        ? "it was too short for a reading before that"
                        : "its socket gave none before that: HEAPMETER_SERVE=off, no directory to put it, or "
                          "no meter in it");
  return reasons;
}

std::string summary_text(const RunResult &result, const Paint &paint, int width, bool utf8) {
  const auto row = [&](const char *label, const std::string &text) { return labelled(paint, label, text); };
  const Ending &ending = result.ending;
  std::string text = "\n" +
                     paint.title(fmt::format("heapmeter: {} ({}) {}", program_name(result), result.pid,
                                             ending_text(ending))) +
                     "\n\n";
  if (!result.reading) {
    const char *label = "no reading";
    for (const std::string &reason : missing_reading_reasons(result)) {
      text += row(label, reason);
      label = "";
    }
  } else {
    if (!result.from_report) {
      text += row("last reading",
                  fmt::format("{} before the end; {}", format::duration(result.reading_age_seconds),
                              missing_report_reason(result)));
    }
    text += heap_lines(result, paint);
    if (result.lost) text += row("lost", lost_line(*result.lost, Units{}));
  }
  text += "\n";
  text += row("RSS peak", fmt::format("{:>10}", format::bytes(static_cast<double>(resident_peak(ending)))));
  if (result.reading) text += row("meter cost", meter_cost_text(*result.reading, Units{}));
  const double user = seconds(ending.usage.ru_utime), system = seconds(ending.usage.ru_stime);
  text += row("time",
              fmt::format("{:>10} wall, {} cpu ({} user, {} system)", format::duration(ending.wall_seconds),
                          format::duration(user + system), format::duration(user), format::duration(system)));
  if (!result.children.empty()) text += row("children", children_text(result.children));
  for (const Uncounted &started : result.uncounted) {
    if (started.pid != result.pid)
      text += row("not counted", fmt::format("{} ({})", printable(started.why), started.pid));
  }
  if (!result.still_running.empty()) text += row("still running", still_running_text(result.still_running));
  if (!result.lost) return text;
  const std::string places = lost_places(*result.lost, kLostRows, kLostDepth, Units{}, paint, width, utf8);
  return places.empty() ? text : text + "\n" + places;
}

json::object summary_json(const RunResult &result) {
  const Ending &ending = result.ending;
  json::object object = {{"schema", 1}};
  object["command"] = json::array(result.command.begin(), result.command.end());
  object["pid"] = result.pid;
  object["exit_code"] = ending.exit_code;
  object["signal"] = ending.signal == 0 ? json::value(nullptr) : json::value(signal_name(ending.signal));
  object["wall_seconds"] = ending.wall_seconds;
  object["user_seconds"] = seconds(ending.usage.ru_utime);
  object["system_seconds"] = seconds(ending.usage.ru_stime);
  object["rss_peak_bytes"] = resident_peak(ending);
  object["source"] = !result.reading ? "none" : result.from_report ? "report" : "reading";
  if (result.reading) {
    object["reading_age_seconds"] = result.from_report ? 0.0 : result.reading_age_seconds;
    object["reading"] = result.reading->fields;
  } else {
    object["reading_age_seconds"] = nullptr;
    object["reading"] = nullptr;
  }
  json::array why;
  if (!result.reading) {
    for (const std::string &reason : missing_reading_reasons(result)) why.emplace_back(reason);
  } else if (!result.from_report) {
    why.emplace_back(missing_report_reason(result));
  }
  object["why"] = why;
  if (result.lost) add_lost_json(object, *result.lost);
  json::array children;
  for (const Reading &child : result.children) children.push_back(child.fields);
  object["children"] = children;
  json::array uncounted;
  for (const Uncounted &each : result.uncounted)
    uncounted.push_back(json::object{{"pid", each.pid}, {"program", each.program}, {"why", each.why}});
  object["uncounted"] = std::move(uncounted);
  object["still_running"] = json::array(result.still_running.begin(), result.still_running.end());
  return object;
}

}  // namespace heapmeter::cli
