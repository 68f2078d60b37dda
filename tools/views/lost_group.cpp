// SPDX-License-Identifier: MIT
#include "views/lost_group.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "text/format.h"
#include "views/lost_heading.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

std::string heading(const LostGroup &group, const Units &units) {
  lost::Sum all;
  std::uint64_t live_blocks = 0, live_bytes = 0;
  std::size_t losers = 0;
  bool suppressed = false;
  for (const LostGroup::Member &member : group.members) {
    const lost::Sum one = sum(member.view.look);
    all += one;
    live_blocks += member.view.look.live_blocks;
    live_bytes += member.view.look.live_bytes;
    losers += one.blocks == 0 ? 0 : 1;
    suppressed |= member.view.suppressed.all.blocks != 0;
  }
  std::string text = group_label(group.word, group.members.size());
  if (!group.others.empty()) text += " looked at, others not, see below";
  if (all.blocks == 0)
    return text + fmt::format(": no block{} was found that nothing points at, of {}, {}",
                              suppressed ? " but suppressed ones" : "",
                              format::counted(live_blocks, "live block"), units.bytes(live_bytes));
  text += ": " + lost_words(all, units);
  text += fmt::format("; in {} of {}", losers, group.members.size());
  return text +
         fmt::format("; of {}, {}", format::counted(live_blocks, "live block"), units.bytes(live_bytes));
}

}  // namespace

// What holds of all is said once, at the end.
std::string lost_group_text(const LostGroup &group, const LostStyle &style) {
  std::string text = in_lines(heading(group, style.units), style.width);
  std::vector<std::string> notes;
  for (const LostGroup::Member &member : group.members) {
    text += "\n" + lost_table(member.label, member.view, style);
    for (const std::string &note : lost_notes(member.view, style)) {
      if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
    }
  }
  text += "\n";
  for (const std::string &note : notes) text += note;
  for (const Unreached &other : group.others) {
    const std::string who = other.pid == 0 ? "" : fmt::format("{} was not looked at: ", other.pid);
    text += in_lines(who + printable(other.why), style.width);
  }
  return text;
}

json::object lost_group_json(const LostGroup &group) {
  lost::Sum all;
  json::array members, others;
  for (const LostGroup::Member &member : group.members) {
    all += sum(member.view.look);
    members.push_back(lost_json(member.view));
  }
  for (const Unreached &other : group.others) {
    others.push_back({{"pid", other.pid == 0 ? json::value(nullptr) : json::value(other.pid)},
                      {"why", printable(other.why)}});
  }
  return {{"schema", 1},
          {"lost_blocks", all.least_blocks},
          {"lost_bytes", all.least_bytes},
          {"lost_indirectly_blocks", all.indirectly_blocks},
          {"lost_indirectly_bytes", all.indirectly_bytes},
          {"perhaps_in_registers_blocks", all.blocks - all.least_blocks},
          {"perhaps_in_registers_bytes", all.bytes - all.least_bytes},
          {"members", std::move(members)},
          {"not_looked_at", std::move(others)}};
}

}  // namespace heapmeter::cli
