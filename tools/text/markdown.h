// SPDX-License-Identifier: MIT
//
// Text from elsewhere in a comment: of a table's cell, where nothing of it is markup; pure.
#pragma once

#include <string>
#include <string_view>

namespace heapmeter::cli {

std::string markdown_text(std::string_view text);

}  // namespace heapmeter::cli
