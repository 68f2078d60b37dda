// SPDX-License-Identifier: MIT
//
// Sites in the formats that other tools read; pure.
#pragma once

#include <string>
#include <vector>

#include "sites/ranking.h"

namespace heapmeter::cli::sites {

// A line a stack, "main;load;parse 4096": what flamegraph.pl, inferno and many more read.
std::string folded_text(const Stacks &stacks, const std::vector<const Stacks::Stack *> &chosen, By by);

// For https://www.speedscope.app and its like: JSON, with a profile for live and one for allocated bytes.
std::string speedscope_text(const Profile &profile, const Stacks &stacks,
                            const std::vector<const Stacks::Stack *> &chosen);

// For pprof: profile.proto, not compressed. Whole stacks, with addresses, modules and build-ids.
std::string pprof_message(const Profile &profile, const Naming &naming);
std::string gzipped(const std::string &bytes);

// As these show a frame: "Cache::put(int)", or "libfoo.so+0x1234" where there is no name.
std::string frame_name(const symbols::Frame &frame);

}  // namespace heapmeter::cli::sites
