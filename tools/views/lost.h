// SPDX-License-Identifier: MIT
//
// Lost blocks, as text and as JSON; pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "text/terminal.h"
#include "views/lost_rows.h"

namespace heapmeter::cli {

// Whose registers were read when the last image was made.
struct ReadRegisters {
  std::size_t threads = 0, left_out = 0;
  bool others_came = false;  // faster than they could be stopped: not all of them are known
  double stopped_seconds = 0;
};

struct LostView {
  lost::Look look;                      // what two looks agree on, or one
  std::optional<double> apart_seconds;  // none: one look only
  std::optional<ReadRegisters> registers;
  std::vector<lost::NamedRow> rows;
  bool stacks_known = false;  // whether the process attributes its blocks at all
  // The first bytes of examples, by address, where they were asked for; why there are none.
  std::optional<std::map<std::uint64_t, std::string>> contents;
  std::string no_contents;
  Suppressions suppressed;          // and not in any of these
  std::vector<std::string> advice;  // what would name more
};

struct LostStyle {
  std::size_t most_rows = 20, depth = 4;
  Units units;
  Paint paint{false};
  int width = 0;  // of all; where it is narrow, without an example of each
};

std::string lost_text(const std::string &target, const LostView &view, const LostStyle &style);
// Its two parts: how much and by which code; sentences on what there may be beyond, in lines each.
std::string lost_table(const std::string &target, const LostView &view, const LostStyle &style);
std::vector<std::string> lost_notes(const LostView &view, const LostStyle &style);
std::string in_lines(const std::string &sentence, int width);
boost::json::object lost_json(const LostView &view);

}  // namespace heapmeter::cli
