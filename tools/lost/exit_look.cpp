// SPDX-License-Identifier: MIT
#include "lost/exit_look.h"

#include <algorithm>

#include <boost/json/array.hpp>

#include "client/page.h"
#include "text/terminal.h"

namespace heapmeter::cli::lost {
namespace {

namespace json = boost::json;

constexpr const char *kPart = "what is lost in a report";

Sum sum_of(const json::object &from) {
  const auto number = [&](const char *name) { return page::number(from, name, kPart); };
  Sum sum;
  sum.least_blocks = number("lost_blocks");
  sum.least_bytes = number("lost_bytes");
  sum.blocks = sum.least_blocks + number("perhaps_in_registers_blocks");
  sum.bytes = sum.least_bytes + number("perhaps_in_registers_bytes");
  sum.indirectly_blocks = std::min(number("lost_indirectly_blocks"), sum.blocks);
  sum.indirectly_bytes = std::min(number("lost_indirectly_bytes"), sum.bytes);
  return sum;
}

// A path, of any length.
std::string path_of(const json::object &module) {
  const json::value *path = module.if_contains("path");
  if (path == nullptr || !path->is_string()) page::refuse("a module has no path", kPart);
  return std::string(path->get_string());
}

struct Place {
  int module;
  std::uint64_t offset;
};

Place place_of(const json::value &frame, const std::vector<int> &modules) {
  const json::array *pair = frame.if_array();
  if (pair == nullptr || pair->size() < 2 || !pair->at(0).is_int64() || !pair->at(1).is_number())
    page::refuse("a frame is no place", kPart);
  const std::int64_t module = pair->at(0).get_int64();
  if (module < sites::kMark || module >= static_cast<std::int64_t>(modules.size()))
    page::refuse("a frame is in a module that is not there", kPart);
  const std::uint64_t offset = pair->at(1).is_uint64()
                                   ? pair->at(1).get_uint64()
                                   : static_cast<std::uint64_t>(pair->at(1).to_number<std::int64_t>());
  return {module < 0 ? static_cast<int>(module) : modules[static_cast<std::size_t>(module)], offset};
}

}  // namespace

std::vector<int> ExitLooks::modules_of(const json::object &leaks) {
  std::vector<int> numbers;
  const json::array *modules = page::array(leaks, "modules");
  if (modules == nullptr) return numbers;
  for (const json::value &value : *modules) {
    const json::object &from = page::element(value, kPart);
    symbols::Module module;
    module.path = path_of(from);
    module.build_id = page::text(from, "build_id", kPart);
    const auto [known, is_new] =
        modules_.try_emplace({module.path, module.build_id}, static_cast<int>(stacks.modules.size()));
    if (is_new) stacks.modules.push_back(std::move(module));
    numbers.push_back(known->second);
  }
  return numbers;
}

std::uint32_t ExitLooks::leaf_of(const json::object &row, const std::vector<int> &modules) {
  const json::array *stack = page::array(row, "stack");
  if (stack == nullptr) return 0;
  std::uint32_t node = 0;
  for (std::size_t left = stack->size(); left > 0; --left) {
    const Place place = place_of(stack->at(left - 1), modules);
    const auto [known, is_new] = nodes_.try_emplace({node, place.module, place.offset},
                                                    static_cast<std::uint32_t>(stacks.nodes.size() + 1));
    if (is_new) stacks.nodes.push_back({node, place.module, place.offset});
    node = known->second;
  }
  return node;
}

void ExitLooks::add(const json::object &report) {
  const json::object *leaks = page::object(report, "leaks");
  if (leaks == nullptr) return;
  if (leaks->contains("failure")) {
    failures.push_back(printable(page::long_text(*leaks, "failure", kPart)));
    return;
  }
  const Sum all = sum_of(*leaks);
  const json::object *other = page::object(*leaks, "other");
  std::vector<Row> found;
  const std::vector<int> modules = modules_of(*leaks);
  if (const json::array *lost = page::array(*leaks, "lost")) {
    for (const json::value &value : *lost) {
      const json::object &from = page::element(value, kPart);
      Row row;
      row.leaf = leaf_of(from, modules);
      row.family = page::text(from, "family", kPart);
      row.block_bytes = row.leaf == 0 ? page::number(from, "block_bytes", kPart) : 0;
      row.example = page::number(from, "example", kPart);
      row.sum = sum_of(from);
      found.push_back(row);
    }
  }
  ++looks;
  sum += all;
  if (other != nullptr) {
    others += sum_of(*other);
    other_rows += page::number(*other, "rows", kPart);
  }
  not_looked_at_bytes += page::number(*leaks, "not_looked_at_bytes", kPart);
  live_blocks += page::number(*leaks, "live_blocks", kPart);
  live_bytes += page::number(*leaks, "live_bytes", kPart);
  for (const Row &row : found) {
    const auto [known, is_new] = rows_.try_emplace({row.leaf, row.family, row.block_bytes}, rows.size());
    if (is_new)
      rows.push_back(row);
    else
      rows[known->second].sum += row.sum;
  }
}

}  // namespace heapmeter::cli::lost
