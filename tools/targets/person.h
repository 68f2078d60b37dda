// SPDX-License-Identifier: MIT
//
// What people know a process by, beside its name: its command line and the container it is in.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "readings/census.h"

namespace heapmeter::cli {

struct Person {
  std::string command;    // printable; "" when it is not to be seen
  std::string cgroup;     // the path that says most, as the kernel has it
  std::string container;  // "" of one that is in none
};

Person person_of(int pid);

// A Process, or Silent process, of FORMATS.md.
boost::json::object process_json(const Member &member);

}  // namespace heapmeter::cli
