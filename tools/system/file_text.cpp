// SPDX-License-Identifier: MIT
#include "system/file_text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace heapmeter::cli {

std::optional<std::string> file_text(const std::string &path) {
  // Whatever stands there instead must neither hold us up nor never end.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return std::nullopt;
  struct stat status;
  const bool regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  std::string text;
  char piece[4096];
  ssize_t got = regular ? 0 : -1;
  while (regular && ((got = read(fd, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR))) {
    if (got > 0) text.append(piece, static_cast<std::size_t>(got));
  }
  close(fd);
  return got == 0 ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace heapmeter::cli
