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
constexpr std::size_t kMostRuns = 100'000, kMostCode = 10'000;

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

LoadCost Load::sum() const {
  LoadCost found;
  for (const LoadCost &run : runs) {
    found.seconds += run.seconds;
    for (const CostField &field : kCostFields) found.*field.value += run.*field.value;
  }
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

void add_kept(std::vector<ClassChange> &all, const std::vector<ClassChange> &of_run) {
  for (const ClassChange &each : of_run) {
    const auto known = std::find_if(all.begin(), all.end(), [&](const ClassChange &one) {
      return one.now.class_bytes == each.now.class_bytes;
    });
    if (known == all.end()) {
      all.push_back(each);
      continue;
    }
    known->live_bytes += each.live_bytes;
    known->live_blocks += each.live_blocks;
  }
  std::erase_if(all, [](const ClassChange &each) { return each.live_bytes == 0 && each.live_blocks == 0; });
  std::stable_sort(all.begin(), all.end(),
                   [](const ClassChange &a, const ClassChange &b) { return a.live_bytes > b.live_bytes; });
}

json::object load_json(const Load &load) {
  json::array runs, kept, code;
  for (const KeptCode &each : load.code) {
    code.push_back(json::object{{"code", each.code},
                                {"place", each.place},
                                {"live_bytes_change", number(each.bytes)},
                                {"live_blocks_change", number(each.blocks)}});
  }
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
          {"sum", cost_json(load.sum())},
          {"kept", std::move(kept)},
          {"kept_by_code", load.has_code ? json::value(std::move(code)) : json::value(nullptr)}};
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
    if (const json::value *code = object->if_contains("kept_by_code"); code != nullptr && code->is_array()) {
      load.has_code = true;
      for (const json::value &each : code->get_array()) {
        if (load.code.size() >= kMostCode) break;
        const json::object &one = each.as_object();
        load.code.push_back({std::string(one.at("code").as_string()),
                             std::string(one.at("place").as_string()),
                             one.at("live_bytes_change").to_number<double>(),
                             one.at("live_blocks_change").to_number<double>()});
      }
    }
    if (load.per < 1 || load.runs.empty()) throw std::runtime_error("there is no run in it");
    return load;
  } catch (const std::exception &error) {
    throw UserError(
        fmt::format("{} is damaged: {}; make another with heapmeter during --save", where, fault_of(error)));
  }
}

}  // namespace heapmeter::cli
