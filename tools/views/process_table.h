// SPDX-License-Identifier: MIT
//
// Processes as a table, with their sum; groups of them, one that stands out named and the rest folded; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "targets/group.h"
#include "views/site_view.h"

namespace heapmeter::cli {

struct ProcessLine {
  const Member *member = nullptr;
  std::string branch = {};  // before its name, in a tree
  std::string command = {}, container = {};
};

// What processes can be sorted by: "live", "growth" ...
std::vector<std::string> process_orders();
// Most first, but names and pids in their order; what is not known comes last.
void sort_processes(std::vector<ProcessLine> &lines, std::string_view order);

// As wide as the look is: columns that have no room go. With a line for all of them together, of two or more.
std::string process_table(const std::vector<ProcessLine> &lines, const Look &look);

// "prefork: 21 processes  live 131 MiB, all of it in 25827  ..."
std::string group_heading(const std::string &label, const std::vector<const Member *> &members,
                          const Look &look);
// Who matters of them; others are one line.
std::string group_rows(const std::vector<ProcessLine> &lines, const Look &look);
// The heading, and then these.
std::string group_table(const std::string &label, const std::vector<ProcessLine> &lines, const Look &look);

struct NamedGroup {
  std::string name;
  std::vector<const Member *> members;
};
// A row for each.
std::string groups_table(const std::vector<NamedGroup> &groups, const Look &look);

}  // namespace heapmeter::cli
