// SPDX-License-Identifier: MIT
//
// What kind of word names a target; pure.
#pragma once

#include <string_view>

namespace heapmeter::cli {

bool is_pid(std::string_view word);
bool is_path(std::string_view word);
bool is_pattern(std::string_view word);  // of a shell: *, ?, [
bool is_unit(std::string_view word);     // nginx.service

// Of a part of a control group's path, too.
std::string_view without_unit(std::string_view part);

}  // namespace heapmeter::cli
