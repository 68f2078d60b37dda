// SPDX-License-Identifier: MIT
//
// What a runtime calls the code that it made: function, file and line of its language; pure.
#pragma once

#include <string_view>

#include "symbols/frame.h"

namespace heapmeter::cli::symbols {

// Made at run time: its script takes the place of the module.
inline bool is_made(const Frame &frame) { return frame.module.empty(); }

// "JS:*put /srv/shop.js:3:20" of V8, "py::put:/srv/shop.py" of Python; any other text is the function's
// name. How far V8 had optimized it says nothing of whose code it is, and of a function some blocks are of
// each way.
Frame told_by_runtime(std::string_view text);

}  // namespace heapmeter::cli::symbols
