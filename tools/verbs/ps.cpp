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
#include "readings/unlisted.h"
#include "system/process.h"
#include "system/process_tree.h"
#include "targets/chosen.h"
#include "targets/person.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/look.h"
#include "verbs/pacing.h"
#include "verbs/target_options.h"
#include "views/process_table.h"
#include "views/reading_csv.h"

namespace heapmeter::cli {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr auto kPatienceWithAll = 1000ms;  // for all of them together
constexpr auto kLeastPatience = 200ms;
constexpr double kBetweenReadings = 0.2;  // seconds
constexpr std::size_t kFewExplained = 3, kAllExplained = 1000;

struct Options {
  Wanted wanted;
  std::string sort;
  double between = kBetweenReadings;
  bool json = false, csv = false, groups = false;
  Units units;
};

// Twice, for the rates.
std::vector<Member> read_all(const Options &options) {
  Census census(0ms, options.wanted.given() ? finder_of(options.wanted) : Census::Finder());
  census.begin();
  for (const std::string &text : census.refused()) output::note(text);
  const Deadline deadline = in(kPatienceWithAll);
  census.go_on(deadline);
  const auto found = census.members();
  if (std::any_of(found.begin(), found.end(), [](const Member &member) { return member.reading; })) {
    const auto between =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(options.between));
    std::this_thread::sleep_for(between);
    census.begin();
    census.go_on(std::max(deadline, in(kLeastPatience)));
  }
  return census.members();
}

std::vector<ProcessLine> lines_of(const std::vector<Member> &all, const Options &options) {
  const bool tree = options.sort.empty() && !options.wanted.given();
  std::vector<TreeNode> nodes;
  for (const Member &found : all) nodes.push_back({found.shown_pid(), tree ? found.parent : 0});
  std::vector<ProcessLine> lines;
  for (const TreeLine &line : arrange_tree(nodes, speaks_utf8())) {
    const Person person = person_of(all[line.node].local_pid);
    lines.push_back({&all[line.node], line.branch, person.command, person.container});
  }
  sort_processes(lines, options.sort);
  return lines;
}

// What holds most first.
std::vector<NamedGroup> groups_of(const std::vector<Member> &all) {
  std::vector<NamedGroup> groups;
  for (const Member &each : all) {
    const auto known = std::find_if(groups.begin(), groups.end(),
                                    [&](const NamedGroup &group) { return group.name == each.name(); });
    if (known == groups.end()) {
      groups.push_back({each.name(), {&each}});
    } else {
      known->members.push_back(&each);
    }
  }
  std::stable_sort(groups.begin(), groups.end(), [](const NamedGroup &a, const NamedGroup &b) {
    return sum_of(a.members).live_bytes > sum_of(b.members).live_bytes;
  });
  return groups;
}

json::array groups_json(const std::vector<NamedGroup> &groups) {
  json::array array;
  for (const NamedGroup &each : groups) {
    json::object object = {{"schema", 1}, {"name", each.name}};
    for (auto &field : to_json(sum_of(each.members))) object.insert(field);
    const Member *largest = largest_of(each.members);
    object["largest_pid"] = largest != nullptr ? json::value(largest->shown_pid()) : json::value(nullptr);
    array.push_back(std::move(object));
  }
  return array;
}

// One that counts and has no socket is as one that does not answer.
json::object unserved_json(const Unserved &unserved) {
  Member member{{nullptr, "", unserved.pid, 0}, unserved.pid};
  if (const auto status = process::status(unserved.pid)) {
    member.endpoint.start_time = status->start_time;
    member.parent = status->parent;
  }
  member.resident = process::resident_bytes(unserved.pid);
  member.complaint = unserved.why;
  member.comm = process::name(unserved.pid);
  return process_json(member);
}

void write_json(const std::vector<Member> &all, const Options &options) {
  if (options.groups) return output::write(json_text(groups_json(groups_of(all))) + "\n");
  json::array array;
  for (const ProcessLine &line : lines_of(all, options)) array.push_back(process_json(*line.member));
  if (!options.wanted.given()) {
    for (const Unserved &each : unlisted(all, kAllExplained).unserved) array.push_back(unserved_json(each));
  }
  output::write(json_text(array) + "\n");
}

void write_csv(const std::vector<Member> &all, const Options &options) {
  output::write(csv_header({"local_pid", "container", "command"}));
  const double now = seconds_since_1970();
  for (const ProcessLine &line : lines_of(all, options)) {
    const Member &member = *line.member;
    if (!member.reading) {
      output::note(fmt::format("{} is not in it: {}", process::label(member.shown_pid()), member.complaint));
      continue;
    }
    output::write(csv_row(now, *member.reading, member.resident, member.rates(),
                          {std::to_string(member.local_pid), line.container, line.command}));
  }
}

void write_text(const std::vector<Member> &all, const Options &options) {
  const Look look = look_of(options.units);
  const bool few = options.wanted.given() && !options.wanted.means_group() && all.size() == 1;
  if (options.groups) {
    output::write(groups_table(groups_of(all), look));
  } else if (options.wanted.given() && options.sort.empty() && !few) {
    output::write(group_table(group_label(options.wanted.text(), all.size()), lines_of(all, options), look));
  } else {
    output::write(process_table(lines_of(all, options), look));
  }
}

void tell_unlisted(const std::vector<Member> &all) {
  const Unlisted others = unlisted(all, kFewExplained);
  for (const Unserved &each : others.unserved) {
    const std::string who = process::label(each.pid);
    const bool named = each.why.starts_with(who + " ");
    output::note(
        fmt::format("{} is not listed: {}", who, named ? "it" + each.why.substr(who.size()) : each.why));
  }
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
  Options options;
  Parser parser(
      "ps", "[OPTIONS] [TARGET...]",
      "Lists the metered processes of this user (of all users, for root), or those that TARGET and options "
      "mean: who matters of them, and their sum. GROWTH is what LIVE changed between two readings. A * is "
      "before the name of one that attributes every allocation to its code (heapmeter sites), which costs "
      "it time. ~ before a peak: about; heapmeter stat says between what.",
      "  heapmeter ps\n  heapmeter ps --sort growth -i 5\n  heapmeter ps 'php*'\n"
      "  heapmeter ps --cgroup nginx.service\n"
      "  heapmeter ps --json | jq '.[] | {pid, name, live_bytes}'");
  add_targets(parser, options.wanted);
  parser.option("--sort", options.sort, "COLUMN", "by this column, most first; else children below parents",
                process_orders());
  parser.flag("--groups", options.groups, "a row for each name, with the sum of all that have it");
  parser.option("-i,--interval", options.between, "SECONDS", "between the two readings (0.2)");
  parser.json(options.json, "a JSON array of objects");
  parser.flag("--csv", options.csv, "a header, then a line of exact values for each process");
  parser.bytes(options.units.exact);
  if (!parser.parse(arguments)) return kOk;
  if (options.json && options.csv)
    throw UserError("--json and --csv exclude each other; give one of them", kUsage);
  if (options.groups && (options.csv || !options.sort.empty()))
    throw UserError("--groups goes with neither --csv nor --sort; see heapmeter ps --help", kUsage);
  if (!(options.between >= 0.01 && options.between <= 3600))
    throw UserError("-i is the time between two readings; give seconds, from 0.01 to 3600", kUsage);

  const std::vector<Member> all = read_all(options);
  // Which says why, and what may have been meant.
  if (all.empty() && options.wanted.given()) choose(options.wanted);
  if (options.json) {
    write_json(all, options);
  } else if (options.csv) {
    write_csv(all, options);
  } else if (all.empty()) {
    output::write(
        geteuid() == 0
            ? "No process can be read. Start one: heapmeter run -- PROGRAM [ARGUMENT...]\n"
            : "No process of yours can be read, and those of others only root may. Start one: heapmeter "
              "run -- PROGRAM [ARGUMENT...]\n");
  } else {
    write_text(all, options);
  }
  // After the list: who cannot read that is not told what else is missing.
  if (!options.json && !options.wanted.given()) tell_unlisted(all);
  return kOk;
}

}  // namespace heapmeter::cli
