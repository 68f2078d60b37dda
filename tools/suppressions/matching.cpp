// SPDX-License-Identifier: MIT
#include "suppressions/matching.h"

#include <algorithm>

#include "symbols/function_name.h"

namespace heapmeter::cli::suppressions {
namespace {

// The whole text; where it fails, the last star takes one letter more.
bool matches(std::string_view text, std::string_view pattern, bool question_marks) {
  std::size_t at = 0, letter = 0, star = pattern.npos, retry = 0;
  while (letter < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      retry = letter;
    } else if (at < pattern.size() &&
               (pattern[at] == text[letter] || (question_marks && pattern[at] == '?'))) {
      ++at;
      ++letter;
    } else if (star != pattern.npos) {
      at = star + 1;
      letter = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == pattern.npos;
}

// What the innermost frame of valgrind's stacks may be called: its own functions in malloc's place.
constexpr std::string_view kMalloc[] = {"malloc",        "calloc",   "realloc",
                                        "reallocarray",  "valloc",   "posix_memalign",
                                        "aligned_alloc", "memalign", "pvalloc"};
constexpr std::string_view kNew[] = {"_Znwm", "_ZnwmRKSt9nothrow_t", "_ZnwmSt11align_val_t",
                                     "_ZnwmSt11align_val_tRKSt9nothrow_t", "operator new(unsigned long)"};
constexpr std::string_view kNewArray[] = {"_Znam", "_ZnamRKSt9nothrow_t", "_ZnamSt11align_val_t",
                                          "_ZnamSt11align_val_tRKSt9nothrow_t",
                                          "operator new[](unsigned long)"};

template <std::size_t kCount>
bool any_like(const std::string_view (&names)[kCount], std::string_view pattern) {
  return std::any_of(std::begin(names), std::end(names),
                     [&](std::string_view name) { return is_like(name, pattern); });
}

bool is_like_allocator(const std::string &family, const Pattern &pattern) {
  if (pattern.kind == Pattern::kObject) return pattern.text.find("vgpreload") != pattern.text.npos;
  if (pattern.kind != Pattern::kFunction) return false;
  if (family == "new") return any_like(kNew, pattern.text);
  if (family == "new[]") return any_like(kNewArray, pattern.text);
  return any_like(kMalloc, pattern.text);
}

// "FILE" or "FILE:LINE"
bool is_like_source(const symbols::Frame &frame, const std::string &pattern) {
  if (frame.file.empty()) return false;
  const auto slash = frame.file.rfind('/');
  const std::string line = ":" + std::to_string(frame.line);
  for (const std::string &file : {frame.file, frame.file.substr(slash == frame.file.npos ? 0 : slash + 1)}) {
    if (is_like(file, pattern) || is_like(file + line, pattern)) return true;
  }
  return false;
}

// By the linker's name, the programmer's, and that without its parameters.
bool is_like_function(const symbols::Frame &frame, const std::string &pattern) {
  if (frame.function.empty()) return false;
  return (!frame.linkage.empty() && is_like(frame.linkage, pattern)) || is_like(frame.function, pattern) ||
         is_like(symbols::qualified_name(frame.function), pattern);
}

bool is_like_frame(const Stack &stack, std::size_t at, const Pattern &pattern) {
  const symbols::Frame &frame = stack.frames[at];
  switch (pattern.kind) {
    case Pattern::kFunction:
      return is_like_function(frame, pattern.text);
    case Pattern::kObject:
      return is_like(stack.paths[at], pattern.text);
    case Pattern::kSource:
      return is_like_source(frame, pattern.text);
    case Pattern::kAnywhere:
      return contains(frame.function, pattern.text) || contains(frame.linkage, pattern.text) ||
             contains(frame.file, pattern.text) || contains(stack.paths[at], pattern.text);
    case Pattern::kAnyFrames:
      return true;
  }
  return false;
}

// Whether the patterns from this one on fit the innermost frames; those that are left over do not matter.
// Where it fails, the last "..." takes one frame more.
bool follow(const std::vector<Pattern> &patterns, std::size_t first, const Stack &stack) {
  std::size_t pattern = first, frame = 0;
  bool may_skip = false;
  std::size_t behind = 0, skipped = 0;  // the pattern behind the last "...", and the frame it is tried at
  while (pattern < patterns.size()) {
    if (patterns[pattern].kind == Pattern::kAnyFrames) {
      may_skip = true;
      behind = ++pattern;
      skipped = frame;
    } else if (frame < stack.frames.size() && is_like_frame(stack, frame, patterns[pattern])) {
      ++pattern;
      ++frame;
    } else if (may_skip && skipped < stack.frames.size()) {
      pattern = behind;
      frame = ++skipped;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

bool is_like(std::string_view text, std::string_view pattern) { return matches(text, pattern, true); }

bool contains(std::string_view text, std::string_view pattern) {
  if (text.empty()) return false;
  const bool from_start = pattern.starts_with('^'), to_end = pattern.ends_with('$');
  if (from_start) pattern.remove_prefix(1);
  if (to_end) pattern.remove_suffix(1);
  std::string whole(from_start ? "" : "*");
  whole.append(pattern).append(to_end ? "" : "*");
  return matches(text, whole, false);
}

bool fits(const Rule &rule, const Stack &stack) {
  if (stack.frames.empty() || rule.patterns.empty()) return false;
  const Pattern &innermost = rule.patterns.front();
  if (innermost.kind == Pattern::kAnywhere) {
    for (std::size_t at = 0; at < stack.frames.size(); ++at) {
      if (is_like_frame(stack, at, innermost)) return true;
    }
    return false;
  }
  // Valgrind has malloc itself in its stacks; ours begin with who called it.
  return follow(rule.patterns, 0, stack) ||
         (is_like_allocator(stack.family, innermost) && follow(rule.patterns, 1, stack));
}

int first_fitting(const std::vector<Rule> &rules, const Stack &stack, bool indirectly) {
  for (std::size_t at = 0; at < rules.size(); ++at) {
    const Rule &rule = rules[at];
    if ((indirectly ? rule.indirect : rule.definite) && fits(rule, stack)) return static_cast<int>(at);
  }
  return -1;
}

}  // namespace heapmeter::cli::suppressions
