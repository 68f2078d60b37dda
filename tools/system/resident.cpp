// SPDX-License-Identifier: MIT
#include "system/resident.h"

#include <algorithm>
#include <sstream>

#include <unistd.h>

#include <fmt/format.h>

#include "system/file_text.h"
#include "system/process.h"

namespace heapmeter::cli::process {

std::optional<std::uint64_t> anonymous_bytes(int pid) {
  const auto text = file_text(fmt::format("/proc/{}/statm", living_thread(pid)));
  if (!text) return std::nullopt;
  std::uint64_t mapped = 0, resident = 0, others = 0;  // in pages; of the others files' and shared ones
  std::istringstream fields(*text);
  if (!(fields >> mapped >> resident >> others)) return std::nullopt;
  return (resident - std::min(resident, others)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace heapmeter::cli::process
