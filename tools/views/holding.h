// SPDX-License-Identifier: MIT
//
// Who points at some blocks, as a table, as a tree and as JSON; pure.
#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "lost/holding.h"
#include "text/terminal.h"
#include "views/site_view.h"

namespace heapmeter::cli {

struct HoldingView {
  lost::Holding holding;
  std::string wanted;  // "blocks of 733 bytes"
  // Of each of the holders and of the ways.
  std::vector<std::string> holder_names, way_names;
  std::vector<std::string> notes;
};

// What a holder is called: a block by the code it is from, data by its variable, where these are known.
std::string holder_name(const lost::Holder &holder, const std::string &code, const std::string &variable,
                        const Units &units);
std::string holding_table(const std::string &target, const HoldingView &view, std::size_t most_rows,
                          const Look &look);
std::string holding_tree(const std::string &target, const HoldingView &view, std::size_t most_rows,
                         const Look &look);
boost::json::object holding_json(const HoldingView &view);

}  // namespace heapmeter::cli
