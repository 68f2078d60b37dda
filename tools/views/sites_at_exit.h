// SPDX-License-Identifier: MIT
//
// Which code held most when a program held most, and at its exit, as text, as JSON and as a comment; pure.
#pragma once

#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "sites/naming.h"
#include "views/site_view.h"

namespace heapmeter::cli {

struct SitesAtExit {
  std::string whose, why;  // "name (pid)", and why its; "" where nothing ran beside it
  std::string hindrance;   // why nothing is known; then the rest is empty
  // It left no report: they are those of the last reading, so long after its start.
  std::optional<double> read_after = {};
  sites::Profile profile = {};
  sites::NamedStacks named = {};
};

std::string sites_at_exit_text(const SitesAtExit &sites, const Look &look);
// "" where there is nothing to tell.
std::string sites_at_exit_markdown(const SitesAtExit &sites);
boost::json::object sites_at_exit_json(const SitesAtExit &sites);

}  // namespace heapmeter::cli
