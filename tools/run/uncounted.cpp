// SPDX-License-Identifier: MIT
#include "run/uncounted.h"

#include <algorithm>
#include <map>

#include "doctor/process.h"
#include "system/process.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

// It and all that descend from it.
std::vector<int> family(int pid) {
  std::multimap<int, int> children;
  for (const int each : process::all()) {
    if (const auto status = process::status(each)) children.emplace(status->parent, each);
  }
  std::vector<int> found = {pid};
  for (std::size_t at = 0; at < found.size(); ++at) {
    const auto [first, last] = children.equal_range(found[at]);
    std::transform(first, last, std::back_inserter(found), [](const auto &child) { return child.second; });
  }
  return found;
}

}  // namespace

void UncountedPrograms::look_at_family(int pid) {
  for (const int each : family(pid)) look_at(each);
}

void UncountedPrograms::look_at(int pid) {
  const std::string program = process::executable(pid);
  if (program.empty() || known_.count(program) != 0) return;
  try {
    for (const Finding &finding : process_findings(pid, true)) {
      // Not being loaded alone says nothing: a moment after its exec no program has loaded anything.
      if (finding.effect() < Effect::kUncounted || finding.found == Found::k_not_loaded) continue;
      // Of the same program: it may have become another one meanwhile.
      if (process::executable(pid) == program) {
        known_.insert(program);
        found_.push_back({pid, program, finding.what});
      }
      return;
    }
  } catch (const UserError &) {
    return;  // it has ended, or is somebody else's
  }
  if (process::has_library(pid) == true) known_.insert(program);
}

}  // namespace heapmeter::cli
