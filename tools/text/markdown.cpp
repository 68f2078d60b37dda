// SPDX-License-Identifier: MIT
#include "text/markdown.h"

#include "text/terminal.h"

namespace heapmeter::cli {

std::string markdown_text(std::string_view text) {
  constexpr std::string_view kMarkup = "\\`*_[]<>|~&#!";
  std::string escaped;
  for (const char letter : printable(text)) {
    if (kMarkup.find(letter) != kMarkup.npos) escaped += '\\';
    escaped += letter;
  }
  return escaped;
}

}  // namespace heapmeter::cli
