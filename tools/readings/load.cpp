// SPDX-License-Identifier: MIT
#include "readings/load.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "text/foreign_json.h"
#include "text/json_text.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr const char *kFormat = "heapmeter load";
constexpr std::size_t kMostRuns = 100'000;

double middle_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 != 0 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::vector<double> all_of(const std::vector<LoadCost> &runs, double LoadCost::*field) {
  std::vector<double> values;
  for (const LoadCost &run : runs) values.push_back(run.*field);
  return values;
}

// Integers stay integers.
json::value number(double value) {
  return value == std::floor(value) && std::fabs(value) < 9e15 ? json::value(static_cast<std::int64_t>(value))
                                                               : json::value(value);
}

json::object cost_json(const LoadCost &cost) {
  json::object object = {{"seconds", cost.seconds}};
  for (const CostField &field : kCostFields) object[field.name] = number(cost.*field.value);
  return object;
}

LoadCost cost_of(const json::object &object) {
  LoadCost cost;
  cost.seconds = object.at("seconds").to_number<double>();
  for (const CostField &field : kCostFields) cost.*field.value = object.at(field.name).to_number<double>();
  return cost;
}

}  // namespace

LoadCost Load::middle() const {
  LoadCost found;
  if (runs.empty()) return found;
  found.seconds = middle_of(all_of(runs, &LoadCost::seconds));
  for (const CostField &field : kCostFields) found.*field.value = middle_of(all_of(runs, field.value));
  return found;
}

LoadCost Load::noise() const {
  const LoadCost center = middle();
  LoadCost found;
  for (const CostField &field : kCostFields) {
    for (const double value : all_of(runs, field.value))
      found.*field.value = std::max(found.*field.value, std::fabs(value - center.*field.value));
  }
  return found;
}

LoadCost load_cost(const Difference &difference) {
  LoadCost cost;
  cost.seconds = difference.seconds;
  const std::pair<std::string_view, double LoadCost::*> kTotals[] = {
      {"allocations", &LoadCost::allocations},     {"frees", &LoadCost::frees},
      {"reallocations", &LoadCost::reallocations}, {"allocated_bytes", &LoadCost::allocated_bytes},
      {"freed_bytes", &LoadCost::freed_bytes},     {"live_bytes", &LoadCost::kept_bytes},
      {"live_blocks", &LoadCost::kept_blocks}};
  for (const Total &total : difference.totals) {
    for (const auto &[name, value] : kTotals) {
      if (name == total.field) cost.*value = static_cast<double>(total.change());
    }
  }
  return cost;
}

json::object load_json(const Load &load) {
  json::array runs, kept;
  for (const LoadCost &run : load.runs) runs.push_back(cost_json(run));
  for (const ClassChange &each : load.kept) {
    kept.push_back(json::object{{"least_bytes", or_null(each.now.least_bytes)},
                                {"class_bytes", each.now.class_bytes},
                                {"live_bytes_change", each.live_bytes},
                                {"live_blocks_change", each.live_blocks}});
  }
  return {{"format", kFormat},
          {"schema", 1},
          {"name", load.name},
          {"process", load.process},
          {"per", load.per},
          {"runs", std::move(runs)},
          {"middle", cost_json(load.middle())},
          {"noise", cost_json(load.noise())},
          {"kept", std::move(kept)}};
}

Load parse_load(std::string_view text, const std::string &where) {
  std::string why;
  const auto value = parse_foreign(text, why);
  const json::object *object = value ? value->if_object() : nullptr;
  const json::value *format = object == nullptr ? nullptr : object->if_contains("format");
  if (format == nullptr || *format != json::value(kFormat)) {
    throw UserError(
        fmt::format("{} is no load; heapmeter during TARGET --save NAME -- COMMAND makes one", where));
  }
  try {
    Load load;
    load.name = object->at("name").as_string();
    load.process = object->at("process").as_string();
    load.per = object->at("per").to_number<std::int64_t>();
    for (const json::value &run : object->at("runs").as_array()) {
      if (load.runs.size() < kMostRuns) load.runs.push_back(cost_of(run.as_object()));
    }
    if (load.per < 1 || load.runs.empty()) throw std::runtime_error("there is no run in it");
    return load;
  } catch (const std::exception &error) {
    throw UserError(
        fmt::format("{} is damaged: {}; make another with heapmeter during --save", where, error.what()));
  }
}

}  // namespace heapmeter::cli
