// SPDX-License-Identifier: MIT
#include "sites/naming.h"

#include <algorithm>
#include <utility>

namespace heapmeter::cli::sites {

NamedStacks named(int pid, const Profile &profile, Progress progress) {
  symbols::Options options;
  options.progress = progress == Progress::kShown;
  symbols::Namer namer(pid, profile.modules, options);
  namer.prepare(places(profile));
  Stacks stacks =
      name_stacks(profile, [&](int module, std::uint64_t offset) { return namer.name(module, offset); });
  return {std::move(stacks), namer.advice()};
}

NamesOfMembers::NamesOfMembers(const Together &together, const std::vector<int> &pids,
                               const Profile &asked_for)
    : together_(together), namers_(pids.size()) {
  std::vector<std::vector<symbols::Place>> of_members(pids.size());
  for (const symbols::Place &place : places(asked_for)) {
    const auto [member, module] = together.origin(place.module, place.offset);
    of_members[member].push_back({module, place.offset});
  }
  for (std::size_t member = 0; member < pids.size(); ++member) {
    if (of_members[member].empty()) continue;
    namers_[member] = std::make_unique<symbols::Namer>(pids[member], together.modules_of(member));
    namers_[member]->prepare(of_members[member]);
  }
}

std::vector<symbols::Frame> NamesOfMembers::name(int module, std::uint64_t offset) {
  const auto at = together_.origin(module, offset);
  return namers_[at.member]->name(at.module, offset);
}

std::vector<std::string> NamesOfMembers::advice() const {
  std::vector<std::string> all;
  for (const auto &namer : namers_) {
    if (namer == nullptr) continue;
    for (const std::string &line : namer->advice())
      if (std::find(all.begin(), all.end(), line) == all.end()) all.push_back(line);
  }
  return all;
}

NamedStacks named(const Together &together, const std::vector<int> &pids, const Profile &profile) {
  NamesOfMembers names(together, pids, profile);
  Stacks stacks =
      name_stacks(profile, [&](int module, std::uint64_t offset) { return names.name(module, offset); });
  return {std::move(stacks), names.advice()};
}

}  // namespace heapmeter::cli::sites
