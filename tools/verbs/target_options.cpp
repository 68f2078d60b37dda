// SPDX-License-Identifier: MIT
#include "verbs/target_options.h"

namespace heapmeter::cli {

void add_targets(Parser &parser, Wanted &wanted) {
  parser.words("TARGET", wanted.words,
               "a pid, a name, a pattern ('php*'), a unit, or the path of a socket; several are one group");
  add_group_options(parser, wanted);
}

void add_group_options(Parser &parser, Wanted &wanted) {
  parser.option("--below", wanted.below, "PID", "this process and all that descend from it");
  parser.option("--cgroup", wanted.cgroup, "NAME",
                "those in a container (its id), a unit of systemd, or a control group (the end of its path)");
}

}  // namespace heapmeter::cli
