// SPDX-License-Identifier: MIT
#include "arguments.h"

#include <algorithm>

#include <fmt/format.h>

#include "output.h"

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
    return option->get_positional() ? "" : Formatter::make_option_opts(option);
  }

 private:
  std::string usage_;
};

ParserVisit::Visitor visitor;

}  // namespace

ParserVisit::ParserVisit(Visitor each) { visitor = std::move(each); }
ParserVisit::~ParserVisit() { visitor = nullptr; }

std::unique_ptr<CLI::App> make_parser(const std::string &verb, const std::string &usage,
                                      const std::string &description, const std::string &example) {
  auto parser = std::make_unique<CLI::App>(description + "\n", "heapmeter " + verb);
  parser->formatter(std::make_shared<HelpLayout>(usage));
  parser->set_help_flag("-h,--help", "this text");
  parser->footer("Example:\n" + example);
  return parser;
}

bool parse(CLI::App &parser, const Arguments &arguments) {
  if (visitor) {
    visitor(parser, std::static_pointer_cast<HelpLayout>(parser.get_formatter())->usage());
    return false;
  }
  try {
    Arguments reversed(arguments.rbegin(), arguments.rend());
    parser.parse(reversed);
  } catch (const CLI::CallForHelp &) {
    output::write(parser.help() + "\n");
    return false;
  } catch (const CLI::ParseError &error) {
    std::string text = error.what();
    if (!text.empty() && text.back() == '.') text.pop_back();
    throw UserError(fmt::format("{}; see {} --help", text, parser.get_name()), kUsage);
  }
  return true;
}

SplitArguments split_command(const CLI::App &parser, const Arguments &arguments) {
  SplitArguments split;
  auto at = arguments.begin();
  while (at != arguments.end() && at->starts_with('-') && *at != "-") {
    if (*at == "--") {
      ++at;
      break;
    }
    split.options.push_back(*at);
    const CLI::Option *option = parser.get_option_no_throw(*at);
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
