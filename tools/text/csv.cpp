// SPDX-License-Identifier: MIT
#include "text/csv.h"

#include <string_view>

namespace heapmeter::cli {
namespace {

std::string in_quotes(std::string_view value) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(value);
  std::string text = "\"";
  for (const char letter : value) text.append(letter == '"' ? 2 : 1, letter);
  return text + "\"";
}

}  // namespace

std::string csv_line(const std::vector<std::string> &values) {
  std::string line;
  for (const std::string &value : values) line += in_quotes(value) + ",";
  if (!line.empty()) line.pop_back();
  return line + "\n";
}

}  // namespace heapmeter::cli
