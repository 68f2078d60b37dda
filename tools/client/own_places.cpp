// SPDX-License-Identifier: MIT
#include "client/own_places.h"

#include <string>

#include <stdlib.h>
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "system/process.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

// They were told the directory that we were told, may no longer use it, and have theirs where their user has
// his; what else is there nobody asked for.
void add_who_gave_up_root(std::vector<Endpoint> &found) {
  const char *chosen = getenv(HEAPMETER_DIR_VARIABLE);
  if (geteuid() != 0 || chosen == nullptr || *chosen == '\0') return;
  for (const int pid : process::all()) {
    if (process::variable(pid, HEAPMETER_DIR_VARIABLE) != chosen) continue;
    const auto user = process::effective_user(pid);
    if (!user || *user == 0) continue;
    for (const Endpoint &endpoint : endpoints_of(pid)) {
      if (endpoint.directory->path() != chosen) found.push_back(endpoint);
    }
  }
}

}  // namespace

std::vector<Endpoint> endpoints_of(int pid) {
  const auto owner = process::effective_user(pid);
  const auto itself = owner ? process::inner_user(pid, *owner) : std::nullopt;
  if (!itself) return {};
  const bool as_ours = process::root_directory(pid) == process::root_directory(getpid());
  const std::string root = as_ours ? "" : fmt::format("/proc/{}/root", process::living_thread(pid));
  const std::string chosen = process::variable(pid, HEAPMETER_DIR_VARIABLE);
  const std::string runtime = process::variable(pid, "XDG_RUNTIME_DIR");
  std::vector<std::string> places;
  if (!chosen.empty()) places.push_back(root + chosen);
  if (!runtime.empty()) places.push_back(root + runtime + "/" HEAPMETER_RUNTIME_SUBDIRECTORY);
  places.push_back(root + HEAPMETER_FALLBACK_DIRECTORY_START + std::to_string(*itself));
  const int inner = process::innermost_pid(pid);
  std::vector<Endpoint> found;
  for (const std::string &place : places) {
    try {
      const auto directory = SocketDirectory::open(place, *owner);
      if (directory == nullptr) continue;
      for (const Endpoint &endpoint : endpoints_in(directory)) {
        if (endpoint.pid == inner) found.push_back(endpoint);
      }
    } catch (const UserError &) {
      // Not ours to trust: as if it were not there, the caller says what is missing.
    }
  }
  return found;
}

std::vector<Endpoint> reachable_endpoints(std::vector<std::string> &refused) {
  std::vector<Endpoint> found = all_endpoints(refused);
  add_who_gave_up_root(found);
  return found;
}

std::vector<Endpoint> reachable_endpoints() {
  std::vector<std::string> refused;
  return reachable_endpoints(refused);
}

}  // namespace heapmeter::cli
