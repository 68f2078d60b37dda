// SPDX-License-Identifier: MIT
#include "symbols/jit_name.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

namespace heapmeter::cli::symbols {
namespace {

using namespace std::literals;

constexpr auto kOfPython = "py::"sv;
constexpr std::array kOfV8 = {"JS:"sv, "Script:"sv, "Function:"sv, "Eval:"sv, "LazyCompile:"sv};
constexpr auto kHowOptimized = "~^+*'"sv;
// How the places of V8's functions begin, where there may be blanks before, and within.
constexpr std::array kPlaces = {" /"sv, " node:"sv, " file:"sv};

// Of a function without a name, which its place tells apart: "3:20".
std::string anonymous(const Frame &frame, std::string_view place) {
  if (frame.file.empty()) return "(anonymous)";
  const std::size_t behind = frame.file.size() + 1;
  return "(anonymous " + std::string(place.substr(std::min(behind, place.size()))) + ")";
}

// The number behind the last colon, which is taken off with it.
std::optional<int> take_number(std::string_view &text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  int number = 0;
  const char *start = text.data() + colon + 1, *end = text.data() + text.size();
  const auto parsed = std::from_chars(start, end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number < 0) return std::nullopt;
  text = text.substr(0, colon);
  return number;
}

// "/srv/shop.js:3:20" or "shop.js:3"; false when it is no place.
bool take_place(std::string_view place, Frame &frame) {
  auto line = take_number(place);
  if (!line) return false;
  std::string_view shorter = place;
  // What seemed to be the line was the column.
  if (const auto number = take_number(shorter)) {
    line = number;
    place = shorter;
  }
  if (place.empty()) return false;
  frame.file = place;
  frame.line = *line;
  return true;
}

Frame of_v8(std::string_view text) {
  if (!text.empty() && kHowOptimized.find(text.front()) != text.npos) text.remove_prefix(1);
  Frame frame;
  std::size_t blank = text.npos;
  for (const std::string_view each : kPlaces) blank = std::min(blank, text.find(each));
  if (blank == text.npos) blank = text.rfind(' ');
  const bool has_place = blank != text.npos && take_place(text.substr(blank + 1), frame);
  frame.function = has_place ? text.substr(0, blank) : text;
  if (frame.function.empty()) frame.function = anonymous(frame, has_place ? text.substr(blank + 1) : "");
  return frame;
}

Frame of_python(std::string_view text) {
  Frame frame;
  const std::size_t colon = text.find(':');
  frame.function = text.substr(0, colon);
  if (colon != text.npos) frame.file = text.substr(colon + 1);
  return frame;
}

}  // namespace

Frame told_by_runtime(std::string_view text) {
  if (text.starts_with(kOfPython) && text.size() > kOfPython.size() && text[kOfPython.size()] != ':')
    return of_python(text.substr(kOfPython.size()));
  for (const std::string_view kind : kOfV8) {
    if (text.starts_with(kind) && text.size() > kind.size()) return of_v8(text.substr(kind.size()));
  }
  Frame frame;
  frame.function = text;
  return frame;
}

}  // namespace heapmeter::cli::symbols
