// SPDX-License-Identifier: MIT
#include "run/summary.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include <string.h>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "run/ending_text.h"
#include "run/judged.h"
#include "run/lost_at_exit.h"
#include "run/program_order.h"
#include "run/use.h"
#include "text/fit.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/user_error.h"
#include "views/reading.h"
#include "views/verdicts.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

std::string traffic(std::uint64_t bytes, std::uint64_t count, const char *noun, double wall) {
  std::string text =
      fmt::format("{:>10} in {}", format::bytes(static_cast<double>(bytes)), format::counted(count, noun));
  if (wall >= 0.1) {
    text += fmt::format(", {}/s, {}/s", format::bytes(static_cast<double>(bytes) / wall),
                        format::count(static_cast<double>(count) / wall));
  }
  return text;
}

std::string itself_line(const RunResult &result, const Paint &paint, const Page &page);

std::string heap_lines(const RunResult &result, const Paint &paint, const Page &page) {
  const Reading &reading = *result.reading;
  const double wall = result.ending.wall_seconds - result.reading_age_seconds;
  const auto row = [&](const char *label, const std::string &text) { return labelled(paint, label, text); };
  const Units units;
  std::string text = row("peak", peak_text(reading, units)) + itself_line(result, paint, page);
  text += row(result.from_report ? "live at exit" : "live",
              fmt::format("{:>10} in {}", units.bytes(reading.live_bytes),
                          format::counted(reading.live_blocks, "block")));
  text += row("allocated", traffic(reading.allocated_bytes, reading.allocations, "allocation", wall));
  text += row("freed", traffic(reading.freed_bytes, reading.frees, "free", wall));
  text += row("reallocations", fmt::format("{:>10}", units.count(reading.reallocations)));
  if (reading.failures > 0) text += row("failures", fmt::format("{:>10}", units.count(reading.failures)));
  return text + fault_lines(reading, units, paint);
}

Use use_of(const RunResult &result, const Tree &tree) {
  return use_of(result.ending.usage, tree, result.all_reported || result.lost.has_value());
}

std::string cpu_text(const Use &use) {
  std::string parts = fmt::format("{} user, {} system", format::duration(use.user_seconds),
                                  format::duration(use.system_seconds));
  if (use.unwaited_seconds > 0)
    parts += fmt::format(", {} not waited for", format::duration(use.unwaited_seconds));
  return fmt::format("{} cpu ({})", format::duration(use.cpu_seconds()), parts);
}

std::string unreported_lines(const Paint &paint, const std::vector<Unreported> &all) {
  constexpr std::size_t kMost = 3;
  std::map<std::string, std::vector<const Unreported *>> by_reason;
  for (const Unreported &one : all) by_reason[one.why].push_back(&one);
  std::string lines;
  for (const auto &[why, those] : by_reason) {
    std::string list;
    for (std::size_t at = 0; at < std::min(those.size(), kMost); ++at)
      list += fmt::format("{}{} ({})", at > 0 ? ", " : "", printable(those[at]->program), those[at]->pid);
    const std::string reason =
        why.empty() ? "killed, or left by the bare system call" : "could not write it: " + printable(why);
    lines += labelled(
        paint, "no report",
        fmt::format("{:>10} {}: {}{}", those.size(), reason, list, those.size() > kMost ? ", ..." : ""));
  }
  return lines;
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

// Where the numbers of the program itself come from, or why there are none.
std::string source_lines(const RunResult &result, const Paint &paint) {
  std::string text;
  if (!result.reading) {
    const char *label = "no reading";
    for (const std::string &reason : missing_reading_reasons(result)) {
      text += labelled(paint, label, reason);
      label = "";
    }
  } else if (!result.from_report) {
    text += labelled(paint, "last reading",
                     fmt::format("{} before the end; {}", format::duration(result.reading_age_seconds),
                                 missing_report_reason(result)));
  }
  return text;
}

std::string line_with(const std::string &shape, const std::string &when, const Paint &paint) {
  return shape.empty() ? "" : labelled(paint, "over time", shape + "  " + when);
}

int columns_for_shape(const Page &page) {
  constexpr int kBeside = 48, kLeast = 16, kMost = 60;
  return std::clamp(page.width - kBeside, kLeast, kMost);
}

std::string itself_line(const RunResult &result, const Paint &paint, const Page &page) {
  if (!result.peak_time) return "";
  const double wall = result.ending.wall_seconds;
  return line_with(shape_line(result.shape, wall, columns_for_shape(page), page.utf8),
                   when_text(result.peak_time->first, result.peak_time->second, wall), paint);
}

std::string together_line(const RunResult &result, const Paint &paint, const Page &page) {
  const auto &moments = result.together.moments();
  const auto most = std::max_element(moments.begin(), moments.end(), [](const Moment &a, const Moment &b) {
    return a.most_bytes < b.most_bytes;
  });
  if (most == moments.end()) return "";
  const double wall = result.ending.wall_seconds;
  return line_with(shape_line(result.together, wall, columns_for_shape(page), page.utf8),
                   fmt::format("{} after {}", format::bytes(static_cast<double>(most->most_bytes)),
                               format::duration(most->seconds)),
                   paint);
}

// What is in no sum, or only as it was last read.
std::string unaccounted_lines(const RunResult &result, const Paint &paint) {
  std::string text;
  for (const Uncounted &started : result.uncounted) {
    if (started.pid == result.pid) continue;
    const std::string others = started.runs > 1 ? fmt::format(" and {} more", started.runs - 1) : "";
    text +=
        labelled(paint, "not counted", fmt::format("{} ({}{})", printable(started.why), started.pid, others));
  }
  text += unreported_lines(paint, result.unreported);
  if (!result.no_room.empty())
    text +=
        labelled(paint, "no room", "for reports, some of which may be missing: " + printable(result.no_room));
  if (!result.still_running.empty())
    text += labelled(paint, "still running", still_running_text(result.still_running));
  return text;
}

// Of all together; and what the one with the most of them did.
std::string wrong_call_lines(const RunResult &result, const Tree &tree, const Paint &paint) {
  Reading shown = result.reading.value_or(Reading{});
  std::string whose = program_name(result);
  for (const Relative &each : result.children) {
    if (each.reading.wrong_calls() <= shown.wrong_calls()) continue;
    shown = each.reading;
    whose = fmt::format("{} ({})", printable(each.program()), each.reading.pid);
  }
  if (shown.wrong_calls() > 0) whose = "most in " + whose;
  const bool several = shown.wrong_calls() > 0;
#define HEAPMETER_COUNTER(type, name, unit, help) shown.name = tree.sum.name;
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  return fault_lines(shown, Units{}, paint) + (several ? labelled(paint, "", "          " + whose) : "");
}

}  // namespace

std::string missing_report_reason(const RunResult &result) {
  if (const Uncounted *other = became(result))
    return fmt::format("it became another program by exec, which is not counted: {}", printable(other->why));
  if (!result.report_elsewhere.empty()) {
    return fmt::format("HEAPMETER_REPORT={} leaves no report to read here", result.report_elsewhere);
  }
  if (result.ending.signal != 0) return "it was killed, so it left no report of its own";
  if (!result.report_failure.empty())
    return fmt::format("its report could not be written: {}", printable(result.report_failure));
  return "it ended by the bare system call, or another program in its place, or had itself forbidden files "
         "by "
         "landlock, so it left no report of its own";
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

Tree tree_of(const RunResult &result) {
  std::vector<const Relative *> all;
  std::optional<Relative> itself = result.seen;
  if (result.reading && (result.from_report || !itself)) itself = of_report(*result.reading);
  if (itself) {
    itself->from_report = result.from_report;
    all.push_back(&*itself);
  }
  for (const Relative &each : result.children) all.push_back(&each);
  Tree tree = tree_of(all, result.seen_together);
  sort_programs(tree, result.sort);
  return tree;
}

std::string summary_text(const RunResult &result, const Paint &paint, const Page &page) {
  const auto row = [&](const char *label, const std::string &text) { return labelled(paint, label, text); };
  const Ending &ending = result.ending;
  const bool alone = result.children.empty();
  const Tree tree = tree_of(result);
  std::string text = "\n" +
                     paint.title(fmt::format("heapmeter: {} ({}) {}", program_name(result), result.pid,
                                             ending_text(ending))) +
                     "\n\n" + source_lines(result, paint);
  if (!alone) {
    text += tree_rows(tree, ending.wall_seconds, paint) + together_line(result, paint, page);
    text += wrong_call_lines(result, tree, paint);
  } else if (result.reading) {
    text += heap_lines(result, paint, page);
  }
  if (result.lost) text += row("lost", lost_line(*result.lost, Units{}));
  text += "\n";
  const Use use = use_of(result, tree);
  std::string most = fmt::format("{:>10}", format::bytes(static_cast<double>(use.rss_peak_bytes)));
  // The kernel's is larger by what came after the report; by much, it is another's, who told nothing.
  const bool whose =
      use.rss_peak_bytes - std::min(use.rss_peak_bytes, tree.rss_peak_bytes) <= use.rss_peak_bytes / 8;
  if (!alone && whose && !tree.rss_peak_program.empty())
    most += fmt::format(" ({})", printable(tree.rss_peak_program));
  text += row("RSS peak", most);
  if (result.reading && alone) text += row("meter cost", meter_cost_text(*result.reading, Units{}));
  text += row("time", fmt::format("{:>10} wall, {}", format::duration(ending.wall_seconds), cpu_text(use)));
  const bool much = !tree.programs.empty() && tree.programs.front().beyond_malloc_bytes > 0;
  if (!alone || much) text += "\n" + program_table(tree, result.own_heaps, paint, page);
  const std::string rest = unaccounted_lines(result, paint);
  if ((!alone || much) && !rest.empty()) text += "\n";
  text += rest + "\n" + verdicts_text(judged(result, tree), paint, page.width);
  if (result.sites)
    text += "\n" + sites_at_exit_text(*result.sites, Look{Units{}, paint, page.utf8, page.width});
  const std::string places = result.lost ? lost_places(*result.lost, paint, page) : "";
  return folded_lines(places.empty() ? text : text + "\n" + places, page.width, kLabelled);
}

json::object summary_json(const RunResult &result) {
  const Ending &ending = result.ending;
  json::object object = {{"schema", 1}};
  object["command"] = json::array(result.command.begin(), result.command.end());
  object["pid"] = result.pid;
  object["exit_code"] = ending.exit_code;
  object["signal"] = ending.signal == 0 ? json::value(nullptr) : json::value(signal_name(ending.signal));
  object["wall_seconds"] = ending.wall_seconds;
  const Tree tree = tree_of(result);
  const Use use = use_of(result, tree);
  object["user_seconds"] = use.user_seconds;
  object["system_seconds"] = use.system_seconds;
  object["cpu_seconds"] = use.cpu_seconds();
  object["rss_peak_bytes"] = use.rss_peak_bytes;
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
  if (result.sites) object["sites"] = sites_at_exit_json(*result.sites);
  json::array children;
  for (const Relative &child : result.children) children.push_back(to_json(child));
  object["children"] = children;
  object["sum"] = sum_json(tree);
  object["programs"] = programs_json(tree);
  object["series"] = to_json(result.shape);
  object["together"] = to_json(result.together);
  object["peak_after_seconds"] =
      result.peak_time ? json::value(result.peak_time->second) : json::value(nullptr);
  json::array uncounted;
  for (const Uncounted &each : result.uncounted)
    uncounted.push_back(
        json::object{{"pid", each.pid}, {"program", each.program}, {"why", each.why}, {"runs", each.runs}});
  object["uncounted"] = std::move(uncounted);
  json::array unreported;
  for (const Unreported &each : result.unreported) {
    unreported.push_back(
        json::object{{"pid", each.pid},
                     {"program", each.program},
                     {"why", each.why.empty() ? json::value(nullptr) : json::value(each.why)}});
  }
  object["unreported"] = std::move(unreported);
  object["no_room"] = result.no_room.empty() ? json::value(nullptr) : json::value(result.no_room);
  object["verdicts"] = to_json(judged(result, tree));
  object["still_running"] = json::array(result.still_running.begin(), result.still_running.end());
  return object;
}

}  // namespace heapmeter::cli
