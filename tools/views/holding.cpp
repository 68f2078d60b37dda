// SPDX-License-Identifier: MIT
#include "views/holding.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "text/fit.h"
#include "text/format.h"
#include "text/table.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr int kHang = 2;
// Of a tree; further in no line would have room for words, and a page of thousands of steps would be
// gigabytes.
constexpr std::size_t kDeepestIndent = 60;

std::string heading(const std::string &target, const HoldingView &view, const Look &look) {
  const lost::Holding &all = view.holding;
  std::string text = fmt::format("{}: {}: {}, {}", printable(target), printable(view.wanted),
                                 format::counted(all.blocks, "live block"), look.units.bytes(all.bytes));
  if (all.blocks != 0 && all.reached_blocks == 0)
    text += "; no way leads to any of them from a root, see heapmeter leaks";
  else if (all.reached_blocks < all.blocks)
    text += fmt::format("; of these {} not led to from any root, see heapmeter leaks",
                        format::grouped(all.blocks - all.reached_blocks));
  return folded_lines(text, look.width, kHang) + "\n\n";
}

std::string notes(const HoldingView &view, const Look &look) {
  std::string text;
  if (view.holding.not_looked_at_bytes != 0)
    text += fmt::format("Not looked at: {}, which could not be read.\n",
                        look.units.bytes(view.holding.not_looked_at_bytes));
  for (const std::string &line : view.notes) text += printable(line) + "\n";
  return text.empty() ? "" : "\n" + folded_lines(text, look.width, kHang);
}

std::string more(std::size_t left, const char *noun) {
  return left == 0 ? "" : fmt::format("and {} (-n shows more)\n", format::counted(left, noun));
}

void add_holder(json::object &to, const lost::Holder &holder, const std::string &name) {
  to["kind"] = lost::kind_word(holder.kind);
  to["name"] = printable(name);
  to["block_bytes"] = holder.block_bytes == 0 ? json::value(nullptr) : json::value(holder.block_bytes);
  to["offset"] = holder.offset ? json::value(*holder.offset) : json::value(nullptr);
  to["tid"] = holder.thread == 0 ? json::value(nullptr) : json::value(holder.thread);
  to["address"] =
      holder.address == 0 ? json::value(nullptr) : json::value(fmt::format("{:#x}", holder.address));
}

struct NamedPointers {
  std::string name;
  std::uint64_t pointers;
};

// Words of one variable have its name: they are one row.
std::vector<NamedPointers> by_name(const HoldingView &view) {
  std::vector<NamedPointers> rows;
  std::map<std::string, std::size_t> known;
  for (std::size_t at = 0; at < view.holding.holders.size(); ++at) {
    const std::string &name = view.holder_names.at(at);
    const auto [row, is_new] = known.try_emplace(name, rows.size());
    if (is_new) rows.push_back({name, 0});
    rows[row->second].pointers += view.holding.holders[at].pointers;
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const NamedPointers &a, const NamedPointers &b) { return a.pointers > b.pointers; });
  return rows;
}

}  // namespace

std::string holder_name(const lost::Holder &holder, const std::string &code, const std::string &variable,
                        const Units &units) {
  switch (holder.kind) {
    case lost::Holder::Kind::kBlock: {
      // Of the same code there may be other sizes, too.
      std::string which = "blocks";
      if (code.empty() || holder.block_bytes != 0)
        which += fmt::format(" of {}{}", code.empty() ? "" : "about ", units.bytes(holder.block_bytes));
      if (!code.empty()) which += " from " + code;
      return holder.offset ? fmt::format("{} at +{}", which, *holder.offset) : which;
    }
    case lost::Holder::Kind::kData:
      return variable.empty() ? fmt::format("data at {:#x}", holder.address) : variable;
    case lost::Holder::Kind::kStack:
      return fmt::format("stack of thread {}{}", holder.thread, variable.empty() ? "" : " " + variable);
    case lost::Holder::Kind::kMemory:
      return holder.address == 0 ? "memory that a fork leaves out"
                                 : fmt::format("memory mapped at {:#x}", holder.address);
    case lost::Holder::Kind::kOther:
      break;
  }
  return "others";
}

std::string holding_table(const std::string &target, const HoldingView &view, std::size_t most_rows,
                          const Look &look) {
  std::string text = heading(target, view, look);
  Table table({{"POINTERS"}, {"FROM", Align::kLeft}});
  const std::vector<NamedPointers> rows = by_name(view);
  const std::size_t count = rows.size();
  for (std::size_t at = 0; at < count && at < most_rows; ++at)
    table.add({format::grouped(rows[at].pointers), printable(rows[at].name)});
  if (!table.empty())
    text += look.paint.title(table.header()) + folded_rows(table.header(), table.rows(), look.width);
  return text + more(count - std::min(count, most_rows), "row") + notes(view, look);
}

std::string holding_tree(const std::string &target, const HoldingView &view, std::size_t most_rows,
                         const Look &look) {
  const std::vector<lost::Way> &ways = view.holding.ways;
  std::vector<std::vector<std::size_t>> above(ways.size() + 1);
  for (std::size_t at = 0; at < ways.size(); ++at) above.at(ways[at].towards).push_back(at + 1);
  for (auto &each : above) {
    std::stable_sort(each.begin(), each.end(),
                     [&](std::size_t a, std::size_t b) { return ways[a - 1].blocks > ways[b - 1].blocks; });
  }
  Table table({{"BLOCKS"}, {"BYTES"}, {"HELD BY, below it what holds that", Align::kLeft}});
  struct Step {
    std::size_t way;
    std::string indent;
  };
  std::vector<Step> ahead;
  const auto branch_out = [&](std::size_t from, const std::string &indent) {
    for (std::size_t at = above.at(from).size(); at-- > 0;) ahead.push_back({above[from][at], indent});
  };
  branch_out(0, "");
  std::size_t shown = 0;
  for (; !ahead.empty() && shown < most_rows; ++shown) {
    const Step step = std::move(ahead.back());
    ahead.pop_back();
    const lost::Way &way = ways[step.way - 1];
    table.add({format::grouped(way.blocks), look.units.bytes(way.bytes),
               step.indent + printable(view.way_names.at(step.way - 1))});
    branch_out(step.way, step.indent + (step.indent.size() < kDeepestIndent ? "  " : ""));
  }
  std::string text = heading(target, view, look);
  if (!table.empty())
    text += look.paint.title(table.header()) + folded_rows(table.header(), table.rows(), look.width);
  return text + more(ways.size() - shown, "step") + notes(view, look);
}

json::object holding_json(const HoldingView &view) {
  const lost::Holding &all = view.holding;
  json::array holders, ways;
  for (std::size_t at = 0; at < all.holders.size(); ++at) {
    json::object one = {{"pointers", all.holders[at].pointers}};
    add_holder(one, all.holders[at].holder, view.holder_names.at(at));
    holders.push_back(std::move(one));
  }
  for (std::size_t at = 0; at < all.ways.size(); ++at) {
    json::object one = {
        {"towards", all.ways[at].towards}, {"blocks", all.ways[at].blocks}, {"bytes", all.ways[at].bytes}};
    add_holder(one, all.ways[at].holder, view.way_names.at(at));
    ways.push_back(std::move(one));
  }
  return {{"schema", 1},
          {"pid", all.pid},
          {"start_time", all.start_time},
          {"look_seconds", all.seconds},
          {"blocks", all.blocks},
          {"bytes", all.bytes},
          {"reached_blocks", all.reached_blocks},
          {"reached_bytes", all.reached_bytes},
          {"not_looked_at_bytes", all.not_looked_at_bytes},
          {"holders", std::move(holders)},
          {"ways", std::move(ways)}};
}

}  // namespace heapmeter::cli
