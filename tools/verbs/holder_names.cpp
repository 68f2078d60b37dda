// SPDX-License-Identifier: MIT
#include "verbs/holder_names.h"

#include <set>
#include <utility>
#include <vector>

#include "system/process.h"
#include "views/holding.h"
#include "views/site_line.h"

namespace heapmeter::cli {
namespace {

std::vector<std::uint64_t> variables_in(const lost::Holding &holding) {
  std::set<std::uint64_t> addresses;
  const auto note = [&](const lost::Holder &holder) {
    if (holder.kind == lost::Holder::Kind::kData) addresses.insert(holder.address);
  };
  for (const lost::Pointers &one : holding.holders) note(one.holder);
  for (const lost::Way &one : holding.ways) note(one.holder);
  return {addresses.begin(), addresses.end()};
}

}  // namespace

HolderNames::Code HolderNames::code_of(const sites::Profile &profile, const sites::Stacks &stacks) {
  Code code;
  for (const sites::Stacks::Stack &stack : stacks.stacks) {
    if (stack.frames.empty()) continue;
    const std::string text = code_text(stacks.frames.at(stack.frames.back()), 0, true);
    for (const std::uint32_t site : stack.sites) code[profile.sites.at(site).leaf].text = text;
  }
  std::map<std::uint32_t, sites::Values> held;
  for (const sites::Site &site : profile.sites) held[site.leaf] += site.values;
  for (auto &[leaf, known] : code) {
    const sites::Values &values = held[leaf];
    if (values.live_blocks > 0) known.mean_bytes = values.live_bytes / values.live_blocks;
  }
  return code;
}

HolderNames::HolderNames(int pid, const lost::Holding &holding, Code code, const Units &units)
    : code_(std::move(code)),
      units_(units),
      threads_(process::threads(pid)),
      variables_(pid, variables_in(holding)) {}

std::string HolderNames::name(const lost::Holder &given) {
  lost::Holder holder = given;
  std::string code, variable;
  if (holder.kind == lost::Holder::Kind::kBlock && holder.leaf != 0) {
    const auto known = code_.find(holder.leaf);
    code = known == code_.end() ? "unnamed code" : known->second.text;
    if (known != code_.end()) holder.block_bytes = known->second.mean_bytes;
  }
  if (holder.kind == lost::Holder::Kind::kData) variable = variables_.name(holder.address);
  const auto thread = threads_.find(holder.thread);
  if (holder.kind == lost::Holder::Kind::kStack && thread != threads_.end()) {
    const std::string name = process::name(thread->second);
    if (!name.empty()) variable = "'" + name + "'";
  }
  return holder_name(holder, code, variable, units_);
}

}  // namespace heapmeter::cli
