// SPDX-License-Identifier: MIT
#include "endpoint.h"

#include <charconv>
#include <ctime>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "process.h"

namespace heapmeter::cli {

std::string Endpoint::address() const { return fmt::format("/proc/self/fd/{}/{}", directory->fd(), file); }

int Endpoint::local_pid() const {
  const auto status = process::status(pid);
  return status && status->start_time == start_time ? pid : 0;
}

bool parse_socket_name(const std::string &file, int &pid, std::uint64_t &start_time) {
  constexpr std::string_view kSuffix = ".sock";
  if (!file.ends_with(kSuffix)) return false;
  const char *end = file.data() + file.size() - kSuffix.size();
  const auto first = std::from_chars(file.data(), end, pid);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-' || pid <= 0) return false;
  const auto second = std::from_chars(first.ptr + 1, end, start_time);
  return second.ec == std::errc() && second.ptr == end;
}

std::vector<Endpoint> endpoints_in(const std::shared_ptr<const SocketDirectory> &directory) {
  std::vector<Endpoint> found;
  for (const std::string &file : directory->files()) {
    Endpoint endpoint{directory, file};
    if (parse_socket_name(file, endpoint.pid, endpoint.start_time)) found.push_back(endpoint);
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
    const auto some = endpoints_in(directory);
    found.insert(found.end(), some.begin(), some.end());
  }
  return found;
}

void remove_if_dead(const Endpoint &endpoint) {
  constexpr time_t kSettled = 2;  // a living process may be between bind and listen for a moment
  struct stat file;
  if (fstatat(endpoint.directory->fd(), endpoint.file.c_str(), &file, AT_SYMLINK_NOFOLLOW) != 0) return;
  if (!S_ISSOCK(file.st_mode)) return;
  if (endpoint.local_pid() != 0 && time(nullptr) - file.st_mtime < kSettled) return;
  // Fails for a directory of another user: his own `ps` will do it.
  unlinkat(endpoint.directory->fd(), endpoint.file.c_str(), 0);
}

}  // namespace heapmeter::cli
