// SPDX-License-Identifier: MIT
#include "suppressions/rule.h"

#include <optional>

#include <fmt/format.h>

#include "text/fit.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli::suppressions {
namespace {

constexpr const char *kSpaces = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kSpaces);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

// Of a file that may be anything, in one line of complaint.
std::string quoted(std::string_view words) {
  constexpr int kMost = 60;
  return "'" + cut_lines(printable(words), kMost, speaks_utf8()) + "'";
}

class Lines {
 public:
  Lines(std::string_view text, const std::string &file) : text_(text), file_(file) {
    // Some editors put it before the first letter, where nobody sees it.
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
  }

  // The next that says something.
  std::optional<std::string_view> next() {
    while (!text_.empty()) {
      const auto end = text_.find('\n');
      const std::string_view line = trimmed(text_.substr(0, end));
      text_.remove_prefix(end == text_.npos ? text_.size() : end + 1);
      ++number_;
      if (!line.empty() && !line.starts_with('#')) return line;
    }
    return std::nullopt;
  }
  std::string where() const { return fmt::format("{}:{}", file_, number_); }
  [[noreturn]] void refuse(const std::string &why) const {
    throw UserError(fmt::format("{}: {}", printable(where()), why), kUsage);
  }

 private:
  std::string_view text_;
  const std::string &file_;
  int number_ = 0;
};

std::string_view required(Lines &lines, const char *what) {
  const auto line = lines.next();
  if (!line) lines.refuse(fmt::format("the file ends before {}", what));
  return *line;
}

void take_kinds(std::string_view list, Rule &rule, const Lines &lines) {
  rule.definite = rule.indirect = false;
  while (!list.empty()) {
    const auto comma = list.find(',');
    const std::string_view kind = trimmed(list.substr(0, comma));
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
    if (kind == "all")
      rule.definite = rule.indirect = true;
    else if (kind == "definite")
      rule.definite = true;
    else if (kind == "indirect")
      rule.indirect = true;
    else if (kind != "possible" && kind != "reachable" && kind != "none")
      lines.refuse(fmt::format("{} is no kind of leak; they are definite, indirect, possible, reachable, all",
                               quoted(kind)));
  }
}

bool take_frame(std::string_view line, Rule &rule) {
  if (line == "...") {
    rule.patterns.push_back({Pattern::kAnyFrames, ""});
    return true;
  }
  for (const auto &[start, kind] :
       {std::pair{"fun:", Pattern::kFunction}, std::pair{"obj:", Pattern::kObject},
        std::pair{"src:", Pattern::kSource}}) {
    if (!line.starts_with(start)) continue;
    rule.patterns.push_back({kind, std::string(trimmed(line.substr(4)))});
    return true;
  }
  return false;
}

// "Memcheck,Helgrind:Leak"
bool is_of_leaks(std::string_view line, const Lines &lines) {
  const auto colon = line.find(':');
  Rule none;
  if (colon == line.npos || take_frame(line, none))
    lines.refuse(fmt::format("{} is no tool and kind; write Memcheck:Leak", quoted(line)));
  std::string_view tools = line.substr(0, colon);
  bool memcheck = false;
  while (!tools.empty()) {
    const auto comma = tools.find(',');
    memcheck |= trimmed(tools.substr(0, comma)) == "Memcheck";
    tools.remove_prefix(comma == tools.npos ? tools.size() : comma + 1);
  }
  return memcheck && trimmed(line.substr(colon + 1)) == "Leak";
}

// Behind its "{".
std::optional<Rule> valgrind_rule(Lines &lines) {
  Rule rule;
  rule.where = lines.where();
  rule.name = std::string(required(lines, "the rule's name"));
  if (rule.name == "}") lines.refuse("a rule begins with its name, then Memcheck:Leak, then its frames");
  const bool of_leaks = is_of_leaks(required(lines, "the rule's tool and kind"), lines);
  for (;;) {
    const std::string_view line = required(lines, "the rule's }");
    constexpr std::string_view kKinds = "match-leak-kinds:";
    if (line == "}") break;
    if (line == "{") lines.refuse("a rule within a rule: a } is missing before it");
    if (line.starts_with(kKinds))
      take_kinds(line.substr(kKinds.size()), rule, lines);
    else if (!take_frame(line, rule) && of_leaks)
      lines.refuse(fmt::format("{} is no frame; write fun:NAME, obj:PATH, src:FILE or ...", quoted(line)));
  }
  if (!of_leaks) return std::nullopt;
  if (rule.patterns.empty())
    lines.refuse("a rule without a frame would fit everything; add fun: or obj: lines");
  return rule;
}

Rule sanitizer_rule(std::string_view line, const Lines &lines) {
  constexpr std::string_view kLeak = "leak:";
  if (!line.starts_with(kLeak)) {
    lines.refuse(
        fmt::format("{} is no rule; write leak:PATTERN, or valgrind's {{ name, Memcheck:Leak, fun:..., "
                    "}} on lines of their own",
                    quoted(line)));
  }
  const std::string pattern(trimmed(line.substr(kLeak.size())));
  if (pattern.find_first_not_of("*^$") == pattern.npos)
    lines.refuse(
        "this would fit everything; write leak: and a part of a function's, file's or library's name");
  return {pattern, lines.where(), "", true, true, {{Pattern::kAnywhere, pattern}}};
}

}  // namespace

std::vector<Rule> parse_rules(std::string_view text, const std::string &file) {
  std::vector<Rule> rules;
  Lines lines(text, file);
  while (const auto line = lines.next()) {
    if (*line != "{") {
      rules.push_back(sanitizer_rule(*line, lines));
    } else if (auto rule = valgrind_rule(lines)) {
      rules.push_back(*std::move(rule));
    }
  }
  return rules;
}

}  // namespace heapmeter::cli::suppressions
