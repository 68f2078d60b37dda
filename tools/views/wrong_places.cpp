// SPDX-License-Identifier: MIT
#include "views/wrong_places.h"

#include <map>
#include <string>

#include "readings/wrong_call.h"
#include "views/code_places.h"

namespace heapmeter::cli {

void add_places(Reading &reading, const sites::WrongCalls &calls, const sites::Stacks &stacks) {
  constexpr std::size_t kCallers = 1;
  std::map<std::uint32_t, std::string> by_leaf;
  for (const sites::Stacks::Stack &stack : stacks.stacks) {
    const std::string place = code_place(stacks, stack, kCallers, false);
    for (const std::uint32_t site : stack.sites) by_leaf[calls.code.sites[site].leaf] = place;
  }
  for (const sites::WrongCall &call : calls.all)
    add_wrong_places(reading, call.record, by_leaf[call.made], by_leaf[call.called]);
}

}  // namespace heapmeter::cli
