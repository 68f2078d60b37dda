// SPDX-License-Identifier: MIT
//
// A horizontal bar of text; pure.
#pragma once

#include <string>

namespace heapmeter::cli {

// As many cells as `part` is of `whole`, of `width`, in eighths of a cell where the characters are there;
// anything above nothing shows. Not padded.
std::string bar(double part, double whole, int width, bool utf8);

}  // namespace heapmeter::cli
