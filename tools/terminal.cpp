// SPDX-License-Identifier: MIT
#include "terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace heapmeter::cli {

Paint Paint::for_fd(int fd) {
  const char *no_colour = getenv("NO_COLOR");
  const char *kind = getenv("TERM");
  const bool refused = no_colour != nullptr && *no_colour != '\0';
  const bool dumb = kind == nullptr || std::string_view(kind) == "dumb";
  return Paint(!refused && !dumb && isatty(fd) == 1);
}

std::string Paint::wrap(const char *code, std::string_view text) const {
  if (!colour_) return std::string(text);
  // Not over the end of the line: a terminal would go on with it into the next.
  if (text.ends_with('\n')) return wrap(code, text.substr(0, text.size() - 1)) + "\n";
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

int terminal_rows(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

int terminal_columns(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool speaks_utf8() {
  for (const char *name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char *value = getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale = value;
    return locale.find("UTF-8") != locale.npos || locale.find("utf8") != locale.npos;
  }
  return false;
}

std::string printable(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
  };
  std::string clean;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool plain = byte(at) < 0x20 || byte(at) == 0x7f;
    // U+0080 to U+009F: among them what terminals take for an escape and a bracket.
    const bool high = byte(at) == 0xc2 && byte(at + 1) >= 0x80 && byte(at + 1) < 0xa0;
    clean += plain || high ? '?' : text[at];
    if (high) ++at;
  }
  return clean;
}

}  // namespace heapmeter::cli
