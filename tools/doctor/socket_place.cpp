// SPDX-License-Identifier: MIT
#include "doctor/socket_place.h"

#include <filesystem>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "client/socket_directory.h"
#include "system/process.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char *kAnother = "set HEAPMETER_DIR to a directory of its user that nobody else may write to";

// By the mode alone; of a group we do not know, the best is assumed.
bool may_write(const std::string &path, uid_t user) {
  struct stat status;
  struct statvfs mounted;
  if (stat(path.c_str(), &status) != 0) return false;
  if (statvfs(path.c_str(), &mounted) == 0 && (mounted.f_flag & ST_RDONLY) != 0) return false;
  if (user == geteuid()) return faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
  const mode_t need = status.st_uid == user ? S_IWUSR : S_IWGRP | S_IWOTH;
  return user == 0 || (status.st_mode & need) != 0;
}

// The library makes the last component itself.
std::string trouble_of_missing(const std::string &path, const SocketOwner &owner) {
  const std::string parent = fs::path(path).parent_path();
  struct stat status;
  if (stat((owner.root + parent).c_str(), &status) != 0) {
    return fmt::format("the socket directory {} cannot be made, for there is no {}; {}", path, parent,
                       kAnother);
  }
  if (!S_ISDIR(status.st_mode) || !may_write(owner.root + parent, owner.user)) {
    return fmt::format("the socket directory {} cannot be made, for {} may not write to {}; {}", path,
                       process::user_name(owner.user), parent, kAnother);
  }
  return "";
}

// The rule it breaks and what to do, or "".
std::string trouble_of(const std::string &path, const SocketOwner &owner) {
  std::string clean = path;
  while (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  try {
    if (SocketDirectory::open(owner.root + clean, owner.user) == nullptr)
      return trouble_of_missing(clean, owner);
  } catch (const UserError &error) {
    return error.what();
  }
  if (may_write(owner.root + clean, owner.user)) return "";
  return fmt::format("{} may not write to the socket directory {}; {}", process::user_name(owner.user), clean,
                     kAnother);
}

bool is_usable(const std::string &path, const SocketOwner &owner) {
  struct stat status;
  return lstat((owner.root + path).c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         status.st_uid == owner.user && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// Where the library goes when it is not told, and what is wrong there.
std::pair<std::string, std::string> standard_place(const SocketOwner &owner) {
  const std::string runtime = owner.variable("XDG_RUNTIME_DIR");
  if (runtime.starts_with('/') && is_usable(runtime, owner)) {
    const std::string below = runtime + "/" HEAPMETER_RUNTIME_SUBDIRECTORY;
    if (trouble_of(below, owner).empty()) return {below, ""};
  }
  const std::string fallback = HEAPMETER_FALLBACK_DIRECTORY_START + std::to_string(owner.user);
  return {fallback, trouble_of(fallback, owner)};
}

}  // namespace

std::optional<Finding> socket_trouble(const SocketOwner &owner) {
  const auto told = [](const std::string &path, const std::string &trouble) -> std::optional<Finding> {
    if (trouble.empty()) return std::nullopt;
    return finding_from(Found::k_socket_directory, path, trouble);
  };
  const std::string chosen = owner.variable(HEAPMETER_DIR_VARIABLE);
  const bool chose = chosen.starts_with('/') && chosen.size() <= kLongestDirectory;
  const bool anothers = chose && belongs_to_another(owner.root + chosen, owner.user);
  if (chose && !anothers) return told(chosen, trouble_of(chosen, owner));
  const auto [standard, trouble] = standard_place(owner);
  if (!trouble.empty() || !anothers) return told(standard, trouble);
  return told(chosen,
              fmt::format("the socket directory {} does not belong to {}, and is not used: the socket "
                          "is in {}; {}",
                          chosen, process::user_name(owner.user), standard, kAnother));
}

}  // namespace heapmeter::cli
