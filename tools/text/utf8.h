// SPDX-License-Identifier: MIT
//
// UTF-8, letter by letter; pure. Names of processes, files and marks are bytes that anybody chose.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace heapmeter::cli {

struct Utf8Letter {
  char32_t code = 0;
  std::size_t bytes = 0;
};

// The letter that the text, which is not empty, begins with; of 0 bytes where it is not well-formed.
Utf8Letter first_letter(std::string_view text);

// Control characters, those of eight bits too, and what turns the direction of the text around it: a terminal
// obeys them.
bool steers(char32_t code);

// What is not well-formed becomes U+FFFD, byte by byte, as in the library's own JSON.
std::string as_utf8(std::string_view text);

}  // namespace heapmeter::cli
