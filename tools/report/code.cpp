// SPDX-License-Identifier: MIT
#include "report/code.h"

#include <algorithm>
#include <map>

#include "sites/comparison.h"
#include "sites/naming.h"
#include "views/code_places.h"

namespace heapmeter::cli::report {
namespace {

constexpr std::size_t kLines = 3, kCallers = 2;

std::int64_t amount(const sites::Stacks::Stack *stack) {
  return static_cast<std::int64_t>(stack->values.live_bytes);
}

std::vector<CodeLine> largest(const sites::Stacks &stacks, bool utf8) {
  std::vector<const sites::Stacks::Stack *> order;
  for (const auto &stack : stacks.stacks) order.push_back(&stack);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto *a, const auto *b) { return amount(a) > amount(b); });
  std::vector<CodeLine> lines;
  for (const auto *stack : order) {
    if (lines.size() == kLines || amount(stack) <= 0) break;
    lines.push_back({static_cast<double>(amount(stack)), code_place(stacks, *stack, kCallers, utf8)});
  }
  return lines;
}

}  // namespace

CodeOfLife named_code(const Life &life, const Course &course, bool utf8) {
  const auto code = code_of_growth(life, course);
  if (!code) return {};
  CodeOfLife found{!code->earlier.sites.empty(), code->earlier.time, code->later.time, {}};
  const auto later = sites::named(0, code->later, sites::Progress::kSilent);
  if (!found.is_change) {
    found.lines = largest(later.stacks, utf8);
    return found;
  }
  const auto earlier = sites::named(0, code->earlier, sites::Progress::kSilent);
  found.lines =
      largest(sites::compare(code->earlier, earlier.stacks, code->later, later.stacks).stacks, utf8);
  return found;
}

CodeOverTime code_over_time(const Life &life, std::size_t most_names, bool utf8) {
  CodeOverTime course;
  std::map<std::string, std::vector<std::uint64_t>> all;
  const std::size_t moments = life.takings.size();
  for (std::size_t at = 0; at < moments; ++at) {
    const sites::Profile &taking = life.takings[at];
    course.times_ms.push_back(static_cast<std::int64_t>(1000 * taking.time));
    course.others.push_back(taking.live_bytes);
    const auto named = sites::named(0, taking, sites::Progress::kSilent);
    for (const auto &stack : named.stacks.stacks) {
      auto &row = all[code_place(named.stacks, stack, kCallers, utf8)];
      row.resize(moments);
      row[at] += stack.values.live_bytes;
    }
  }
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto &[name, row] : all) order.emplace_back(*std::max_element(row.begin(), row.end()), name);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto &a, const auto &b) { return a.first > b.first; });
  if (order.size() > most_names) order.resize(most_names);
  for (const auto &[most, name] : order) {
    course.names.push_back(name);
    course.live_bytes.push_back(all[name]);
    for (std::size_t at = 0; at < moments; ++at)
      course.others[at] -= std::min(course.others[at], all[name][at]);
  }
  return course;
}

}  // namespace heapmeter::cli::report
