// SPDX-License-Identifier: MIT
#include "lost/suppressed.h"

#include <algorithm>
#include <iterator>

#include "lost/whole_stack.h"

namespace heapmeter::cli::lost {

Suppressor::Suppressor(std::vector<suppressions::Rule> rules) : rules_(std::move(rules)) {
  for (const suppressions::Rule &rule : rules_) done_.push_back({rule.name, rule.where, rule.why});
}

int Suppressor::rule_for(std::uint32_t leaf, const std::string &family, bool indirectly,
                         const sites::Profile &profile, const sites::Naming &naming) {
  if (leaf == 0 || rules_.empty()) return -1;
  const auto [at, is_new] = known_.try_emplace({leaf, family, indirectly}, -1);
  if (is_new) at->second = first_fitting(rules_, whole_stack(profile, leaf, family, naming), indirectly);
  return at->second;
}

void Suppressor::count(int rule, std::uint64_t blocks, std::uint64_t bytes) {
  Suppressed &one = done_[static_cast<std::size_t>(rule)];
  one.blocks += blocks;
  one.bytes += bytes;
}

void Suppressor::take_from(Look &look, const sites::Profile &profile, const sites::Naming &naming) {
  std::erase_if(look.blocks, [&](const Block &block) {
    const int rule = rule_for(block.leaf, block.family, block.indirectly, profile, naming);
    if (rule >= 0) count(rule, 1, block.bytes);
    return rule >= 0;
  });
}

void Suppressor::take_from(std::vector<Row> &rows, const sites::Profile &profile,
                           const sites::Naming &naming) {
  std::erase_if(rows, [&](Row &row) {
    Sum &sum = row.sum;
    const int direct = rule_for(row.leaf, row.family, false, profile, naming);
    const int indirect = rule_for(row.leaf, row.family, true, profile, naming);
    const Sum before = sum;
    if (indirect >= 0) {
      count(indirect, before.indirectly_blocks, before.indirectly_bytes);
      sum.blocks -= before.indirectly_blocks;
      sum.bytes -= before.indirectly_bytes;
      sum.indirectly_blocks = sum.indirectly_bytes = 0;
    }
    if (direct >= 0) {
      count(direct, before.blocks - before.indirectly_blocks, before.bytes - before.indirectly_bytes);
      sum.blocks -= before.blocks - before.indirectly_blocks;
      sum.bytes -= before.bytes - before.indirectly_bytes;
    }
    // Which ones registers may hold is not known: all of them may be among the rest.
    const auto least = [](std::uint64_t rest, std::uint64_t doubted) {
      return rest > doubted ? rest - doubted : 0;
    };
    sum.least_blocks = least(sum.blocks, before.blocks - before.least_blocks);
    sum.least_bytes = least(sum.bytes, before.bytes - before.least_bytes);
    return sum.blocks == 0;
  });
}

Suppressed Suppressor::all() const {
  Suppressed all;
  for (const Suppressed &one : done_) all.blocks += one.blocks, all.bytes += one.bytes;
  return all;
}

std::vector<Suppressed> Suppressor::fitting() const {
  std::vector<Suppressed> fitting;
  std::copy_if(done_.begin(), done_.end(), std::back_inserter(fitting),
               [](const Suppressed &one) { return one.blocks > 0; });
  std::stable_sort(fitting.begin(), fitting.end(),
                   [](const Suppressed &a, const Suppressed &b) { return a.bytes > b.bytes; });
  return fitting;
}

std::vector<std::string> Suppressor::idle() const {
  std::vector<std::string> idle;
  for (const Suppressed &one : done_) {
    if (one.blocks == 0 && one.why.empty()) idle.push_back(one.where);
  }
  return idle;
}

}  // namespace heapmeter::cli::lost
