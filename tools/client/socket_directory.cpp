// SPDX-License-Identifier: MIT
#include "client/socket_directory.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "system/process.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 20'000;
constexpr std::size_t kMostPlaces = 10'000;
constexpr std::size_t kMostRefused = 20;  // anybody can make /tmp/heapmeter-NUMBER

struct Place {
  std::string path;
  uid_t owner;
};

// The standard places of everybody below a root directory, in which this process knows the users.
void add_all_users(std::vector<Place> &places, const std::string &root, int pid) {
  for (const auto &[folder, prefix, suffix] :
       {std::tuple("/tmp", "heapmeter-", ""),
        std::tuple("/run/user", "", "/" HEAPMETER_RUNTIME_SUBDIRECTORY)}) {
    std::error_code failed;
    for (const auto &entry : fs::directory_iterator(root + folder, failed)) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with(prefix)) continue;
      if (places.size() >= kMostPlaces) return;
      const std::string digits = name.substr(strlen(prefix));
      uid_t owner = 0;
      const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), owner);
      if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) continue;
      const auto ours = process::outer_user(pid, owner);
      if (ours) places.push_back({entry.path().string() + suffix, *ours});
    }
  }
}

// The same in every container, and below every other root directory, that we may look into, through a process
// that runs there, and where its processes were told.
void add_containers(std::vector<Place> &places) {
  const std::string ours = process::root_directory(getpid());
  std::set<std::string> entered;
  for (const int pid : process::all()) {
    const std::string files = process::root_directory(pid);
    if (files.empty() || files == ours) continue;
    const std::string root = fmt::format("/proc/{}/root", process::living_thread(pid));
    if (entered.insert(files).second) add_all_users(places, root, pid);
    const std::string chosen = process::variable(pid, HEAPMETER_DIR_VARIABLE);
    const auto user = process::effective_user(pid);
    if (chosen.starts_with('/') && user && entered.insert(files + chosen).second) {
      places.push_back({root + chosen, *user});
    }
  }
}

uid_t owner_of(const std::string &path) {
  struct stat status;
  return lstat(path.c_str(), &status) == 0 ? status.st_uid : geteuid();
}

std::vector<Place> places() {
  const char *chosen = getenv(HEAPMETER_DIR_VARIABLE);
  // The library ignores one that is relative or too long; so its sockets are in the standard places.
  if (chosen != nullptr && *chosen == '/' && strlen(chosen) <= kLongestDirectory) {
    if (!belongs_to_another(chosen, geteuid())) return {{chosen, geteuid()}};
    // For who gave up root to that user.
    if (geteuid() == 0) return {{chosen, owner_of(chosen)}};
  }
  std::vector<Place> found;
  const char *runtime = getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/') {
    found.push_back({std::string(runtime) + "/" HEAPMETER_RUNTIME_SUBDIRECTORY, geteuid()});
  }
  found.push_back({HEAPMETER_FALLBACK_DIRECTORY_START + std::to_string(geteuid()), geteuid()});
  if (geteuid() == 0) add_all_users(found, "", getpid());
  add_containers(found);
  return found;
}

// What the library made is mended; what it did not may be there for others, too.
std::string open_to_others(const std::string &path, uid_t owner) {
  const bool made_for_sockets = path.ends_with("/" HEAPMETER_RUNTIME_SUBDIRECTORY) ||
                                path.ends_with(HEAPMETER_FALLBACK_DIRECTORY_START + std::to_string(owner));
  return fmt::format("others may write to the socket directory {}, so it is not to be trusted; {} {}", path,
                     made_for_sockets ? "chmod 700" : "set HEAPMETER_DIR to a directory in it, such as",
                     made_for_sockets ? path : (fs::path(path) / HEAPMETER_RUNTIME_SUBDIRECTORY).string());
}

std::string refusal(const std::string &path, int error) {
  if (error == ELOOP || error == ENOTDIR) {
    std::error_code failed;
    const bool link = fs::is_symlink(fs::symlink_status(path, failed));
    return fmt::format("the socket directory {} is {}; {}", path,
                       link ? "a symbolic link, which is not to be trusted" : "not a directory",
                       link ? "set HEAPMETER_DIR to the directory itself" : "remove it or set HEAPMETER_DIR");
  }
  return fmt::format("the socket directory {} cannot be opened: {}", path, strerror(error));
}

}  // namespace

bool belongs_to_another(const std::string &path, uid_t user) {
  struct stat status;
  return lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid != user &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

std::shared_ptr<const SocketDirectory> SocketDirectory::open(const std::string &given, uid_t owner) {
  // A slash at the end would follow the link that O_NOFOLLOW is to refuse.
  std::string path = given;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return nullptr;
    throw UserError(refusal(path, errno));
  }
  std::shared_ptr<const SocketDirectory> directory(new SocketDirectory(path, fd, owner));
  struct stat status;
  if (fstat(fd, &status) != 0) throw UserError(refusal(path, errno));
  if (status.st_uid != owner) {
    throw UserError(
        fmt::format("the socket directory {} belongs to {}, not to {}, and is not to be trusted; "
                    "remove it, set HEAPMETER_DIR, or name a socket's path as the target",
                    path, process::user_name(status.st_uid), process::user_name(owner)));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw UserError(open_to_others(path, owner));
  }
  return directory;
}

std::shared_ptr<const SocketDirectory> SocketDirectory::open_unchecked(const std::string &path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) throw UserError(fmt::format("{}: {}", path, strerror(errno)));
  return std::shared_ptr<const SocketDirectory>(new SocketDirectory(path, fd, std::nullopt));
}

SocketDirectory::~SocketDirectory() { close(fd_); }

std::vector<std::string> SocketDirectory::files() const {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto &entry : fs::directory_iterator(fmt::format("/proc/self/fd/{}", fd_), failed)) {
    if (names.size() == kMostFiles) {
      throw UserError(fmt::format("the socket directory {} has more than {} files; remove what is not in use",
                                  path_, kMostFiles));
    }
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::shared_ptr<const SocketDirectory>> socket_directories(std::vector<std::string> &refused) {
  std::vector<std::shared_ptr<const SocketDirectory>> found;
  // One directory may have several names: a container often shares it with us.
  std::set<std::pair<dev_t, ino_t>> seen;
  for (const Place &place : places()) {
    try {
      const auto directory = SocketDirectory::open(place.path, place.owner);
      struct stat status;
      if (directory == nullptr || fstat(directory->fd(), &status) != 0) continue;
      if (seen.insert({status.st_dev, status.st_ino}).second) found.push_back(directory);
    } catch (const UserError &error) {
      // Of another's container it is his own to mend.
      const bool ours = !place.path.starts_with("/proc/");
      const bool known = std::find(refused.begin(), refused.end(), error.what()) != refused.end();
      if (ours && !known && refused.size() < kMostRefused) {
        refused.push_back(error.what());
      }
    }
  }
  if (found.empty() && !refused.empty()) throw UserError(refused.front());
  return found;
}

}  // namespace heapmeter::cli
