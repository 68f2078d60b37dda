// SPDX-License-Identifier: MIT
#include "conditions/figures.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "text/foreign_json.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli::conditions {
namespace {

namespace json = boost::json;

constexpr const char *kCounters[] = {
#define HEAPMETER_COUNTER(type, name, unit, help) #name,
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
};
// Of a run as a whole, which are no sums.
constexpr const char *kOfRun[] = {"wall_seconds", "user_seconds", "system_seconds", "cpu_seconds",
                                  "rss_peak_bytes"};
// Of what during measured: a run of its command, the middle one of several.
constexpr const char *kOfLoad[] = {"seconds",         "allocations", "frees",      "reallocations",
                                   "allocated_bytes", "freed_bytes", "kept_bytes", "kept_blocks"};
constexpr const char *kLoad = "heapmeter load", *kPerRequest = "_per_request";
constexpr const char *kOfLook[] = {
    "lost_blocks",
    "lost_bytes",
    "lost_indirectly_blocks",
    "lost_indirectly_bytes",
    "perhaps_in_registers_blocks",
    "perhaps_in_registers_bytes",
    "not_looked_at_bytes",
};
// What the summary calls so: each of them is a fault of the program.
constexpr const char *kWrongCalls = "wrong_calls";
constexpr const char *kKindsOfWrongCalls[] = {"mismatches", "size_mismatches", "double_frees",
                                              "foreign_frees"};
// Older libraries counted these among the foreign ones.
constexpr const char *kInnerFrees = "inner_frees";
constexpr const char *kNotLooked = "no look at what is lost was taken (run --leaks)";

std::optional<double> number(const json::object &from, std::string_view name) {
  const json::value *value = from.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

const json::array &array(const json::object &from, std::string_view name) {
  static const json::array none;
  const json::value *value = from.if_contains(name);
  return value == nullptr || !value->is_array() ? none : value->get_array();
}

std::string text(const json::object &from, std::string_view name) {
  const json::value *value = from.if_contains(name);
  return value == nullptr || !value->is_string() ? "" : std::string(value->get_string());
}

void take(Figures &figures, const json::object &from, std::string_view name, const char *else_why) {
  const auto value = number(from, name);
  value ? figures.set(name, *value) : figures.miss(name, else_why);
}

void take_look(Figures &figures, const json::object &from, std::string_view failure) {
  const std::string why = text(from, failure);
  for (const char *name : kOfLook)
    why.empty() ? take(figures, from, name, kNotLooked) : figures.miss(name, why);
}

const json::object &first(const json::array &all) {
  static const json::object none;
  return all.empty() || !all.front().is_object() ? none : all.front().get_object();
}

std::string no_report(const json::array &processes) {
  const json::object &one = first(processes);
  const std::string why = text(one, "why");
  return fmt::format(
      "{} of the processes it started left no report: {} ({}{}) {}", processes.size(),
      printable(text(one, "program")), number(one, "pid").value_or(0), processes.size() > 1 ? ", ..." : "",
      why.empty() ? "was killed, or left by the bare system call" : "could not write it: " + printable(why));
}

// Why the sums over the programs that a run started are not known, or "".
std::string not_whole(const json::object &run) {
  if (text(run, "source") != "report") {
    const json::array &why = array(run, "why");
    return why.empty() || !why.front().is_string() ? "there is no report of its exit"
                                                   : std::string(why.front().get_string());
  }
  if (const json::array &unreported = array(run, "unreported"); !unreported.empty())
    return no_report(unreported);
  if (const std::string no_room = text(run, "no_room"); !no_room.empty())
    return "there is no room for reports, some of which may be missing: " + printable(no_room);
  if (const json::array &uncounted = array(run, "uncounted"); !uncounted.empty()) {
    return printable(text(first(uncounted), "why")) +
           ", so it is not counted; name it in HEAPMETER_EXCEPT to leave it out";
  }
  const json::value *sum = run.if_contains("sum");
  const double unreported =
      sum == nullptr || !sum->is_object() ? 0 : number(sum->get_object(), "unreported").value_or(0);
  const json::array &running = array(run, "still_running");
  if (unreported > 0 && running.empty()) {
    return fmt::format("{} of the processes it started left no report: killed, or ended by _exit",
                       unreported);
  }
  if (running.empty() || !running.front().is_number()) return "";
  return fmt::format("{} of the processes it started {} on: {}{}", running.size(),
                     running.size() == 1 ? "runs" : "run", running.front().to_number<std::int64_t>(),
                     running.size() == 1 ? "" : ", ...");
}

void take_run(Figures &figures, const json::object &run) {
  for (const char *name : kOfRun) take(figures, run, name, "it is not in the summary");
  const std::string why = not_whole(run);
  if (!why.empty()) {
    for (const char *name : kCounters) figures.miss(name, why);
    for (const char *name : kOfLook) figures.miss(name, why);
    return;
  }
  const json::value &reading = run.at("reading");
  const json::value *sum_of_all = run.if_contains("sum");
  if (sum_of_all != nullptr && sum_of_all->is_object()) {
    for (const char *name : kCounters) take(figures, sum_of_all->get_object(), name, "it is not in the sum");
    take_look(figures, run, "lost_failure");
    return;
  }
  // Of an older tool.
  for (const char *name : kCounters) {
    const auto own = reading.is_object() ? number(reading.get_object(), name) : std::nullopt;
    if (!own) {
      figures.miss(name, "it is not in the reading");
      continue;
    }
    double sum = *own;
    for (const json::value &child : array(run, "children")) {
      if (child.is_object()) sum += number(child.get_object(), name).value_or(0);
    }
    figures.set(name, sum);
  }
  take_look(figures, run, "lost_failure");
}

void take_load(Figures &figures, const json::object &load) {
  const json::value *middle = load.if_contains("middle");
  const double per = number(load, "per").value_or(0);
  for (const std::string name : kOfLoad) {
    const auto value =
        middle != nullptr && middle->is_object() ? number(middle->get_object(), name) : std::nullopt;
    if (!value || !(per >= 1)) {
      figures.miss(name, "it is not in the load");
      figures.miss(name + kPerRequest, "it is not in the load");
      continue;
    }
    figures.set(name, *value);
    figures.set(name + kPerRequest, *value / per);
  }
}

void add_up_wrong_calls(Figures &figures) {
  double sum = figures.of(kInnerFrees).value.value_or(0);
  for (const char *name : kKindsOfWrongCalls) {
    const Figure figure = figures.of(name);
    if (!figure.value) return figures.miss(kWrongCalls, figure.why);
    sum += *figure.value;
  }
  figures.set(kWrongCalls, sum);
}

}  // namespace

Figure Figures::of(std::string_view name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? Figure{{}, "it is not known"} : found->second;
}

std::vector<std::string> names_of_reading() {
  std::vector<std::string> names(std::begin(kCounters), std::end(kCounters));
  names.emplace_back(kWrongCalls);
  names.insert(names.end(), std::begin(kOfLook), std::end(kOfLook));
  return names;
}

std::vector<std::string> names_of_run() {
  std::vector<std::string> names = names_of_reading();
  names.insert(names.end(), std::begin(kOfRun), std::end(kOfRun));
  return names;
}

std::vector<std::string> names_of_load() {
  std::vector<std::string> names(std::begin(kOfLoad), std::end(kOfLoad));
  for (const std::string name : kOfLoad) names.push_back(name + kPerRequest);
  return names;
}

bool is_of_look(std::string_view name) {
  return std::find(std::begin(kOfLook), std::end(kOfLook), name) != std::end(kOfLook);
}

Figures figures_in(const json::object &object) {
  Figures figures;
  if (text(object, "format") == kLoad) {
    take_load(figures, object);
    return figures;
  }
  if (object.contains("command") && object.contains("source") && object.contains("reading")) {
    take_run(figures, object);
    add_up_wrong_calls(figures);
    return figures;
  }
  const json::value *snapshot = object.if_contains("snapshot");
  const json::object &reading =
      snapshot != nullptr && snapshot->is_object() ? snapshot->get_object() : object;
  for (const char *name : kCounters) take(figures, reading, name, "it is not in the reading");
  const json::value *leaks = object.if_contains("leaks");
  take_look(figures, leaks != nullptr && leaks->is_object() ? leaks->get_object() : json::object(),
            "failure");
  add_up_wrong_calls(figures);
  return figures;
}

Figures figures_in_text(std::string_view content, const std::string &where) {
  std::string why;
  const auto value = parse_foreign(content, why);
  const json::object *object = value ? value->if_object() : nullptr;
  const bool known = object != nullptr && (object->contains("live_bytes") || object->contains("snapshot") ||
                                           object->contains("reading") || text(*object, "format") == kLoad);
  if (!known) {
    throw UserError(fmt::format("{} is neither what run --json wrote nor a report nor a mark; heapmeter run "
                                "--json --output FILE -- PROGRAM makes one",
                                printable(where)),
                    kUsage);
  }
  return figures_in(*object);
}

}  // namespace heapmeter::cli::conditions
