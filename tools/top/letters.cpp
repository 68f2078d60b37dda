// SPDX-License-Identifier: MIT
#include "top/letters.h"

#include <clocale>

#include <langinfo.h>
#include <wchar.h>

#include "text/letter_columns.h"
#include "text/terminal.h"
#include "text/utf8.h"

namespace heapmeter::cli::tui {
namespace {

// None where the locale, by which the screen is drawn, does not know the letter or holds it for wider or
// narrower. Arrows, box drawing and block letters are drawn all the same.
int width_of(char32_t code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
  const auto width = static_cast<int>(letter_columns(code));
  const bool ours = code < 0x7f || code == 0x2026 || (code >= 0x2190 && code < 0x2900);
  return ours || wcwidth(static_cast<wchar_t>(code)) == width ? width : 0;
}

}  // namespace

bool take_locale() {
  const auto speaks = [] { return std::string_view(nl_langinfo(CODESET)) == "UTF-8"; };
  const char *taken = setlocale(LC_CTYPE, "");
  // One that is named but not installed would leave us with ASCII: the letters are what counts here.
  if (taken == nullptr && speaks_utf8()) setlocale(LC_CTYPE, "C.UTF-8");
  return speaks();
}

Letter next_letter(std::string_view text, std::size_t &at) {
  const auto [code, bytes] = first_letter(text.substr(at));
  at += bytes == 0 ? 1 : bytes;
  if (bytes == 0) return {};
  const int width = width_of(code);
  return width == 0 ? Letter{} : Letter{code, width};
}

void append_utf8(std::string &text, char32_t letter) {
  if (letter < 0x80) {
    text += static_cast<char>(letter);
  } else if (letter < 0x800) {
    text += static_cast<char>(0xc0 | letter >> 6);
    text += static_cast<char>(0x80 | (letter & 0x3f));
  } else if (letter < 0x10000) {
    text += static_cast<char>(0xe0 | letter >> 12);
    text += static_cast<char>(0x80 | (letter >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (letter & 0x3f));
  } else {
    text += static_cast<char>(0xf0 | letter >> 18);
    text += static_cast<char>(0x80 | (letter >> 12 & 0x3f));
    text += static_cast<char>(0x80 | (letter >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (letter & 0x3f));
  }
}

}  // namespace heapmeter::cli::tui
