// SPDX-License-Identifier: MIT
//
// What standard output can show.
#pragma once

#include <unistd.h>

#include "text/terminal.h"
#include "views/site_view.h"

namespace heapmeter::cli {

inline Look look_of(const Units &units) {
  return {units, Paint::for_fd(STDOUT_FILENO), speaks_utf8(), terminal_columns(STDOUT_FILENO)};
}

}  // namespace heapmeter::cli
