// SPDX-License-Identifier: MIT
#include "cli/verb_sheet.h"

#include <sstream>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "verbs/arguments.h"
#include "verbs/commands.h"

namespace heapmeter::cli {
namespace {

// CLI11 has the choices of a value in its type's name: "NAME:{mimalloc,next}".
void read_value(const std::string &type, OptionSheet &out) {
  const std::size_t open = type.find(":{"), close = type.rfind('}');
  out.value = type.substr(0, type.find(':'));
  if (open == type.npos || close == type.npos) return;
  std::istringstream list(type.substr(open + 2, close - open - 2));
  for (std::string each; std::getline(list, each, ',');) out.choices.push_back(each);
}

OptionSheet sheet_of(const CLI::Option &option) {
  OptionSheet sheet;
  for (const std::string &name : option.get_snames()) sheet.names.push_back("-" + name);
  for (const std::string &name : option.get_lnames()) sheet.names.push_back("--" + name);
  if (option.get_items_expected_max() > 0) read_value(option.get_type_name(), sheet);
  sheet.may_lack_value = !sheet.value.empty() && option.get_items_expected_min() == 0;
  sheet.help = option.get_description();
  return sheet;
}

std::string without_end(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

VerbSheet describe(const Command &command) {
  VerbSheet sheet;
  const ParserVisit visit([&](const CLI::App &parser, const std::string &usage) {
    sheet.usage = usage;
    sheet.description = without_end(parser.get_description());
    sheet.example = parser.get_footer();
    sheet.example.erase(0, sheet.example.find('\n') + 1);
    for (const CLI::Option *option : parser.get_options()) {
      if (option->get_positional()) {
        sheet.arguments.push_back({.names = {option->get_name(true)}, .help = option->get_description()});
      } else {
        sheet.options.push_back(sheet_of(*option));
      }
    }
  });
  sheet.name = command.name;
  sheet.summary = command.summary;
  command.run({});
  if (sheet.usage.empty()) throw std::logic_error(sheet.name + " has no parser");
  return sheet;
}

std::vector<VerbSheet> describe_all() {
  std::vector<VerbSheet> sheets;
  for (const Command &command : commands()) sheets.push_back(describe(command));
  return sheets;
}

}  // namespace heapmeter::cli
