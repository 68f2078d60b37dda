// SPDX-License-Identifier: MIT
//
// The graph as a picture that stands still: the outermost functions on top, the widest first, each with a
// tooltip.
#pragma once

#include <string>

#include "flame/picture.h"

namespace heapmeter::cli::flame {

std::string svg(const Picture &picture);

}  // namespace heapmeter::cli::flame
