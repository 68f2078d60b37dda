// SPDX-License-Identifier: MIT
#include "run/uncounted.h"

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

#include <unistd.h>

#include "doctor/process.h"
#include "doctor/program.h"
#include "readings/target.h"
#include "system/family.h"
#include "system/process.h"
#include "system/program.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

std::function<std::vector<int>(int)> who_has_children() {
  if (family::tells_children()) return family::children;
  std::map<int, std::vector<int>> of_parent;
  for (const int each : process::all()) {
    if (const auto status = process::status(each)) of_parent[status->parent].push_back(each);
  }
  return [of_parent = std::move(of_parent)](int pid) {
    const auto found = of_parent.find(pid);
    return found == of_parent.end() ? std::vector<int>() : found->second;
  };
}

// Looked for as we would: where it was started in another directory, or with another PATH, it is the word
// that was given.
std::string path_of(const std::string &word) {
  try {
    return find_program(word);
  } catch (const UserError &) {
    return word;
  }
}

bool same_file(const std::string &a, const std::string &b) {
  std::error_code failed;
  return a == b || std::filesystem::equivalent(a, b, failed);
}

std::string why_not(const Unentered &program, const std::string &path, const std::filesystem::path &library) {
  if (same_file(path, process::executable(getpid()))) return "the tool itself runs without the meter";
  try {
    for (const Finding &finding : program_findings(path, library)) {
      if (finding.effect() >= Effect::kUncounted) return finding.what;
    }
  } catch (const UserError &) {
    // Gone, or not to be read.
  }
  const std::string name = std::filesystem::path(path).filename();
  return program.loaded
             ? name + " brings its own malloc, or was loaded with another library that does"
             : name + " was started without the meter in its environment, or ended before it counted";
}

}  // namespace

std::set<int> UncountedPrograms::look_at_family(int pid) {
  const auto children = who_has_children();
  std::set<int> seen = {pid};
  for (std::vector<int> next = {pid}; !next.empty();) {
    const int each = next.back();
    next.pop_back();
    look_at(each);
    for (const int child : children(each)) {
      if (seen.insert(child).second) next.push_back(child);
    }
  }
  return seen;
}

void UncountedPrograms::look_at(int pid) {
  const std::string program = process::executable(pid);
  if (program.empty() || known_.count(program) != 0) return;
  try {
    for (const Finding &finding : process_findings(pid, false)) {
      // Not being loaded alone says nothing: a moment after its exec no program has loaded anything.
      if (finding.effect() < Effect::kUncounted || finding.found == Found::k_not_loaded) continue;
      // One that is built on the next malloc is counted all the same, and served, if not at once.
      Target served;
      if (finding.found == Found::k_own_malloc && await_endpoint(pid, served)) break;
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

std::vector<Uncounted> with_unentered(std::vector<Uncounted> seen, const std::vector<Unentered> &told,
                                      const std::filesystem::path &library) {
  for (const Unentered &each : told) {
    const std::string path = path_of(each.program);
    const auto known = std::find_if(seen.begin(), seen.end(),
                                    [&](const Uncounted &one) { return same_file(one.program, path); });
    if (known != seen.end()) {
      known->runs = std::max(known->runs, each.times);
    } else {
      seen.push_back({each.pid, path, why_not(each, path, library), each.times});
    }
  }
  return seen;
}

}  // namespace heapmeter::cli
