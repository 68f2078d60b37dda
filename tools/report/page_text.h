// SPDX-License-Identifier: MIT
//
// The page without what it shows; made of page.html, page.css and the scripts when the tool is built.
#pragma once

#include <string_view>

namespace heapmeter::cli::report {

extern const std::string_view kPageBeforeData, kPageAfterData;

}  // namespace heapmeter::cli::report
