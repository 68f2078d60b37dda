// SPDX-License-Identifier: MIT
#include "verbs/mistake.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "text/nearest.h"
#include "text/terminal.h"
#include "verbs/habits.h"

namespace heapmeter::cli {
namespace {

std::vector<std::string> option_names(const CLI::App &parser) {
  std::vector<std::string> names;
  for (const CLI::Option *option : parser.get_options()) {
    for (const std::string &name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

bool takes_value(const CLI::Option &option) { return option.get_items_expected() > 0; }
// Only behind an equals sign.
bool may_take_value(const CLI::Option &option) { return option.get_items_expected_max() == 1; }

// As CLI11 calls it: "NAME:{mimalloc,next}".
std::string value_name(const CLI::Option &option) {
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

std::string in_words(const std::vector<std::string> &choices) {
  std::string text;
  for (std::size_t at = 0; at < choices.size(); ++at)
    text += (at == 0 ? "" : at + 1 == choices.size() ? " or " : ", ") + choices[at];
  return text;
}

// Not "nan", which is no smaller than any bound and no larger, nor "inf".
template <typename Number>
bool is_number(const std::string &text) {
  Number number{};
  const char *end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(static_cast<double>(number));
}

std::string mistake_of_value(const std::string &name, const CLI::Option &option, const ValueKind &kind,
                             const std::string &value) {
  const auto &choices = kind.choices;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end()) {
    return fmt::format("{} takes {}, not '{}'{}", name, in_words(choices), printable(value),
                       did_you_mean(value, choices));
  }
  if (kind.type == ValueKind::kText && value.empty())
    return fmt::format("{} needs a value, {}, and has an empty one", name, value_name(option));
  if (kind.type == ValueKind::kNumber && !is_number<double>(value))
    return fmt::format("{} takes a number ({}), not '{}'", name, value_name(option), printable(value));
  if (kind.type == ValueKind::kWholeNumber && !is_number<std::int64_t>(value))
    return fmt::format("{} takes a whole number ({}), not '{}'", name, value_name(option), printable(value));
  return "";
}

// The walk over the words, as CLI11 takes them.
class Walk {
 public:
  Walk(const CLI::App &parser, const std::string &usage, const ValueKinds &kinds)
      : parser_(parser), usage_(usage), kinds_(kinds) {}

  std::string mistake(const Arguments &arguments) {
    for (at_ = arguments.begin(), end_ = arguments.end(); at_ != end_ && mistake_.empty();) {
      const std::string &given = *at_++;
      if (given == "--" && !only_words_)
        only_words_ = true;
      else if (only_words_ || !given.starts_with('-') || given == "-")
        word(given);
      else
        given.starts_with("--") ? long_option(given) : short_options(given);
    }
    if (helped_) return "";
    if (mistake_.empty()) missing_words();
    return mistake_;
  }

 private:
  void word(const std::string &given) {
    ++words_;
    std::size_t most = 0;
    for (const CLI::Option *option : positionals()) {
      if (option->get_items_expected_max() > 1) return;
      ++most;
    }
    if (words_ > most)
      mistake_ =
          fmt::format("'{}' is one word too many: {} {}", printable(given), parser_.get_name(), usage_);
  }

  void missing_words() {
    std::size_t before = 0;
    for (const CLI::Option *option : positionals()) {
      if (before++ < words_ || !option->get_required()) continue;
      mistake_ = fmt::format("no {} is given ({}): {} {}", option->get_name(true), option->get_description(),
                             parser_.get_name(), usage_);
      return;
    }
  }

  void long_option(const std::string &given) {
    const std::size_t equals = given.find('=');
    const std::string name = given.substr(0, equals);
    const std::string next = at_ == end_ ? "" : *at_;
    const CLI::Option *option = known(name, equals == given.npos ? next : given.substr(equals + 1));
    if (option == nullptr) return;
    if (equals == given.npos)
      takes_value(*option) ? next_value(name, *option) : void();
    else if (takes_value(*option) || may_take_value(*option))
      value(name, *option, given.substr(equals + 1));
    else
      mistake_ = name + " takes no value";
  }

  // "-i1", "-i 1", or several that take no value.
  void short_options(const std::string &given) {
    for (std::size_t at = 1; at < given.size() && mistake_.empty(); ++at) {
      const std::string name = {'-', given[at]};
      const std::string next = at_ == end_ ? "" : *at_;
      const CLI::Option *option = known(name, at + 1 < given.size() ? given.substr(at + 1) : next);
      if (option == nullptr) return;
      if (!takes_value(*option)) continue;
      at + 1 < given.size() ? value(name, *option, given.substr(at + 1)) : next_value(name, *option);
      return;
    }
  }

  // `behind`: what may be its value.
  const CLI::Option *known(const std::string &name, const std::string &behind) {
    const CLI::Option *option = parser_.get_option_no_throw(name);
    if (option == nullptr) {
      const std::string verb = parser_.get_name().substr(parser_.get_name().rfind(' ') + 1);
      const std::string habit = habit_of_option(verb, name, behind);
      const std::string meant = habit.empty() ? did_you_mean(name, option_names(parser_))
                                              : fmt::format("; did you mean {}?", habit);
      mistake_ = fmt::format("{} has no option {}{}", verb, printable(name), meant);
    } else if (option == parser_.get_help_ptr()) {
      helped_ = true;
    } else if ((takes_value(*option) || may_take_value(*option)) && !may_come_again(*option) &&
               !given_.insert(option).second) {
      mistake_ = name + " is given twice; give it once";
    }
    return mistake_.empty() ? option : nullptr;
  }

  bool may_come_again(const CLI::Option &option) const {
    const auto kind = kinds_.find(&option);
    return kind != kinds_.end() && kind->second.again;
  }

  // A word that is meant for something else is no value: it may be one behind an equals sign.
  bool is_meant_otherwise(const std::string &next) const {
    return next == "--" || (next.starts_with('-') && next != "-" &&
                            parser_.get_option_no_throw(next.substr(0, next.find('='))) != nullptr);
  }

  // A file may be called as an option.
  std::string way_to_mean_it(const std::string &name) const {
    if (at_ == end_ || *at_ == "--") return "";
    const std::string word = printable(*at_);
    return fmt::format(" (if {} is meant: {}{}{})", word, name, name.starts_with("--") ? "=" : "", word);
  }

  void next_value(const std::string &name, const CLI::Option &option) {
    if (at_ == end_ || is_meant_otherwise(*at_))
      mistake_ = fmt::format("{} needs a value, {}{}", name, value_name(option), way_to_mean_it(name));
    else
      value(name, option, *at_++);
  }

  void value(const std::string &name, const CLI::Option &option, const std::string &text) {
    const auto kind = kinds_.find(&option);
    if (kind != kinds_.end()) mistake_ = mistake_of_value(name, option, kind->second, text);
  }

  std::vector<const CLI::Option *> positionals() const {
    return parser_.get_options([](const CLI::Option *option) { return option->get_positional(); });
  }

  const CLI::App &parser_;
  const std::string &usage_;
  const ValueKinds &kinds_;
  Arguments::const_iterator at_, end_;
  std::set<const CLI::Option *> given_;
  std::size_t words_ = 0;
  bool only_words_ = false, helped_ = false;
  std::string mistake_;
};

}  // namespace

std::string mistake_in(const CLI::App &parser, const std::string &usage, const ValueKinds &kinds,
                       const Arguments &arguments) {
  const std::string mistake = Walk(parser, usage, kinds).mistake(arguments);
  if (mistake.empty()) return "";
  const char *see = mistake.ends_with('?') ? " See" : mistake.ends_with(';') ? " see" : "; see";
  return fmt::format("{}{} {} --help", mistake, see, parser.get_name());
}

}  // namespace heapmeter::cli
