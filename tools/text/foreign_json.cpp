// SPDX-License-Identifier: MIT
#include "text/foreign_json.h"

#include <algorithm>
#include <cmath>

#include <boost/json/parse.hpp>
#include <boost/system/system_error.hpp>

namespace heapmeter::cli {
namespace {

// Of 1e999 Boost.JSON makes what no number is: nothing is more, and a sum with it is no sum.
bool has_endless_number(const boost::json::value &value) {
  if (const auto *number = value.if_double()) return !std::isfinite(*number);
  if (const auto *all = value.if_array()) return std::any_of(all->begin(), all->end(), has_endless_number);
  const auto *object = value.if_object();
  return object != nullptr && std::any_of(object->begin(), object->end(), [](const auto &entry) {
           return has_endless_number(entry.value());
         });
}

}  // namespace

std::optional<boost::json::value> parse_foreign(std::string_view text, std::string &why) {
  const auto begins_one = [](char letter) {
    return letter == ',' || letter == ':' || letter == '[' || letter == '{';
  };
  if (static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_one)) > kMostForeignValues) {
    why = "it has too many values";
    return std::nullopt;
  }
  boost::json::error_code error;
  boost::json::value value = boost::json::parse({text.data(), text.size()}, error);
  if (!error && !has_endless_number(value)) return value;
  why = error ? error.message() : "a number is too large";
  return std::nullopt;
}

std::string fault_of(const std::exception &thrown) {
  if (const auto *error = dynamic_cast<const boost::system::system_error *>(&thrown))
    return error->code().message();
  const std::string text = thrown.what();
  return text.substr(0, text.find(" ["));
}

}  // namespace heapmeter::cli
