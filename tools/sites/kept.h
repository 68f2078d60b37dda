// SPDX-License-Identifier: MIT
//
// Sites in a mark or a report: as module, build-id and offset, so that they can be named later and on another
// machine; in the manner of /v1/sites, and never more than a file can hold.
#pragma once

#include <optional>
#include <vector>

#include <boost/json/object.hpp>

#include "readings/mark.h"
#include "sites/profile.h"

namespace heapmeter::cli::sites {

inline constexpr std::size_t kMostKept = 50'000, kMostKeptNodes = 200'000;

// What holds most comes first; what has no room is summed up in fields of its own, "left_out_…".
boost::json::object kept_page(const Profile &profile, std::size_t most = kMostKept,
                              std::size_t most_nodes = kMostKeptNodes);

// None where the library did not tell of sites. Throws UserError when they are damaged.
std::optional<Profile> kept_in(const Mark &mark);
// Of each process of the mark of a group, or of the one process, that tells of sites, even that it notes
// none.
std::vector<KeptMember> kept_members(const Mark &mark);
// Of what a process reported at its exit, which has the largest; NoAnswer when they are damaged.
std::optional<Profile> reported_in(const boost::json::object &report);

// As mark_living(), with the sites. A process that does not tell them, or not in time, has a mark without;
// `hindrance` says why. Where several share a file, each has its part of the room.
Mark mark_with_sites(const Target &target, const std::string &name, std::string &hindrance,
                     std::size_t sharing = 1);

}  // namespace heapmeter::cli::sites
