// SPDX-License-Identifier: MIT
#include "system/page_map.h"

#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace heapmeter::cli {
namespace {

constexpr std::uint64_t kMostPages = 4u << 20;  // 16 GiB of small ones

}  // namespace

PageMap::PageMap(int pid) : fd_(open(fmt::format("/proc/{}/pagemap", pid).c_str(), O_RDONLY | O_CLOEXEC)) {}

PageMap::~PageMap() {
  if (fd_ >= 0) close(fd_);
}

std::optional<std::uint64_t> PageMap::resident(std::uint64_t start, std::uint64_t end) const {
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t count = end > start ? (end - start) / page : 0;
  if (fd_ < 0 || count > kMostPages) return std::nullopt;
  // One number a page, with the highest bit set where it is there.
  std::vector<std::uint64_t> pages(count);
  const auto bytes = static_cast<ssize_t>(count * sizeof pages[0]);
  const auto at = static_cast<off_t>(start / page * sizeof pages[0]);
  if (pread(fd_, pages.data(), static_cast<std::size_t>(bytes), at) != bytes) return std::nullopt;
  std::uint64_t present = 0;
  for (const std::uint64_t each : pages) present += each >> 63;
  return present * page;
}

}  // namespace heapmeter::cli
