// SPDX-License-Identifier: MIT
#include "doctor/huge_pages.h"

namespace heapmeter::cli {

std::optional<Finding> huge_pages_finding(const std::string &who, const std::string &word) {
  const auto note = [](const std::string &what, const std::string &advice) {
    return Finding{Found::k_huge_pages, "", what, advice};
  };
  if (word == "on") return note(who + " has huge pages for what its heap grows by, from 32 MiB on", "");
  if (word == "never") {
    return note(who + " asks for huge pages, and this kernel gives none to anybody",
                "write madvise to /sys/kernel/mm/transparent_hugepage/enabled, and start it anew");
  }
  if (word == "disabled") {
    return note(
        who + " asks for huge pages, and whoever started it has switched them off (PR_SET_THP_DISABLE)",
        "start it in another way");
  }
  if (word == "unsupported") {
    return note(who + " asks for huge pages, which only heaps on mimalloc of the 2.0 series can have",
                "start it on that, without HEAPMETER_BACKEND=next and without limits of address space");
  }
  return std::nullopt;
}

}  // namespace heapmeter::cli
