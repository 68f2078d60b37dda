// SPDX-License-Identifier: MIT
#include "system/limits.h"

#include <cstdlib>

#include <sys/resource.h>

#include <fmt/format.h>

#include "system/file_text.h"

namespace heapmeter::cli {
namespace {

std::uint64_t status_bytes(const std::string &status, const std::string &key) {
  const std::string start = "\n" + key + ":";
  const std::size_t at = status.find(start);
  return at == std::string::npos ? 0 : 1024 * std::strtoull(status.c_str() + at + start.size(), nullptr, 10);
}

}  // namespace

std::vector<MemoryLimit> memory_limits(int pid) {
  const std::string status = file_text(fmt::format("/proc/{}/status", pid)).value_or("");
  std::vector<MemoryLimit> found;
  const auto add = [&](auto resource, const char *key, const char *name) {
    rlimit limit{};
    const std::uint64_t used = status_bytes(status, key);
    if (used == 0 || prlimit(pid, resource, nullptr, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
    found.push_back({name, used, limit.rlim_cur});
  };
  add(RLIMIT_AS, "VmSize", "the limit of its address space (ulimit -v)");
  add(RLIMIT_DATA, "VmData", "the limit of its data (ulimit -d)");
  return found;
}

}  // namespace heapmeter::cli
