// SPDX-License-Identifier: MIT
//
// Marks of whatever was chosen, and from the mark of a group back to who is in it now.
#pragma once

#include <functional>
#include <string>

#include "readings/mark.h"
#include "targets/chosen.h"

namespace heapmeter::cli {

using MarkOne = std::function<Mark(const Target &target, const std::string &name)>;

// Of one process, or of a group those of it that are there: one that ends meanwhile is left out. Throws
// UserError.
Mark mark_of(const Chosen &chosen, const std::string &name, const MarkOne &mark_one);
// Who would be chosen now. Throws UserError.
Chosen marked_now(const Mark &mark);

}  // namespace heapmeter::cli
