// SPDX-License-Identifier: MIT
#include "verbs/arguments.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "text/output.h"
#include "text/table.h"

namespace heapmeter::cli {

namespace {

// CLI11 2.1 has no other way to a usage line of one's own.
class HelpLayout : public CLI::Formatter {
 public:
  explicit HelpLayout(std::string usage) : usage_(std::move(usage)) {
    column_width(26);
    label("Positionals", "Arguments");
  }
  const std::string &usage() const { return usage_; }
  std::string make_usage(const CLI::App *, std::string name) const override {
    return "Usage: " + name + " " + usage_ + "\n";
  }
  // Of what kind arguments are, and which are needed, the usage line has said.
  std::string make_option_opts(const CLI::Option *option) const override {
    if (option->get_positional()) return "";
    // Its value is behind the sign only: the next word is another.
    const bool may_lack_value = !option->get_type_name().empty() && option->get_items_expected_min() == 0;
    return may_lack_value ? "[=" + option->get_type_name() + "]" : Formatter::make_option_opts(option);
  }

 private:
  std::string usage_;
};

// In lines of at most 80 letters: an explanation under its beginning, other text as it is indented. What
// stands in the example is to be copied whole.
std::string folded(const std::string &help) {
  constexpr std::size_t kWidth = 80, kColumn = 26;
  std::string text;
  bool example = false;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    example = example || line == "Example:";
    if (example || line.size() <= kWidth) {
      text += line + "\n";
      continue;
    }
    const bool explains = line.starts_with("  ") && line.size() > kColumn && line[kColumn - 1] == ' ';
    const std::size_t begin = explains ? kColumn : std::min(line.find_first_not_of(' '), line.size());
    const std::string indent(begin, ' ');
    std::string part = line.substr(0, begin);
    for (const std::string &each : wrapped(line.substr(begin), static_cast<int>(kWidth - begin))) {
      text += part + each + "\n";
      part = indent;
    }
  }
  return text;
}

// As one paragraph: where its lines end is for the width of the screen to say.
std::string paragraph(std::string description) {
  std::replace(description.begin(), description.end(), '\n', ' ');
  return description + "\n";
}

ParserVisit::Visitor visitor;

}  // namespace

ParserVisit::ParserVisit(Visitor each) { visitor = std::move(each); }
ParserVisit::~ParserVisit() { visitor = nullptr; }

Parser::Parser(const std::string &verb, const std::string &usage, const std::string &description,
               const std::string &example)
    : app_(std::make_unique<CLI::App>(paragraph(description), "heapmeter " + verb)) {
  app_->formatter(std::make_shared<HelpLayout>(usage));
  app_->set_help_flag("-h,--help", "this text");
  app_->footer("Example:\n" + example);
}

Parser::~Parser() = default;

void Parser::flag(const std::string &names, bool &given, const std::string &help) {
  app_->add_flag(names, given, help);
}

void Parser::option(const std::string &names, std::string &value, const std::string &type,
                    const std::string &help, const std::vector<std::string> &choices) {
  CLI::Option *option = app_->add_option(names, value, help)->type_name(type);
  if (!choices.empty()) option->check(CLI::IsMember(choices));  // so that help and completion show them
  kinds_[option] = {ValueKind::kText, choices};
}

void Parser::optional_value(const std::string &name, std::string &value, const std::string &type,
                            const std::string &without, const std::string &help,
                            const std::vector<std::string> &choices) {
  option(name, value, type, help, choices);
  app_->get_option(name)->expected(0, 1);
  without_value_[name] = without;
}

void Parser::option(const std::string &names, double &value, const std::string &type,
                    const std::string &help) {
  kinds_[app_->add_option(names, value, help)->type_name(type)] = {ValueKind::kNumber};
}

void Parser::option(const std::string &names, std::int64_t &value, const std::string &type,
                    const std::string &help) {
  kinds_[app_->add_option(names, value, help)->type_name(type)] = {ValueKind::kWholeNumber};
}

void Parser::option(const std::string &names, std::vector<std::string> &values, const std::string &type,
                    const std::string &help) {
  CLI::Option *option = app_->add_option(names, values, help)->type_name(type);
  // One at a time: the words behind it are others.
  option->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  kinds_[option] = {.again = true};
}

void Parser::word(const std::string &name, std::string &value, const std::string &help) {
  app_->add_option(name, value, help)->required();
}

void Parser::optional_word(const std::string &name, std::string &value, const std::string &help) {
  app_->add_option(name, value, help);
}

void Parser::words(const std::string &name, std::vector<std::string> &values, const std::string &help) {
  app_->add_option(name, values, help);
}

bool Parser::parse(const Arguments &arguments) {
  const std::string &usage = std::static_pointer_cast<HelpLayout>(app_->get_formatter())->usage();
  if (visitor) {
    visitor(*app_, usage);
    return false;
  }
  const std::string mistake = mistake_in(*app_, usage, kinds_, arguments);
  if (!mistake.empty()) throw UserError(mistake, kUsage);
  try {
    // CLI11 would take the next word for the value.
    Arguments reversed(arguments.rbegin(), arguments.rend());
    for (std::string &each : reversed) {
      const auto known = without_value_.find(each);
      if (known != without_value_.end()) each += "=" + known->second;
    }
    app_->parse(reversed);
  } catch (const CLI::CallForHelp &) {
    output::write(folded(app_->help()));
    return false;
  } catch (const CLI::ParseError &error) {  // which mistake_in() has no words for
    throw UserError(fmt::format("{}; see {} --help", error.what(), app_->get_name()), kUsage);
  }
  return true;
}

bool Parser::given(const std::string &name) const { return app_->count(name) > 0; }

Parser::Split Parser::split(const Arguments &arguments) const {
  Split split;
  auto at = arguments.begin();
  while (at != arguments.end() && at->starts_with('-') && *at != "-") {
    if (*at == "--") {
      ++at;
      break;
    }
    split.options.push_back(*at);
    const CLI::Option *option = app_->get_option_no_throw(*at);
    ++at;
    // "--output=FILE" is not found by that name and has its value with it.
    if (option != nullptr && option->get_items_expected() > 0 && at != arguments.end()) {
      split.options.push_back(*at++);
    }
  }
  split.command.assign(at, arguments.end());
  return split;
}

}  // namespace heapmeter::cli
