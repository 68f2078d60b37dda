// SPDX-License-Identifier: MIT
#include "sites/formats.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "text/json_text.h"
#include "text/terminal.h"

namespace heapmeter::cli::sites {
namespace {

namespace json = boost::json;

// What separates frames, and stack from number, is in no name.
std::string folded_name(const symbols::Frame &frame) {
  std::string name = printable(frame_name(frame));
  std::replace(name.begin(), name.end(), ';', ':');
  return name;
}

json::object speedscope_profile(const char *name, std::uint64_t Values::*value,
                                const std::vector<const Stacks::Stack *> &chosen) {
  json::array samples, weights;
  std::uint64_t sum = 0;
  for (const Stacks::Stack *stack : chosen) {
    if (stack->values.*value == 0) continue;
    samples.push_back(json::array(stack->frames.begin(), stack->frames.end()));
    weights.push_back(stack->values.*value);
    sum += stack->values.*value;
  }
  return {{"type", "sampled"},
          {"name", name},
          {"unit", "bytes"},
          {"startValue", 0},
          {"endValue", sum},
          {"samples", std::move(samples)},
          {"weights", std::move(weights)}};
}

}  // namespace

std::string frame_name(const symbols::Frame &frame) {
  if (!frame.function.empty()) return frame.function;
  if (frame.module.empty()) return fmt::format("{:#x}", frame.offset);
  return fmt::format("{}+{:#x}", frame.module, symbols::place_without_name(frame));
}

std::string folded_text(const Stacks &stacks, const std::vector<const Stacks::Stack *> &chosen, By by) {
  std::string text;
  for (const Stacks::Stack *stack : chosen) {
    const double value = amount(stack->values, by);
    if (value <= 0) continue;
    for (std::size_t at = 0; at < stack->frames.size(); ++at)
      text += (at == 0 ? "" : ";") + folded_name(stacks.frames[stack->frames[at]]);
    text += fmt::format(" {}\n", std::llround(value));
  }
  return text;
}

std::string speedscope_text(const Profile &profile, const Stacks &stacks,
                            const std::vector<const Stacks::Stack *> &chosen) {
  json::array frames;
  for (const symbols::Frame &frame : stacks.frames) {
    json::object each = {{"name", frame_name(frame)}};
    if (!frame.file.empty()) each["file"] = frame.file;
    if (frame.line != 0) each["line"] = frame.line;
    frames.push_back(std::move(each));
  }
  json::array profiles = {speedscope_profile("live bytes", &Values::live_bytes, chosen),
                          speedscope_profile("allocated bytes", &Values::allocated_bytes, chosen)};
  if (profile.has_peaks)
    profiles.push_back(speedscope_profile("bytes at the peak", &Values::peak_bytes, chosen));
  const json::object all = {
      {"$schema", "https://www.speedscope.app/file-format-schema.json"}, {"exporter", "heapmeter"},
      {"name", fmt::format("{} ({})", profile.name, profile.pid)},       {"activeProfileIndex", 0},
      {"shared", json::object{{"frames", std::move(frames)}}},           {"profiles", std::move(profiles)}};
  return json_text(all) + "\n";
}

}  // namespace heapmeter::cli::sites
