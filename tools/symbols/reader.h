// SPDX-License-Identifier: MIT
//
// A file taken apart in a process of its own, which has little time and memory, nothing open but the file,
// and no rights of root's when the file is not root's: elfutils is not written for files of an enemy. What it
// had found before it died is kept.
#pragma once

#include "symbols/dissection.h"

namespace heapmeter::cli::symbols {

Findings take_apart(const Work &work);

}  // namespace heapmeter::cli::symbols
