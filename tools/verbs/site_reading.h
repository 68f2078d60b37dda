// SPDX-License-Identifier: MIT
//
// The sites of a living process, asked for: all of them, or what is of some of its threads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "readings/target.h"
#include "sites/profile.h"

namespace heapmeter::cli {

struct SiteReading {
  sites::Profile profile;
  std::vector<std::string> threads;  // the names of all there are, where some were asked for
};

// `thread`: as sites::of_threads() has it; empty: all. Throws UserError, and ProcessEnded.
SiteReading read_sites(const Target &target, const std::string &thread);

// With what each thread asked for, and what the threads are called, by the tid of the page; nothing where the
// library does not tell. Throws ProcessEnded.
struct SitesByThread {
  sites::Profile profile;
  std::map<std::uint32_t, std::string> names;
};
std::optional<SitesByThread> read_sites_by_thread(const Target &target);

// That none of the threads is called so, but like these.
[[noreturn]] void throw_no_thread(const std::string &whose, const std::string &thread,
                                  std::vector<std::string> names);

}  // namespace heapmeter::cli
