// SPDX-License-Identifier: MIT
//
// Sites as a table, as a tree, one in full, and as JSON; pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <boost/json/object.hpp>

#include "sites/tree.h"
#include "views/site_view.h"

namespace heapmeter::cli {

// "every allocation attributed"; and ", for 3m 12s".
std::string way_text(const sites::Profile &profile);
std::string mode_text(const sites::Profile &profile);

// Whose it is, how much, and how it was found; and all of it.
std::string site_head(const SiteView &view, const Look &look);
std::string site_table(const SiteView &view, const Look &look);
std::string site_tree(const SiteView &view, sites::Direction direction, const Look &look);
// The whole stack of one site of the profile, and whose it is, where the profile says.
std::string site_text(const sites::Profile &profile, std::uint32_t site, const std::string &heading,
                      const sites::Naming &naming, const Look &look,
                      const std::map<std::uint32_t, std::string> &threads = {});
boost::json::object site_json(const SiteView &view, const sites::Stacks::Stack &stack);
boost::json::object sites_json(const SiteView &view);

}  // namespace heapmeter::cli
