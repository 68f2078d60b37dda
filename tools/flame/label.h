// SPDX-License-Identifier: MIT
//
// Names of functions as they are shown; pure.
#pragma once

#include <string>
#include <string_view>

#include "symbols/frame.h"

namespace heapmeter::cli::flame {

// Printable; where the function has no name, its module and offset.
std::string full_name(const symbols::Frame &frame);

// Without parameters, and with … for the arguments of templates: std::map<…>::operator[]. What it cannot take
// apart stays.
std::string brief_name(std::string_view full);

// Of a brief name what is said last, for where there is little room: put of Cache::put, +0x12f0 of
// libx.so+0x12f0.
std::string_view last_name(std::string_view brief);

// As many letters as fit into so many cells, wide ones two, the last an ellipsis where some had to go; "" in
// less than three.
std::string fitted(std::string_view text, int cells);

// As the text of an XML element or attribute.
std::string xml_text(std::string_view text);

}  // namespace heapmeter::cli::flame
