// SPDX-License-Identifier: MIT
#include "text/terminal.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text/utf8.h"

namespace heapmeter::cli {
namespace {

constexpr std::string_view kPaints[] = {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[1;31m"};

std::string_view paint_at_start(std::string_view text) {
  for (const std::string_view paint : kPaints) {
    if (text.starts_with(paint)) return paint;
  }
  return "";
}

}  // namespace

Paint Paint::for_fd(int fd) {
  const char *no_colour = getenv("NO_COLOR");
  const bool refused = no_colour != nullptr && *no_colour != '\0';
  return Paint(!refused && obeys_escapes() && isatty(fd) == 1);
}

bool obeys_escapes() {
  const char *kind = getenv("TERM");
  return kind != nullptr && std::string_view(kind) != "dumb";
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
  if (ioctl(fd, TIOCGWINSZ, &size) == 0) return size.ws_col;
  const char *wanted = getenv("COLUMNS");
  const std::string_view text = wanted == nullptr ? "" : wanted;
  int columns = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), columns);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::max(columns, 0) : 0;
}

bool speaks_utf8() {
  for (const char *name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char *value = getenv(name);
    if (value == nullptr || *value == '\0') continue;
    // C.UTF-8, en_GB.utf8@euro: as the C library reads it, by letters and digits alone, large or small.
    std::string letters;
    for (std::string_view rest = value; !rest.empty(); rest.remove_prefix(1)) {
      if (std::isalnum(static_cast<unsigned char>(rest[0])) != 0)
        letters += static_cast<char>(std::tolower(static_cast<unsigned char>(rest[0])));
    }
    return letters.find("utf8") != letters.npos;
  }
  return false;
}

std::string printable(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const Utf8Letter letter = first_letter(text);
    const std::size_t bytes = letter.bytes == 0 ? 1 : letter.bytes;
    letter.bytes == 0 || steers(letter.code) ? clean.append("?") : clean.append(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return clean;
}

std::string harmless(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const bool layout = text[0] == '\n' || text[0] == '\t';
    const std::size_t ours = layout ? 1 : text[0] == '\x1b' ? paint_at_start(text).size() : 0;
    const std::size_t bytes = ours != 0 ? ours : std::max<std::size_t>(first_letter(text).bytes, 1);
    clean += ours != 0 ? std::string(text.substr(0, bytes)) : printable(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return clean;
}

}  // namespace heapmeter::cli
