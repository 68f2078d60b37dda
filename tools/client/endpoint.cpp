// SPDX-License-Identifier: MIT
#include "client/endpoint.h"

#include <charconv>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "system/process.h"
#include "text/user_error.h"

namespace heapmeter::cli {

int Endpoint::local_pid() const {
  const auto status = process::status(pid);
  return status && status->start_time == start_time ? pid : 0;
}

namespace {

bool parse_name(const std::string &file, std::string_view suffix, int &pid, std::uint64_t &start_time) {
  if (!file.ends_with(suffix)) return false;
  const char *end = file.data() + file.size() - suffix.size();
  const auto first = std::from_chars(file.data(), end, pid);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-' || pid <= 0) return false;
  const auto second = std::from_chars(first.ptr + 1, end, start_time);
  if (second.ec != std::errc() || second.ptr != end) return false;
  // One process has one name.
  return file == fmt::format("{}-{}{}", pid, start_time, suffix);
}

// Fails for a directory of another user: his own `ps` will do it.
void remove_socket(const Endpoint &endpoint, bool only_old) {
  constexpr time_t kFresh = 2;
  struct stat file;
  if (fstatat(endpoint.directory->fd(), endpoint.file.c_str(), &file, AT_SYMLINK_NOFOLLOW) != 0) return;
  // One of the future is of a time before the clock was set back, and no less old.
  if (!S_ISSOCK(file.st_mode) || (only_old && std::abs(time(nullptr) - file.st_mtime) < kFresh)) return;
  unlinkat(endpoint.directory->fd(), endpoint.file.c_str(), 0);
}

}  // namespace

bool parse_socket_name(const std::string &file, int &pid, std::uint64_t &start_time) {
  return parse_name(file, HEAPMETER_SOCKET_SUFFIX, pid, start_time);
}

std::vector<Endpoint> endpoints_in(const std::shared_ptr<const SocketDirectory> &directory) {
  std::vector<Endpoint> found;
  for (const std::string &file : directory->files()) {
    Endpoint endpoint{directory, file};
    if (parse_socket_name(file, endpoint.pid, endpoint.start_time)) {
      found.push_back(endpoint);
    } else if (parse_name(file, HEAPMETER_UNFINISHED_SUFFIX, endpoint.pid, endpoint.start_time)) {
      remove_socket(endpoint, true);
    }
  }
  return found;
}

std::vector<Endpoint> all_endpoints() {
  std::vector<std::string> refused;
  return all_endpoints(refused);
}

std::vector<Endpoint> all_endpoints(std::vector<std::string> &refused) {
  std::vector<Endpoint> found;
  for (const auto &directory : socket_directories(refused)) {
    try {
      const auto some = endpoints_in(directory);
      found.insert(found.end(), some.begin(), some.end());
    } catch (const UserError &error) {
      refused.push_back(error.what());
    }
  }
  return found;
}

void remove_if_dead(const Endpoint &endpoint) {
  // A living process may have put a new one there in the meantime.
  remove_socket(endpoint, endpoint.local_pid() != 0);
}

}  // namespace heapmeter::cli
