// SPDX-License-Identifier: MIT
#include "system/mapped_files.h"

#include <inttypes.h>
#include <stdio.h>

#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "system/file_text.h"

namespace heapmeter::cli {

// "7f0e32556000-7f0e32557000 r-xp 00000000 fe:00 123    /path"
MappedFiles::MappedFiles(int pid) {
  std::istringstream lines(file_text(fmt::format("/proc/{}/maps", pid)).value_or(""));
  for (std::string line; std::getline(lines, line);) {
    std::uint64_t start = 0, end = 0, inode = 0;
    unsigned major = 0, minor = 0;
    if (sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %*s %*s %x:%x %" SCNu64, &start, &end, &major, &minor,
               &inode) == 5 &&
        inode != 0)
      mappings_[start] = {end, fmt::format("{}:{} {}", major, minor, inode)};
  }
}

std::string MappedFiles::at(std::uint64_t address) const {
  const auto after = mappings_.upper_bound(address);
  if (after == mappings_.begin()) return "";
  const Mapping &mapping = std::prev(after)->second;
  return address < mapping.end ? mapping.file : "";
}

}  // namespace heapmeter::cli
