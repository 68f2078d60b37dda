// SPDX-License-Identifier: MIT
//
// Stacks for the tests, from lines as flamegraph.pl has them: "outer;inner;innermost 4096", with
// "module!function@file:line" for a frame where more is to be said of it.
#pragma once

#include <map>
#include <sstream>
#include <string>

#include "sites/stacks.h"

namespace heapmeter::cli::flame {

inline symbols::Frame frame_of_text(std::string text) {
  symbols::Frame frame;
  if (const auto at = text.find('!'); at != std::string::npos) {
    frame.module = text.substr(0, at);
    text.erase(0, at + 1);
  }
  if (const auto at = text.rfind('@'); at != std::string::npos) {
    const std::string place = text.substr(at + 1);
    frame.file = place.substr(0, place.rfind(':'));
    frame.line = std::stoi(place.substr(place.rfind(':') + 1));
    text.erase(at);
  }
  frame.function = text;
  return frame;
}

inline sites::Stacks stacks_of_text(const std::string &text) {
  sites::Stacks stacks;
  std::map<std::string, std::uint32_t> known;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto blank = line.rfind(' ');
    sites::Stacks::Stack stack;
    std::istringstream names(line.substr(0, blank));
    for (std::string name; std::getline(names, name, ';');) {
      const auto [found, is_new] = known.emplace(name, stacks.frames.size());
      if (is_new) stacks.frames.push_back(frame_of_text(name));
      stack.frames.push_back(found->second);
    }
    stack.values.live_bytes = std::stoull(line.substr(blank + 1));
    stack.values.live_blocks = 1;
    stack.values.allocations = 3;
    stack.values.allocated_bytes = 3 * stack.values.live_bytes;
    stacks.stacks.push_back(stack);
  }
  return stacks;
}

}  // namespace heapmeter::cli::flame
