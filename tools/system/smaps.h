// SPDX-License-Identifier: MIT
//
// The mappings of a process as /proc/PID/smaps lists them; pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heapmeter::cli {

struct Mapping {
  std::uint64_t start = 0, end = 0, offset = 0;  // offset in the file
  std::string permissions;                       // rwxp, or s for shared
  std::string name;                              // a path, [heap], or ""
  std::uint64_t resident_bytes = 0, swap_bytes = 0, huge_page_bytes = 0;
  std::uint64_t transparent_huge_bytes = 0;  // of what is resident
  bool of_huge_pages = false;                // of hugetlb
  bool without_huge_pages = false;

  std::uint64_t bytes() const { return end - start; }
  bool writable() const { return permissions.size() > 1 && permissions[1] == 'w'; }
  bool executable() const { return permissions.size() > 2 && permissions[2] == 'x'; }
  bool accessible() const { return !permissions.starts_with("---"); }
  bool shared() const { return permissions.size() > 3 && permissions[3] == 's'; }
  bool of_file() const { return name.starts_with('/'); }
};

// In the order of addresses. What is not understood is passed over.
std::vector<Mapping> parse_smaps(std::string_view text);

}  // namespace heapmeter::cli
