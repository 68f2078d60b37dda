// SPDX-License-Identifier: MIT
#include "run/tree.h"

#include <algorithm>
#include <filesystem>

#include <boost/json/value.hpp>

#include "text/json_text.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

// As of doctor's own_heap: less may be anything, as what the linker writes into large libraries.
constexpr std::uint64_t kMuch = 8u << 20;
constexpr std::uint64_t kParts = 3;  // one of so many of what was resident, as of a process that runs

bool is_temporary(const std::string &word) {
  return word.starts_with("/tmp/") || word.starts_with("/var/tmp/") || word.starts_with("/dev/");
}

// Without folders; a script of many lines by its first one.
std::string short_form(const std::string &word) {
  const std::string line = word.substr(0, word.find('\n'));
  if (line.find(' ') != line.npos || line.find('/') == line.npos) return line;
  const std::string name = std::filesystem::path(line).filename();
  return name.empty() ? line : name;
}

std::uint64_t beyond_malloc(const Relative &one) {
  if (!one.rss_file_bytes || one.rss_peak_bytes == 0) return 0;
  const std::uint64_t known = *one.rss_file_bytes + one.reading.most_peak() + one.reading.meter_bytes;
  const std::uint64_t beyond = one.rss_peak_bytes - std::min(one.rss_peak_bytes, known);
  const bool much = beyond >= kMuch && kParts * beyond >= one.rss_peak_bytes;
  return much && beyond > one.reading.most_peak() ? beyond : 0;
}

void add(const Relative &one, ProgramRow &row, std::map<std::string, std::uint64_t> &about) {
  // Who forks to become another program is no run of the one it forks from.
  row.runs += one.became_another && one.forked ? 0 : 1;
  row.unreported += one.from_report ? 0 : 1;
  add_up(row.allocations, one.own.allocations);
  add_up(row.allocated_bytes, one.own.allocated_bytes);
  add_up(row.live_bytes, one.own.live_bytes);
  if (one.reading.most_peak() >= row.peak_bytes) {
    row.peak_bytes = one.reading.most_peak();
    row.peak_error_bytes = row.peak_bytes - one.reading.least_peak();
    row.peak_pid = one.reading.pid;
  }
  row.rss_peak_bytes = std::max(row.rss_peak_bytes, one.rss_peak_bytes);
  if (!one.cpu_seconds && !(one.became_another && one.forked)) row.cpu_seconds.reset();
  if (row.cpu_seconds) *row.cpu_seconds += one.cpu_seconds.value_or(0);
  if (const std::uint64_t beyond = beyond_malloc(one); beyond > row.beyond_malloc_bytes) {
    row.beyond_malloc_bytes = beyond;
    row.executable = one.executable;
  }
  if (const std::string word = telling_word(one.command); !word.empty()) ++about[word];
}

void add(const Relative &one, Tree &tree) {
  tree.processes += one.became_another ? 0 : 1;
  tree.unreported += one.from_report ? 0 : 1;
  tree.forks_unknown |= one.fork_unknown;
#define HEAPMETER_COUNTER(type, name, unit, help) add_up(tree.sum.name, one.own.name);
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  if (one.rss_peak_bytes > tree.rss_peak_bytes) {
    tree.rss_peak_bytes = one.rss_peak_bytes;
    tree.rss_peak_program = one.program();
  }
}

// The highest sum of the peaks of those who lived at the same time.
std::uint64_t most_together(const std::vector<const Relative *> &all) {
  std::vector<std::pair<double, std::int64_t>> turns;
  for (const Relative *one : all) {
    turns.emplace_back(one->started(), static_cast<std::int64_t>(one->own_peak()));
    turns.emplace_back(one->ended(), -static_cast<std::int64_t>(one->own_peak()));
  }
  // Who ends when another starts is counted with it.
  std::sort(turns.begin(), turns.end(), [](const auto &a, const auto &b) {
    return a.first != b.first ? a.first < b.first : a.second > b.second;
  });
  std::int64_t now = 0, most = 0;
  for (const auto &[when, change] : turns) most = std::max(most, now += change);
  return static_cast<std::uint64_t>(most);
}

}  // namespace

std::string telling_word(const std::vector<std::string> &command) {
  std::string file, path, any;
  for (std::size_t at = 1; at < command.size(); ++at) {
    const std::string &word = command[at];
    const bool is_output = command[at - 1] == "-o";
    if (is_output && !is_temporary(word)) return short_form(word);
    if (is_output || word.empty() || word.front() == '-' || is_temporary(word)) continue;
    const std::string name = std::filesystem::path(word).filename();
    if (file.empty() && name.find('.', 1) != name.npos) file = word;
    if (path.empty() && word.find('/') != word.npos) path = word;
    if (any.empty()) any = word;
  }
  return short_form(!file.empty() ? file : !path.empty() ? path : any);
}

Tree tree_of(const std::vector<const Relative *> &all, std::uint64_t seen_together) {
  Tree tree;
  std::map<std::string, ProgramRow> rows;
  std::map<std::string, std::map<std::string, std::uint64_t>> about;
  for (const Relative *one : all) {
    add(*one, tree);
    const std::string name = one->program();
    rows[name].name = name;
    add(*one, rows[name], about[name]);
    tree.together_least = std::max(tree.together_least, one->reading.least_peak());
  }
  for (auto &[name, row] : rows) {
    row.about.assign(about[name].begin(), about[name].end());
    std::stable_sort(row.about.begin(), row.about.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    tree.programs.push_back(std::move(row));
  }
  std::stable_sort(tree.programs.begin(), tree.programs.end(),
                   [](const ProgramRow &a, const ProgramRow &b) { return a.peak_bytes > b.peak_bytes; });
  tree.together_least = std::max(tree.together_least, seen_together);
  tree.together_most = std::max(tree.together_least, most_together(all));
  tree.sum.peak_bytes = tree.together_most;
  tree.sum.peak_error_bytes = tree.together_most - tree.together_least;
  return tree;
}

json::object sum_json(const Tree &tree) {
  json::object object = {{"processes", tree.processes}, {"unreported", tree.unreported}};
#define HEAPMETER_COUNTER(type, name, unit, help) object[#name] = tree.sum.name;
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  object["together_least_bytes"] = tree.together_least;
  object["together_most_bytes"] = tree.together_most;
  object["forks_unknown"] = tree.forks_unknown;
  return object;
}

json::array programs_json(const Tree &tree) {
  json::array list;
  for (const ProgramRow &row : tree.programs) {
    json::array about;
    for (const auto &[word, runs] : row.about) about.push_back(json::object{{"word", word}, {"runs", runs}});
    list.push_back(
        json::object{{"name", row.name},
                     {"runs", row.runs},
                     {"unreported", row.unreported},
                     {"allocations", row.allocations},
                     {"allocated_bytes", row.allocated_bytes},
                     {"live_bytes", row.live_bytes},
                     {"peak_bytes", row.peak_bytes},
                     {"peak_error_bytes", row.peak_error_bytes},
                     {"peak_pid", row.peak_pid},
                     {"rss_peak_bytes", row.rss_peak_bytes},
                     {"cpu_seconds", row.cpu_seconds ? json::value(*row.cpu_seconds) : json::value(nullptr)},
                     {"beyond_malloc_bytes", row.beyond_malloc_bytes},
                     {"about", std::move(about)}});
  }
  return list;
}

}  // namespace heapmeter::cli
