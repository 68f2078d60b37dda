// SPDX-License-Identifier: MIT
//
// heapmeter ps: every metered process this user may see, asked all at once, twice for the rates.
#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>

#include <stdio.h>
#include <unistd.h>

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "arguments.h"
#include "commands.h"
#include "endpoint.h"
#include "format.h"
#include "json_text.h"
#include "output.h"
#include "process.h"
#include "process_tree.h"
#include "rates.h"
#include "reading_view.h"
#include "table.h"

namespace heapmeter::cli {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr auto kDeadline = 1000ms;  // for all of them together
constexpr auto kBetweenReadings = 200ms;
constexpr std::size_t kAtOnce = 64;

struct Found {
  Endpoint endpoint;
  int local_pid = 0;
  bool alive = true;
  std::string complaint = {};  // why there is no reading
  std::optional<Reading> first = {}, reading = {};
  std::optional<std::uint64_t> resident = {};

  int parent() const {
    const auto status = process::status(local_pid);
    return status ? status->parent : reading ? reading->parent_pid : 0;
  }
  int shown_pid() const { return local_pid != 0 ? local_pid : endpoint.pid; }
  std::optional<Rates> rates() const {
    return first && reading ? rates_between(*first, *reading) : std::nullopt;
  }
};

template <typename Work>
void for_all_at_once(std::vector<Found> &all, Work work) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> workers;
  for (std::size_t worker = 0; worker < std::min(kAtOnce, all.size()); ++worker) {
    workers.emplace_back([&] {
      for (std::size_t at = next++; at < all.size(); at = next++) work(all[at]);
    });
  }
}

void read(Found &found, Deadline deadline) {
  try {
    found.reading = take_reading(found.endpoint, deadline);
    found.resident = process::resident_bytes(found.local_pid);
  } catch (const NoAnswer &silence) {
    switch (silence.why()) {
      case Silence::kGone:
        found.alive = found.first.has_value();  // it ended between the two readings
        break;
      case Silence::kLate:
        found.complaint = "not answering";
        break;
      case Silence::kRefused:
      case Silence::kStrange:
        found.complaint = silence.what();
        break;
    }
  }
}

std::vector<Found> read_all() {
  std::vector<Found> all;
  std::vector<std::string> refused;
  for (const Endpoint &endpoint : all_endpoints(refused)) all.push_back({endpoint, listening_pid(endpoint)});
  for (const std::string &text : refused) fmt::print(stderr, "heapmeter: {}\n", text);
  const Deadline deadline = in(kDeadline);
  for_all_at_once(all, [&](Found &found) { read(found, deadline); });
  for (const Found &found : all) {
    if (!found.alive) remove_if_dead(found.endpoint);
  }
  std::erase_if(all, [](const Found &found) { return !found.alive; });
  if (std::none_of(all.begin(), all.end(), [](const Found &found) { return found.reading.has_value(); }))
    return all;
  std::this_thread::sleep_for(kBetweenReadings);
  for_all_at_once(all, [&](Found &found) {
    if (!found.reading) return;
    found.first = found.reading;
    read(found, std::max(deadline, in(kBetweenReadings)));
    found.complaint.clear();  // one reading is enough to show
  });
  return all;
}

json::object to_json(const Found &found) {
  json::object object = found.reading ? found.reading->fields
                                      : json::object{{"pid", found.endpoint.pid},
                                                     {"parent_pid", found.parent()},
                                                     {"start_time", found.endpoint.start_time},
                                                     {"name", process::name(found.local_pid)}};
  object["local_pid"] = found.local_pid != 0 ? json::value(found.local_pid) : json::value(nullptr);
  object["socket"] = found.endpoint.path();
  object["answering"] = found.reading.has_value();
  if (!found.reading) object["error"] = found.complaint;
  object["rss_bytes"] = found.resident ? json::value(*found.resident) : json::value(nullptr);
  if (const auto rates = found.rates()) object["rates"] = heapmeter::cli::to_json(*rates);
  return object;
}

std::vector<std::string> cells(const Found &found, const std::string &branch, const Units &units) {
  const std::string pid = std::to_string(found.shown_pid());
  if (!found.reading) {
    const std::string name = process::name(found.local_pid);
    return {pid, branch + printable(name) + " (" + printable(found.complaint) + ")", "-", "-", "-", "-", "-",
            "-"};
  }
  const Reading &reading = *found.reading;
  const auto rates = found.rates();
  std::string rate = "-";
  if (rates)
    rate = units.exact ? fmt::format("{:.0f}", rates->allocations) : format::count(rates->allocations);
  return {
      pid,
      branch + printable(reading.name),
      units.exact ? fmt::format("{:.0f}", reading.uptime_seconds) : format::duration(reading.uptime_seconds),
      units.bytes(reading.live_bytes),
      units.count(reading.live_blocks),
      units.bytes(reading.peak_bytes),
      rate,
      found.resident ? units.bytes(*found.resident) : "-"};
}

std::string table_of(const std::vector<Found> &all, const Units &units) {
  std::vector<TreeNode> nodes;
  for (const Found &found : all) nodes.push_back({found.shown_pid(), found.parent()});
  Table table({{"PID"},
               {"NAME", Align::kLeft},
               {units.exact ? "AGE(S)" : "AGE"},
               {"LIVE"},
               {"BLOCKS"},
               {"PEAK"},
               {"ALLOCS/S"},
               {"RSS"}});
  for (const TreeLine &line : arrange_tree(nodes, speaks_utf8())) {
    table.add(cells(all[line.node], line.branch, units));
  }
  const std::string rows = table.rows();
  return Paint::for_fd(STDOUT_FILENO).title(table.header()) + rows;
}

}  // namespace

int cmd_ps(const Arguments &arguments) {
  bool as_json = false;
  Units units;
  auto parser =
      make_parser("ps", "[OPTIONS]", "Lists the metered processes of this user (of all users, for root).",
                  "  heapmeter ps\n  heapmeter ps --json | jq '.[] | {pid, name, live_bytes}'");
  parser->add_flag("--json", as_json, "a JSON array of objects (see tools/README.md)");
  parser->add_flag("--bytes", units.exact, "exact integers instead of human units");
  if (!parse(*parser, arguments)) return kOk;

  std::vector<Found> all = read_all();
  std::sort(all.begin(), all.end(),
            [](const Found &a, const Found &b) { return a.shown_pid() < b.shown_pid(); });
  if (as_json) {
    json::array array;
    for (const Found &found : all) array.push_back(to_json(found));
    output::write(json_text(array) + "\n");
  } else if (all.empty()) {
    output::write("No process is metered. Start one: heapmeter run -- PROGRAM [ARGUMENT...]\n");
  } else {
    output::write(table_of(all, units));
  }
  return kOk;
}

}  // namespace heapmeter::cli
