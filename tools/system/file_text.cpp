// SPDX-License-Identifier: MIT
#include "system/file_text.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

namespace heapmeter::cli {

std::optional<std::string> file_text(const std::string &path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text;
  char piece[1 << 16];
  ssize_t got = 0;
  while ((got = read(fd, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR)) {
    if (got > 0) text.append(piece, static_cast<std::size_t>(got));
  }
  close(fd);
  return got == 0 ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace heapmeter::cli
