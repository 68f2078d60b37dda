// SPDX-License-Identifier: MIT
#include "run/program_order.h"

#include <algorithm>
#include <iterator>

namespace heapmeter::cli {
namespace {

double many(std::uint64_t amount) { return static_cast<double>(amount); }

// By the columns of the table; without a key by name.
struct Order {
  const char *name;
  double (*key)(const ProgramRow &row);
};
constexpr Order kOrders[] = {
    {"program", nullptr},
    {"runs", [](const ProgramRow &row) { return many(row.runs); }},
    {"allocated", [](const ProgramRow &row) { return many(row.allocated_bytes); }},
    {"allocs", [](const ProgramRow &row) { return many(row.allocations); }},
    {"peak", [](const ProgramRow &row) { return many(row.peak_bytes); }},
    {"rss", [](const ProgramRow &row) { return row.rss_peak_bytes == 0 ? -1 : many(row.rss_peak_bytes); }},
    {"cpu", [](const ProgramRow &row) { return row.cpu_seconds.value_or(-1); }}};

}  // namespace

std::vector<std::string> program_orders() {
  std::vector<std::string> names;
  for (const Order &each : kOrders) names.emplace_back(each.name);
  return names;
}

void sort_programs(Tree &tree, std::string_view order) {
  const auto found = std::find_if(std::begin(kOrders), std::end(kOrders),
                                  [&](const Order &each) { return order == each.name; });
  if (found == std::end(kOrders)) return;
  std::stable_sort(tree.programs.begin(), tree.programs.end(),
                   [key = found->key](const ProgramRow &a, const ProgramRow &b) {
                     return key == nullptr ? a.name < b.name : key(a) > key(b);
                   });
}

}  // namespace heapmeter::cli
