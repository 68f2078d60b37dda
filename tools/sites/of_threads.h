// SPDX-License-Identifier: MIT
//
// What of a profile is of some threads: of blocks that live, by samples, since these note who asked for a
// block; pure.
#pragma once

#include <string>

#include "readings/thread_list.h"
#include "sites/profile.h"

namespace heapmeter::cli::sites {

// The word for those that are no more.
inline constexpr const char *kExited = "(exited)";

// Only what is of the threads that the word names: a tid, a name, a pattern of names, or kExited. Where the
// process has none of these, its `threads` stay empty. All that samples do not tell by thread is 0.
Profile of_threads(Profile profile, const ThreadList &list, const std::string &word);

// "worker (4712)", or "3 threads".
std::string threads_text(const Profile &profile);

}  // namespace heapmeter::cli::sites
