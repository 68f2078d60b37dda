// SPDX-License-Identifier: MIT
#include "system/blankless_link.h"

#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

namespace heapmeter::cli {
namespace {

namespace fs = std::filesystem;

// Whoever else could write there would choose what is loaded.
bool is_ours_alone(const fs::path &directory) {
  struct stat about = {};
  return lstat(directory.c_str(), &about) == 0 && S_ISDIR(about.st_mode) && about.st_uid == geteuid() &&
         (about.st_mode & 022) == 0;
}

std::vector<fs::path> private_directories() {
  std::vector<fs::path> all;
  const char *runtime = getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/')
    all.push_back(fs::path(runtime) / HEAPMETER_RUNTIME_SUBDIRECTORY);
  all.push_back(fmt::format(HEAPMETER_FALLBACK_DIRECTORY_START "{}", geteuid()));
  return all;
}

// The same name for the same folder, always.
std::string hash_of(const std::string &text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char each : text) hash = (hash ^ each) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

bool leads_to(const fs::path &link, const fs::path &folder) {
  std::error_code failed;
  return fs::read_symlink(link, failed) == folder && !failed;
}

}  // namespace

std::optional<fs::path> blankless_link(const fs::path &folder) {
  for (const fs::path &directory : private_directories()) {
    mkdir(directory.c_str(), 0700);
    if (!is_ours_alone(directory)) continue;
    const fs::path link = directory / ("library-" + hash_of(folder.string()));
    // It may be there from another time.
    if (symlink(folder.c_str(), link.c_str()) == 0 || leads_to(link, folder)) return link;
  }
  return std::nullopt;
}

}  // namespace heapmeter::cli
