// SPDX-License-Identifier: MIT
//
// What the other end of a file descriptor can show. Colour only on a terminal, and never with NO_COLOR set.
#pragma once

#include <string>
#include <string_view>

namespace heapmeter::cli {

class Paint {
 public:
  static Paint for_fd(int fd);
  explicit Paint(bool colour) : colour_(colour) {}

  std::string title(std::string_view text) const { return wrap("1", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }
  std::string alarm(std::string_view text) const { return wrap("1;31", text); }

 private:
  std::string wrap(const char *code, std::string_view text) const;
  bool colour_;
};

// By its kind (TERM): of "dumb", or none, every escape would be letters.
bool obeys_escapes();
// Of the terminal; of what is none 0, but as many columns as $COLUMNS asks for (which may be stale).
int terminal_rows(int fd);
int terminal_columns(int fd);
// Whether the locale's characters are UTF-8.
bool speaks_utf8();
// With a question mark for each control character and each byte that is not UTF-8: names come from other
// processes.
std::string printable(std::string_view text);
// The same for a text of ours with such names in it: its lines, and the colours of Paint, stay.
std::string harmless(std::string_view text);

}  // namespace heapmeter::cli
