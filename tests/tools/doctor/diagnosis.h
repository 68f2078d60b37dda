// SPDX-License-Identifier: MIT
//
// What `heapmeter doctor --json` found, by code.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <string>
#include <vector>

#include "tools/tool.h"

namespace heapmeter::testing {

class Diagnosis {
 public:
  explicit Diagnosis(Outcome outcome) : outcome_(std::move(outcome)) {
    if (outcome_.out.starts_with('{')) object_ = boost::json::parse(outcome_.out).as_object();
  }
  const Outcome &outcome() const { return outcome_; }
  std::string text(const char *field) const {
    const auto *value = object_.if_contains(field);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
  }
  // What is said under a code, "" when it was not found.
  std::string what(const std::string &code) const {
    const boost::json::object *finding = find(code);
    return finding == nullptr ? "" : std::string(finding->at("what").as_string());
  }
  std::string advice(const std::string &code) const {
    const boost::json::object *finding = find(code);
    return finding == nullptr ? "" : std::string(finding->at("advice").as_string());
  }
  std::string effect(const std::string &code) const {
    const boost::json::object *finding = find(code);
    return finding == nullptr ? "" : std::string(finding->at("effect").as_string());
  }
  bool has(const std::string &code) const { return find(code) != nullptr; }
  // Beyond notes.
  std::vector<std::string> serious() const {
    std::vector<std::string> codes;
    for (const auto &each : object_.at("findings").as_array()) {
      if (each.at("effect") != "note") codes.emplace_back(each.at("code").as_string());
    }
    return codes;
  }

 private:
  const boost::json::object *find(const std::string &code) const {
    const auto *all = object_.if_contains("findings");
    if (all == nullptr) return nullptr;
    for (const auto &each : all->as_array()) {
      if (each.at("code") == boost::json::string(code)) return &each.as_object();
    }
    return nullptr;
  }

  Outcome outcome_;
  boost::json::object object_;
};

inline Diagnosis diagnose(const Playground &playground, const std::string &target) {
  return Diagnosis(playground.run({"doctor", "--json", target}));
}

}  // namespace heapmeter::testing
