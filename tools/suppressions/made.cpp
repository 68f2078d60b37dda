// SPDX-License-Identifier: MIT
#include "suppressions/made.h"

#include <algorithm>

#include <fmt/format.h>

#include "text/terminal.h"

namespace heapmeter::cli::suppressions {
namespace {

constexpr std::size_t kMostFrames = 24;  // as valgrind has

// Names are anybody's choice: a star in one fits itself, a line end would begin another line.
std::string in_one_line(const std::string &name) { return printable(name); }

std::string line_of(const symbols::Frame &frame, const std::string &path) {
  const std::string &function = frame.linkage.empty() ? frame.function : frame.linkage;
  if (!function.empty()) return "   fun:" + in_one_line(function) + "\n";
  return path.empty() ? "   ...\n" : "   obj:" + in_one_line(path) + "\n";
}

}  // namespace

std::string made_of(const Stack &stack) {
  if (stack.frames.empty()) return "";
  const symbols::Frame &innermost = stack.frames.front();
  const std::string name = innermost.function.empty() ? innermost.module : innermost.function;
  std::string text = fmt::format("{{\n   lost by {}\n   Memcheck:Leak\n", in_one_line(name));
  text += stack.family == "new"     ? "   fun:_Znwm*\n"
          : stack.family == "new[]" ? "   fun:_Znam*\n"
                                    : "   fun:*alloc*\n";
  for (std::size_t at = 0; at < std::min(stack.frames.size(), kMostFrames); ++at)
    text += line_of(stack.frames[at], stack.paths[at]);
  return text + "}\n";
}

}  // namespace heapmeter::cli::suppressions
