// SPDX-License-Identifier: MIT
#include "lost/holding.h"

#include <algorithm>

#include "client/page.h"

namespace heapmeter::cli::lost {
namespace {

namespace json = boost::json;

constexpr const char *kPageName = "a page of holders";
// A request has HEAPMETER_REQUEST_LIMIT bytes, of which the rest is for what stands around it.
constexpr std::size_t kLongestQuery = HEAPMETER_REQUEST_LIMIT - 1096;
#define HEAPMETER_WORD(enumerator, word) word,
constexpr const char *kKinds[] = {HEAPMETER_HOLDER_KINDS(HEAPMETER_WORD)};
#undef HEAPMETER_WORD

Holder holder_of(const json::object &from) {
  const auto number = [&](const char *name) { return page::number(from, name, kPageName); };
  const std::string kind = page::text(from, "kind", kPageName);
  Holder holder;
  const auto known = std::find(std::begin(kKinds), std::end(kKinds), kind);
  if (known != std::end(kKinds)) holder.kind = static_cast<Holder::Kind>(known - std::begin(kKinds));
  holder.leaf = static_cast<std::uint32_t>(number("leaf"));
  holder.block_bytes = number("block_bytes");
  if (from.contains("offset")) holder.offset = number("offset");
  holder.thread = static_cast<int>(number("thread"));
  holder.address = number("address");
  return holder;
}

}  // namespace

const char *kind_word(Holder::Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

Holding parse_holding(std::string_view text) {
  const json::object all = page::parse(text, kPageName);
  const auto number = [&](const char *name) { return page::number(all, name, kPageName); };
  Holding found;
  found.pid = static_cast<int>(number("pid"));
  found.start_time = number("start_time");
  found.blocks = number("blocks");
  found.bytes = number("bytes");
  found.reached_blocks = number("reached_blocks");
  found.reached_bytes = number("reached_bytes");
  found.not_looked_at_bytes = number("not_looked_at_bytes");
  if (const json::value *seconds = all.if_contains("seconds"); seconds != nullptr && seconds->is_number())
    found.seconds = seconds->to_number<double>();
  if (const json::array *rows = page::array(all, "holders")) {
    for (const json::value &row : *rows) {
      const json::object &from = page::element(row, kPageName);
      found.holders.push_back({holder_of(from), page::number(from, "pointers", kPageName),
                               static_cast<std::uint32_t>(page::number(from, "towards_leaf", kPageName))});
    }
  }
  if (const json::array *rows = page::array(all, "ways")) {
    for (const json::value &row : *rows) {
      const json::object &from = page::element(row, kPageName);
      const std::uint64_t towards = page::number(from, "towards", kPageName);
      if (towards > found.ways.size()) page::refuse("a way comes before what it leads to", kPageName);
      found.ways.push_back({static_cast<std::size_t>(towards), holder_of(from),
                            page::number(from, "blocks", kPageName), page::number(from, "bytes", kPageName)});
    }
  }
  return found;
}

std::vector<std::uint32_t> leaves_of(const sites::Profile &profile, const sites::Stacks &stacks,
                                     const std::string &function) {
  std::vector<std::uint32_t> exact, within;
  for (const sites::Stacks::Stack &stack : stacks.stacks) {
    if (stack.frames.empty()) continue;
    const std::string &name = stacks.frames.at(stack.frames.back()).function;
    if (name.find(function) == std::string::npos) continue;
    for (const std::uint32_t site : stack.sites) {
      const std::uint32_t leaf = profile.sites.at(site).leaf;
      within.push_back(leaf);
      if (name == function) exact.push_back(leaf);
    }
  }
  return exact.empty() ? within : exact;
}

std::string leaf_query(const std::vector<std::uint32_t> &leaves, std::size_t &asked) {
  std::string query = "?leaf=";
  for (asked = 0; asked < leaves.size() && query.size() < kLongestQuery; ++asked)
    query += (asked == 0 ? "" : ",") + std::to_string(leaves[asked]);
  return query;
}

}  // namespace heapmeter::cli::lost
