// SPDX-License-Identifier: MIT
#include "text/foreign_json.h"

#include <algorithm>

#include <boost/json/parse.hpp>

namespace heapmeter::cli {

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
  if (!error) return value;
  why = error.message();
  return std::nullopt;
}

}  // namespace heapmeter::cli
