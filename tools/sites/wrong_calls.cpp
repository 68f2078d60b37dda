// SPDX-License-Identifier: MIT
#include "sites/wrong_calls.h"

#include <set>
#include <utility>

namespace heapmeter::cli::sites {

WrongCalls parse_wrong_calls(std::string_view json) {
  Page page = parse_lists(json);
  WrongCalls calls{page.wrong_calls, checked(page)};
  std::set<std::uint32_t> leaves;
  for (const WrongCall &call : calls.all) leaves.insert({call.made, call.called});
  leaves.erase(0);
  calls.code.sites.clear();
  for (const std::uint32_t leaf : leaves) calls.code.sites.push_back({leaf, {}});
  return calls;
}

}  // namespace heapmeter::cli::sites
