// SPDX-License-Identifier: MIT
#include "targets/person.h"

#include "system/process.h"
#include "targets/container.h"
#include "targets/kin.h"

namespace heapmeter::cli {

Person person_of(int pid) {
  Person person;
  const auto kin = pid == 0 ? std::nullopt : kin_of(pid);
  if (!kin) return person;
  person.command = command_of(pid);
  for (const std::string &path : kin->cgroups) {
    if (person.cgroup.size() < path.size()) person.cgroup = path;
    if (person.container.empty()) person.container = container_of(path);
  }
  if (person.container.empty() && process::shares_namespace(pid, "pid") == false)
    person.container = "unnamed";
  return person;
}

boost::json::object process_json(const Member &member) {
  boost::json::object object = to_json(member);
  const Person person = person_of(member.local_pid);
  const auto or_nothing = [](const std::string &text) {
    return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
  };
  object["command"] = or_nothing(person.command);
  object["cgroup"] = or_nothing(person.cgroup);
  object["container"] = or_nothing(person.container);
  return object;
}

}  // namespace heapmeter::cli
