// SPDX-License-Identifier: MIT
#include "readings/target_word.h"

#include <algorithm>
#include <array>

namespace heapmeter::cli {
namespace {

constexpr std::array<std::string_view, 4> kUnits = {".service", ".scope", ".slice", ".socket"};

}  // namespace

std::string_view without_unit(std::string_view part) {
  for (const std::string_view ending : kUnits) {
    if (part.ends_with(ending) && part.size() > ending.size())
      return part.substr(0, part.size() - ending.size());
  }
  return part;
}

bool is_pid(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}
bool is_path(std::string_view word) { return word.find('/') != word.npos; }
bool is_pattern(std::string_view word) { return !is_path(word) && word.find_first_of("*?[") != word.npos; }
bool is_unit(std::string_view word) { return !is_path(word) && without_unit(word) != word; }

}  // namespace heapmeter::cli
