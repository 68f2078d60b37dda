// SPDX-License-Identifier: MIT
//
// Letters of a UTF-8 text that somebody else wrote: what cannot be shown in one or two columns is '?'.
#pragma once

#include <string>
#include <string_view>

namespace heapmeter::cli::tui {

// Has the environment's locale say which letters there are, and how wide; true when they are UTF-8. Once, at
// the start.
bool take_locale();

struct Letter {
  char32_t code = U'?';
  int width = 1;  // 1 or 2
};

// The letter at `at`, which moves behind it.
Letter next_letter(std::string_view text, std::size_t &at);

void append_utf8(std::string &text, char32_t letter);

}  // namespace heapmeter::cli::tui
