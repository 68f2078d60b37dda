// SPDX-License-Identifier: MIT
//
// heapmeter ps: every metered process this user may see, asked all at once, twice for the rates.
#include <algorithm>
#include <chrono>
#include <thread>

#include <unistd.h>

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "readings/census.h"
#include "readings/sampling.h"
#include "readings/unlisted.h"
#include "system/process.h"
#include "system/process_tree.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "text/table.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "views/reading.h"

namespace heapmeter::cli {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr auto kPatience = 1000ms;  // for all of them together
constexpr auto kBetweenReadings = 200ms;

// Twice, for the rates.
std::vector<Member> read_all() {
  Census census(0ms);
  census.begin();
  for (const std::string &text : census.refused()) output::note(text);
  const Deadline deadline = in(kPatience);
  census.go_on(deadline);
  const auto found = census.members();
  if (std::any_of(found.begin(), found.end(), [](const Member &member) { return member.reading; })) {
    std::this_thread::sleep_for(kBetweenReadings);
    census.begin();
    census.go_on(std::max(deadline, in(kBetweenReadings)));
  }
  return census.members();
}

std::vector<std::string> cells(const Member &found, const std::string &branch, const Units &units) {
  const std::string pid = std::to_string(found.shown_pid());
  if (!found.reading) {
    return {pid, branch + printable(found.name()) + " (" + printable(found.complaint) + ")",
            "-", "-",
            "-", "-",
            "-", "-"};
  }
  const Reading &reading = *found.reading;
  const auto rates = found.rates();
  std::string rate = "-";
  if (rates)
    rate = units.exact ? fmt::format("{:.0f}", rates->allocations) : format::count(rates->allocations);
  return {
      pid,
      branch + (attributes_every(reading) ? kEverySign : "") + printable(reading.name),
      units.exact ? fmt::format("{:.0f}", reading.uptime_seconds) : format::duration(reading.uptime_seconds),
      units.bytes(reading.live_bytes),
      units.count(reading.live_blocks),
      units.bytes(reading.peak_bytes),
      rate,
      found.resident ? units.bytes(*found.resident) : "-"};
}

std::string table_of(const std::vector<Member> &all, const Units &units) {
  std::vector<TreeNode> nodes;
  for (const Member &found : all) nodes.push_back({found.shown_pid(), found.parent});
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

void tell_unlisted(const std::vector<Member> &all) {
  const Unlisted others = unlisted(all);
  for (const std::string &why : others.unserved) output::note(why);
  if (others.more_unserved > 0) {
    output::note(fmt::format("{} more have the meter and no socket; heapmeter doctor PID says why",
                             others.more_unserved));
  }
  // Those are no fault: a hint for people, not for scripts.
  if (others.elsewhere.empty() || isatty(STDERR_FILENO) == 0) return;
  const bool one = others.elsewhere.size() == 1;
  output::note(fmt::format("{} not listed: {}, whose HEAPMETER_DIR is another; heapmeter stat {} reads it",
                           one ? "1 process is" : fmt::format("{} processes are", others.elsewhere.size()),
                           (one ? "" : "such as ") + process::label(others.elsewhere.front()),
                           others.elsewhere.front()));
}

}  // namespace

int cmd_ps(const Arguments &arguments) {
  bool as_json = false;
  Units units;
  Parser parser(
      "ps", "[OPTIONS]",
      "Lists the metered processes of this user (of all users, for root). A * is before the name of one "
      "that attributes every allocation to its code (heapmeter sites), which costs it time.",
      "  heapmeter ps\n  heapmeter ps --json | jq '.[] | {pid, name, live_bytes}'");
  parser.json(as_json, "a JSON array of objects");
  parser.bytes(units.exact);
  if (!parser.parse(arguments)) return kOk;

  const std::vector<Member> all = read_all();
  if (as_json) {
    json::array array;
    for (const Member &found : all) array.push_back(to_json(found));
    output::write(json_text(array) + "\n");
  } else if (all.empty()) {
    output::write(
        geteuid() == 0
            ? "No process can be read. Start one: heapmeter run -- PROGRAM [ARGUMENT...]\n"
            : "No process of yours can be read, and those of others only root may. Start one: heapmeter "
              "run -- PROGRAM [ARGUMENT...]\n");
  } else {
    output::write(table_of(all, units));
  }
  // After the list: who cannot read that is not told what else is missing.
  if (!as_json) tell_unlisted(all);
  return kOk;
}

}  // namespace heapmeter::cli
