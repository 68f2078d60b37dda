// SPDX-License-Identifier: MIT
#include "sites/naming.h"

#include "symbols/namer.h"

namespace heapmeter::cli::sites {

NamedStacks named(int pid, const Profile &profile) {
  symbols::Namer namer(pid, profile.modules);
  namer.prepare(places(profile));
  Stacks stacks =
      name_stacks(profile, [&](int module, std::uint64_t offset) { return namer.name(module, offset); });
  return {std::move(stacks), namer.advice()};
}

}  // namespace heapmeter::cli::sites
