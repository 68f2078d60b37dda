// SPDX-License-Identifier: MIT
#include "conditions/judgement.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include "text/format.h"
#include "text/terminal.h"

namespace heapmeter::cli::conditions {
namespace {

namespace json = boost::json;

constexpr double kExact = 9007199254740992.0;  // whole numbers up to here are exact

bool is_whole(double value) { return value == std::floor(value) && std::abs(value) < kExact; }

std::string figure(double value, const std::string &name) {
  if (!is_whole(value) || value < 0) return fmt::format("{:.4g}", value);
  const std::string exact = format::grouped(static_cast<std::uint64_t>(value));
  if (!name.ends_with("_bytes") || value < 1024) return exact;
  return fmt::format("{} ({})", exact, format::bytes(value));
}

json::value number(const std::optional<double> &value) {
  if (!value) return nullptr;
  if (is_whole(*value)) return static_cast<std::int64_t>(*value);
  return *value;
}

// What may be lost besides what is proven lost, of the figures of a look.
double perhaps_more(const std::string &name, const Figures &now) {
  const char *more = name == "lost_blocks"  ? "perhaps_in_registers_blocks"
                     : name == "lost_bytes" ? "perhaps_in_registers_bytes"
                                            : nullptr;
  return more == nullptr ? 0 : now.of(more).value.value_or(0);
}

// "+6.5 %", "+9,970 %": never a power of ten.
std::string percent_change(double change, double before) {
  const double part = 100 * change / before, size = std::fabs(part);
  if (size < 99.5 || size >= 1e15) return fmt::format("{:+.3g} %", part);
  const auto whole = static_cast<std::uint64_t>(std::llround(size));
  return fmt::format("{}{} %", part < 0 ? '-' : '+', format::grouped(whole));
}

}  // namespace

Judgement judge(const Condition &condition, const Figures &now, const Figures *before) {
  Judgement judgement{condition, true, {}, {}, {}, "", {}};
  const Figure value = now.of(condition.name);
  judgement.value = value.value;
  if (!value.value) {
    judgement.why = value.why;
    return judgement;
  }
  judgement.limit = condition.amount;
  if (condition.kind != Kind::kNumber) {
    const Figure then = before == nullptr ? Figure{{}, "it is not known"} : before->of(condition.name);
    judgement.before = then.value;
    if (!then.value) {
      judgement.limit.reset();
      judgement.why = fmt::format("of {}: {}", condition.file.empty() ? "before" : condition.file, then.why);
      return judgement;
    }
    judgement.limit = condition.kind == Kind::kPercent ? *then.value * (1 + condition.amount / 100)
                                                       : *then.value + condition.amount;
  }
  judgement.failed = holds(*value.value, condition.comparison, *judgement.limit);
  const double most = *value.value + perhaps_more(condition.name, now);
  if (!judgement.failed && holds(most, condition.comparison, *judgement.limit)) judgement.perhaps = most;
  return judgement;
}

std::string sentence(const Judgement &judgement) {
  const std::string condition = fmt::format("--fail-if '{}'", printable(judgement.condition.text));
  if (!judgement.why.empty())
    return fmt::format("{} could not be evaluated: {}", condition, printable(judgement.why));
  const std::string &name = judgement.condition.name;
  std::string text = fmt::format("{}: {} is {}", condition, name, figure(*judgement.value, name));
  if (!judgement.before) return text;
  text += fmt::format(", was {}", figure(*judgement.before, name));
  const double change = *judgement.value - *judgement.before;
  if (*judgement.before > 0) text += ": " + percent_change(change, *judgement.before);
  return text;
}

std::string doubt(const Judgement &judgement) {
  if (!judgement.perhaps) return "";
  const std::string &name = judgement.condition.name;
  return fmt::format(
      "--fail-if '{}' is not sure: {} is {}, or up to {}: registers of threads that sleep may hold the rest, "
      "or nothing does; 'perhaps_in_registers_blocks>0' fails then",
      printable(judgement.condition.text), name, figure(*judgement.value, name),
      figure(*judgement.perhaps, name));
}

json::array failed_json(const std::vector<Judgement> &judgements) {
  json::array failed;
  for (const Judgement &each : judgements) {
    if (!each.failed) continue;
    failed.push_back(json::object{{"condition", each.condition.text},
                                  {"name", each.condition.name},
                                  {"value", number(each.value)},
                                  {"before", number(each.before)},
                                  {"limit", number(each.limit)},
                                  {"why", each.why.empty() ? json::value(nullptr) : json::value(each.why)}});
  }
  return failed;
}

bool any_failed(const std::vector<Judgement> &judgements) {
  return std::any_of(judgements.begin(), judgements.end(), [](const Judgement &each) { return each.failed; });
}

}  // namespace heapmeter::cli::conditions
