// SPDX-License-Identifier: MIT
//
// A page for a browser, whole in one file: the graph of a picture, to be searched and walked through.
#pragma once

#include <string>

#include "flame/picture.h"

namespace heapmeter::cli::flame {

std::string page(const Picture &picture);

}  // namespace heapmeter::cli::flame
