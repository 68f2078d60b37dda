// SPDX-License-Identifier: MIT
#include "lost/made_rules.h"

#include <set>

#include "lost/whole_stack.h"
#include "suppressions/made.h"

namespace heapmeter::cli::lost {

std::string made_rules(const std::vector<Row> &rows, const sites::Profile &stacks,
                       const sites::Naming &naming) {
  std::set<std::string> known;
  std::string text;
  for (const Row &row : rows) {
    const std::string rule = suppressions::made_of(whole_stack(stacks, row.leaf, row.family, naming));
    if (known.insert(rule).second) text += rule;
  }
  return text;
}

}  // namespace heapmeter::cli::lost
