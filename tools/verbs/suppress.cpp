// SPDX-License-Identifier: MIT
#include "verbs/suppress.h"

#include <filesystem>

#include <string.h>

#include <fmt/format.h>

#include "suppressions/built_in.h"
#include "system/foreign_file.h"
#include "text/output.h"
#include "text/saved_file.h"
#include "text/terminal.h"

namespace heapmeter::cli {
namespace {

constexpr std::uint64_t kLargestFile = 16u << 20;

}  // namespace

void Suppress::add_options(Parser &parser) {
  parser.option("--suppressions", files_, "FILE",
                "leave out what its rules fit: LeakSanitizer's or valgrind's syntax; may be given again");
  parser.option("--gen-suppressions", made_, "FILE", "write such rules for what is lost");
}

const std::vector<suppressions::Rule> &Suppress::rules() {
  if (!rules_.empty()) return rules_;
  for (const std::string &path : files_) {
    const ForeignFile file = ForeignFile::named(path);
    const auto text = file ? file.text(kLargestFile) : std::nullopt;
    if (!text) {
      const char *why = file                ? "it is too large"
                        : file.is_no_file() ? "it is no file"
                                            : strerror(file.error());
      throw UserError(fmt::format("--suppressions: {} cannot be read: {}", printable(path), why), kUsage);
    }
    for (suppressions::Rule &rule : suppressions::parse_rules(*text, path)) rules_.push_back(std::move(rule));
  }
  check_made();
  const auto &own = suppressions::built_in_rules();
  rules_.insert(rules_.end(), own.begin(), own.end());
  return rules_;
}

void Suppress::check_made() const {
  if (made_.empty()) return;
  for (const std::string &path : files_) {
    std::error_code none;
    if (std::filesystem::equivalent(path, made_, none))
      throw UserError(
          fmt::format("--gen-suppressions would write over the rules of --suppressions, {}; choose "
                      "another file, and append it",
                      printable(path)),
          kUsage);
  }
  try {
    check_saving(made_, "--gen-suppressions");
  } catch (const UserError &error) {
    throw UserError(error.what(), kUsage);
  }
}

void Suppress::save(const std::string &rules, bool any_lost) const {
  if (made_.empty()) return;
  if (rules.empty() && any_lost)
    output::note(fmt::format("{} has no rule: of nothing that is lost it is known which code allocated it",
                             printable(made_)));
  try {
    save_file(made_, rules, "--gen-suppressions");
  } catch (const UserError &error) {
    output::note(error.what());
  }
}

}  // namespace heapmeter::cli
