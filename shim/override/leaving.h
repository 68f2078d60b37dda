// SPDX-License-Identifier: MIT
//
// The end of a process without its exit handlers, and what is looked up for it at start: a forked child that
// looked itself would read pages of libc's tables that it reads for nothing else.
#pragma once

#include "base/search_order.h"

namespace heapmeter::override_leaving {

search_order::Sought *exit() noexcept;

}  // namespace heapmeter::override_leaving
