// SPDX-License-Identifier: MIT
#include "verbs/fail_if.h"

#include <algorithm>

#include <string.h>

#include <fmt/format.h>

#include "system/foreign_file.h"
#include "text/output.h"
#include "text/terminal.h"

namespace heapmeter::cli {
namespace {

constexpr std::uint64_t kLargestFile = 64u << 20;

std::string text_of(const std::string &path) {
  const ForeignFile file = ForeignFile::named(path);
  const auto text = file ? file.text(kLargestFile) : std::nullopt;
  if (text) return *text;
  const char *why = file ? "it is too large" : file.is_no_file() ? "it is no file" : strerror(file.error());
  throw UserError(fmt::format("--fail-if: {} cannot be read: {}", printable(path), why), kUsage);
}

}  // namespace

void FailIf::add_options(Parser &parser) {
  parser.option(
      "--fail-if", texts_, "CONDITION",
      "fail if it holds: 'peak_bytes>200M', 'lost>0', 'allocations>+5% of FILE' (in diff '>+5%'); all "
      "figures: tools/VERBS.md; may be given again");
  parser.option("--fail-code", code_, "N", "the exit code then (3)");
}

void FailIf::prepare(const conditions::Language &language) {
  if (code_ < 1 || code_ > 255) throw UserError("--fail-code takes 1 to 255", kUsage);
  conditions_ = conditions::parse(texts_, language);
  for (const auto &each : conditions_) {
    if (!each.file.empty() && !files_.contains(each.file))
      files_[each.file] = conditions::figures_in_text(text_of(each.file), each.file);
  }
}

bool FailIf::asks_for_a_look() const {
  return std::any_of(conditions_.begin(), conditions_.end(),
                     [](const auto &each) { return conditions::is_of_look(each.name); });
}

void FailIf::want_look_in(const conditions::Figures &figures, const std::string &why) const {
  for (const auto &each : conditions_) {
    if (conditions::is_of_look(each.name) && !figures.of(each.name).value)
      throw UserError(fmt::format("--fail-if '{}': {}", printable(each.text), why), kUsage);
  }
}

void FailIf::judge(const conditions::Figures &now, const conditions::Figures *before) {
  for (const auto &each : conditions_) {
    judgements_.push_back(conditions::judge(each, now, each.file.empty() ? before : &files_.at(each.file)));
    const auto &judgement = judgements_.back();
    if (judgement.failed) output::note(conditions::sentence(judgement));
    if (const std::string doubt = conditions::doubt(judgement); !doubt.empty()) output::note(doubt);
  }
}

bool FailIf::found_lost() const {
  return std::any_of(judgements_.begin(), judgements_.end(), [](const auto &each) {
    return conditions::is_of_look(each.condition.name) && (each.failed || each.perhaps);
  });
}

int FailIf::exit_code(int own) const {
  return own == kOk && conditions::any_failed(judgements_) ? static_cast<int>(code_) : own;
}

}  // namespace heapmeter::cli
