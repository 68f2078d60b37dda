// SPDX-License-Identifier: MIT
#include "report/records.h"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "text/csv.h"
#include "text/json_text.h"

namespace heapmeter::cli::report {
namespace {

namespace json = boost::json;

constexpr const char *kStateWords[] = {"answering", "silent", "ended"};
constexpr const char *kLimitWords[] = {"", "cgroup", "address_space", "data", "machine"};

std::vector<std::string> header() {
  return {"time", "pid", "start_time", "name",
#define HEAPMETER_COLUMN(name, unit) #name,
#include "record/columns.def"
#undef HEAPMETER_COLUMN
          "since_boot"};
}

std::string seconds_text(std::int64_t ms) { return fmt::format("{}.{:03}", ms / 1000, ms % 1000); }

std::vector<std::string> line(const record::Round &round, const record::Process &process,
                              const record::Values &values) {
  std::vector<std::string> cells = {seconds_text(round.time_ms), std::to_string(process.pid),
                                    std::to_string(process.start_time), printable(process.name)};
  for (unsigned column = 0; column < record::kColumns; ++column) {
    cells.push_back(column == record::k_state        ? kStateWords[values[column]]
                    : column == record::k_limit_kind ? kLimitWords[values[column]]
                                                     : std::to_string(values[column]));
  }
  cells.push_back(round.booted_ms && *round.booted_ms <= round.time_ms
                      ? seconds_text(round.time_ms - *round.booted_ms)
                      : "");
  return cells;
}

double seconds(std::int64_t time_ms) { return static_cast<double>(time_ms) / 1000; }

json::object to_json(const Told &told) {
  const Life &life = *told.life;
  const record::Process &process = life.process;
  json::object object = {
      {"pid", process.pid},
      {"parent_pid", process.parent},
      {"start_time", process.start_time},
      {"name", process.name},
      {"command", process.command},
      {"backend", process.backend},
      {"cgroup", process.group},
      {"first_time", seconds(life.first_ms())},
      {"last_time", seconds(life.last_ms())},
      {"ended_time", life.ended_ms == 0 ? json::value() : json::value(seconds(life.ended_ms))},
      {"ended_for_memory", ended_for_memory(life)},
      {"readings", life.readings},
      {"first_live_bytes", life.first[record::k_live_bytes]},
      {"live_bytes", life.last[record::k_live_bytes]},
      {"least_live_bytes", life.least_bytes},
      {"most_live_bytes", life.most_bytes},
      {"most_time", seconds(life.most_ms)},
      {"rss_bytes", life.last[record::k_rss_bytes]},
      {"allocations", life.last[record::k_allocations]},
      {"wrong_calls", life.wrong_calls()},
      {"course", word_of(told.course.shape)}};
  object["growing_since"] = told.course.grows() ? json::value(seconds(told.course.since_ms)) : json::value();
  object["bytes_per_second"] =
      told.course.grows() ? json::value(told.course.bytes_a_second()) : json::value();
  object["limit"] = life.near_kind == record::kNoLimit
                        ? json::value()
                        : json::value(json::object{{"kind", kLimitWords[life.near_kind]},
                                                   {"limit_bytes", life.near_limit_bytes},
                                                   {"used_bytes", life.near_used_bytes},
                                                   {"time", seconds(life.near_ms)}});
  json::array code;
  for (const CodeLine &each : told.code.lines)
    code.push_back(json::object{{"bytes", each.bytes}, {"place", each.place}});
  object["code_since"] = told.code.is_change ? json::value(told.code.from) : json::value();
  object["code"] = std::move(code);
  return object;
}

}  // namespace

void csv(record::Recording &recording, const std::function<void(std::string_view line)> &write) {
  write(csv_line(header()));
  while (const auto frame = recording.next()) {
    if (!frame->round) continue;
    for (const record::Row &row : frame->round->rows)
      write(csv_line(line(*frame->round, recording.processes()[row.process], row.values)));
  }
}

json::object to_json(const Story &story, const std::vector<Told> &lives) {
  json::array hosts, processes, clock_sets;
  for (const ClockSet &each : story.clock_sets)
    clock_sets.push_back(json::object{{"time", seconds(each.at_ms)}, {"by_seconds", seconds(each.by_ms)}});
  for (const std::string &host : story.hosts) hosts.push_back(json::value(host));
  for (const Told &each : lives) processes.push_back(to_json(each));
  return {{"schema", 1},
          {"file", story.file},
          {"file_bytes", story.file_bytes},
          {"hosts", std::move(hosts)},
          {"version", story.version},
          {"from", seconds(story.from_ms)},
          {"until", seconds(story.until_ms)},
          {"interval_seconds", seconds(story.interval_ms)},
          {"rounds", story.rounds},
          {"readings", story.readings},
          {"oom_kills", story.kills},
          {"clock_sets", std::move(clock_sets)},
          {"being_recorded", story.being_recorded},
          {"torn_bytes", story.torn_bytes},
          {"damaged_bytes", story.damaged_bytes},
          {"processes", std::move(processes)}};
}

}  // namespace heapmeter::cli::report
