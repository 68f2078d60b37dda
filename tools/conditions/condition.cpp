// SPDX-License-Identifier: MIT
#include "conditions/condition.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "text/nearest.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli::conditions {
namespace {

// Those of two letters first.
constexpr std::pair<std::string_view, Comparison> kComparisons[] = {
    {">=", Comparison::kAtLeast}, {"<=", Comparison::kAtMost}, {"==", Comparison::kEqual},
    {"!=", Comparison::kUnequal}, {">", Comparison::kMore},    {"<", Comparison::kLess},
    {"=", Comparison::kEqual},
};
constexpr const char *kSpaces = " \t";

// Short for what is asked most.
constexpr std::pair<std::string_view, std::string_view> kShort[] = {{"lost", "lost_blocks"}};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kSpaces);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

[[noreturn]] void refuse(std::string_view condition, const std::string &why) {
  throw UserError(fmt::format("--fail-if '{}': {}", printable(condition), why), kUsage);
}

// "200M", "1.5G", "12 KiB"; powers of 1024.
double number_of(std::string_view text, std::string_view condition) {
  double number = 0;
  const char *end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, number, std::chars_format::general);
  std::string_view rest = trimmed({unit, static_cast<std::size_t>(end - unit)});
  constexpr std::string_view kUnits = "KMGT";
  double factor = 1;
  if (!rest.empty()) {
    const auto power = kUnits.find(rest.front() == 'k' ? 'K' : rest.front());
    if (power != kUnits.npos) {
      for (std::size_t at = 0; at <= power; ++at) factor *= 1024;
      rest.remove_prefix(1);
      if (rest.starts_with('i')) rest.remove_prefix(1);
    }
    if (rest == "B") rest = {};
  }
  if (error != std::errc() || !rest.empty() || !(number >= 0 && number < 1e300))
    refuse(condition,
           fmt::format("'{}' is no number; write 1000, 1.5 or 200M (K, M, G and T are powers of 1024)",
                       printable(text)));
  return number * factor;
}

std::string known_name(std::string_view name, std::string_view condition, const Language &language) {
  for (const auto &[brief, whole] : kShort) {
    if (name == brief) name = whole;
  }
  const auto &names = language.names;
  if (std::find(names.begin(), names.end(), name) != names.end()) return std::string(name);
  const std::string meant = nearest(name, names);
  refuse(condition, fmt::format("there is no figure '{}'; {}the names are those of --json, such as {} and {}",
                                printable(name), meant.empty() ? "" : fmt::format("did you mean {}? ", meant),
                                names.front(), names.back()));
}

}  // namespace

Condition parse(const std::string &text, const Language &language) {
  Condition condition;
  condition.text = std::string(trimmed(text));
  const std::string_view whole = condition.text;
  const auto at = whole.find_first_of("<>=!");
  if (at == whole.npos)
    refuse(whole, "no comparison; write it in quotes, for the shell takes > for itself: 'peak_bytes>200M'");
  std::string_view rest = whole.substr(at);
  const auto comparison = std::find_if(std::begin(kComparisons), std::end(kComparisons),
                                       [&](const auto &each) { return rest.starts_with(each.first); });
  if (comparison == std::end(kComparisons)) refuse(whole, "the comparisons are > >= < <= == !=");
  condition.comparison = comparison->second;
  condition.name = known_name(trimmed(whole.substr(0, at)), whole, language);
  rest = trimmed(rest.substr(comparison->first.size()));
  if (rest.empty()) refuse(whole, "no number to compare with; write 'peak_bytes>200M'");

  const bool change = rest.front() == '+' || rest.front() == '-';
  const bool down = rest.front() == '-';
  if (change) rest = trimmed(rest.substr(1));
  if (const auto of = rest.find(" of "); of != rest.npos) {
    condition.file = std::string(trimmed(rest.substr(of + 4)));
    rest = trimmed(rest.substr(0, of));
  }
  const bool percent = rest.ends_with('%');
  if (percent) rest = trimmed(rest.substr(0, rest.size() - 1));
  const char *right = language.has_before ? "'allocations>+5%'" : "'allocations>+5% of FILE'";
  if (!change && (percent || !condition.file.empty()))
    refuse(whole, fmt::format("a change has a sign: {}", right));
  if (change && language.has_before && !condition.file.empty())
    refuse(whole, "the change is that between the two that are compared; leave 'of FILE' away");
  if (change && !language.has_before && condition.file.empty())
    refuse(whole, fmt::format("a change of what? {}, FILE being what run --json --output FILE wrote before, "
                              "a report or a mark",
                              right));
  condition.kind = !change ? Kind::kNumber : percent ? Kind::kPercent : Kind::kChange;
  condition.amount = number_of(rest, whole) * (down ? -1 : 1);
  return condition;
}

std::vector<Condition> parse(const std::vector<std::string> &texts, const Language &language) {
  std::vector<Condition> conditions;
  for (const std::string &text : texts) conditions.push_back(parse(text, language));
  return conditions;
}

bool holds(double value, Comparison comparison, double limit) {
  switch (comparison) {
    case Comparison::kMore:
      return value > limit;
    case Comparison::kAtLeast:
      return value >= limit;
    case Comparison::kLess:
      return value < limit;
    case Comparison::kAtMost:
      return value <= limit;
    case Comparison::kEqual:
      return value == limit;
    case Comparison::kUnequal:
      return value != limit;
  }
  return true;
}

}  // namespace heapmeter::cli::conditions
