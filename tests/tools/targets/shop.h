// SPDX-License-Identifier: MIT
//
// A shop's processes, one of which grows and one of which says nothing.
#pragma once

#include "tools/targets/members.h"
#include "views/process_table.h"

namespace heapmeter::testing {

inline const std::vector<cli::Member> &shop_members() {
  static const std::vector<cli::Member> all = [] {
    std::vector<cli::Member> members;
    for (int at = 0; at < 20; ++at) members.push_back(member(25'800 + at, "prefork", 1 << 20));
    members.push_back(member(25'827, "prefork", 131 << 20, 135 << 10));
    members.push_back(member(31'000, "nginx", 3 << 20, -(40 << 10)));
    members.push_back(member(31'001, "postgres", 9 << 20));
    members.back().reading.reset();
    members.back().complaint = "not answering";
    return members;
  }();
  return all;
}

inline std::vector<cli::ProcessLine> shop_lines(bool contained = false) {
  std::vector<cli::ProcessLine> all;
  for (const cli::Member &each : shop_members()) {
    cli::ProcessLine line{&each, "",
                          "/usr/sbin/" + each.name() + " --worker " + std::to_string(each.local_pid), ""};
    if (each.local_pid == 31'000)
      line.command =
          "nginx: worker \xe8\xae\xa2\xe5\x8d\x95\xe6\x9c\x8d\xe5\x8a\xa1 process of the shop in the web "
          "room";
    if (contained && each.local_pid > 30'000) line.container = "docker 3f4a8c21d0b7";
    all.push_back(line);
  }
  return all;
}

}  // namespace heapmeter::testing
