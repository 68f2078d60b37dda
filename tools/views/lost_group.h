// SPDX-License-Identifier: MIT
//
// Lost blocks of several processes, of each by itself, as text and as JSON; pure.
#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "targets/unreached.h"
#include "views/lost.h"

namespace heapmeter::cli {

struct LostGroup {
  struct Member {
    std::string label;
    LostView view;
  };

  std::string word;  // as the user named them
  std::vector<Member> members;
  std::vector<Unreached> others;  // not looked at
};

std::string lost_group_text(const LostGroup &group, const LostStyle &style);
boost::json::object lost_group_json(const LostGroup &group);

}  // namespace heapmeter::cli
