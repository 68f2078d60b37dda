// SPDX-License-Identifier: MIT
#include "run/markdown.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "run/ending_text.h"
#include "run/lost_at_exit.h"
#include "text/format.h"
#include "views/sites_at_exit.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

// Between backticks nothing is markup but those, and a line's end.
std::string code(std::string text) {
  text = printable(text);
  std::replace(text.begin(), text.end(), '`', '\'');
  return "`" + text + "`";
}

std::string command_of(const RunResult &result) {
  constexpr std::size_t kLongest = 60;
  std::string text;
  for (const std::string &word : result.command) text += (text.empty() ? "" : " ") + word;
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

std::string ending_of(const Ending &ending) {
  return ending.signal == 0 ? fmt::format("exit code {}", ending.exit_code)
                            : fmt::format("killed by {}", signal_name(ending.signal));
}

std::string number(const json::object &failed, const char *name) {
  const json::value &value = failed.at(name);
  return value.is_number() ? fmt::format("{:.15g}", value.to_number<double>()) : "unknown";
}

std::string line_of(const json::object &failed) {
  std::string line = "- **failed** " + code(std::string(failed.at("condition").as_string())) + ": ";
  if (failed.at("why").is_string()) return line + printable(std::string(failed.at("why").as_string())) + "\n";
  line += "it is " + number(failed, "value");
  if (failed.at("before").is_number()) line += ", was " + number(failed, "before");
  return line + "\n";
}

}  // namespace

std::string summary_markdown(const RunResult &result, const json::array &failed) {
  const auto bytes = [](std::uint64_t amount) { return format::bytes(static_cast<double>(amount)); };
  const Tree tree = tree_of(result);
  std::string text =
      fmt::format("### heapmeter: {}, {}\n\n", code(command_of(result)), ending_of(result.ending));
  for (const json::value &each : failed) text += line_of(each.as_object());
  if (!failed.empty()) text += "\n";
  if (tree.processes == 0) return text + "No process left a reading.\n";
  const std::string least = bytes(tree.together_least), most = bytes(tree.together_most);
  text += fmt::format(
      "{} in {} · peak {}{} · live at exit {} · {} · {}\n\n", bytes(tree.sum.allocated_bytes),
      format::counted(tree.sum.allocations, "allocation"), least, least == most ? "" : " to " + most,
      bytes(tree.sum.live_bytes),
      fmt::format("{} {}", format::grouped(tree.processes), tree.processes == 1 ? "process" : "processes"),
      format::duration(result.ending.wall_seconds));
  text += program_markdown(tree);
  if (result.lost) {
    const std::string places = lost_places(*result.lost, Paint(false), Page{0, true});
    text += "\nlost " + lost_line(*result.lost, Units{}) + "\n";
    if (!places.empty()) text += "\n```\n" + places + "```\n";
  }
  const std::string sites = result.sites ? sites_at_exit_markdown(*result.sites) : "";
  return sites.empty() ? text : text + "\n" + sites;
}

}  // namespace heapmeter::cli
