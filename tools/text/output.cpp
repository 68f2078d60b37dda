// SPDX-License-Identifier: MIT
#include "text/output.h"

#include <string>
#include <vector>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text/table.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli::output {
namespace {

// The last bytes of a file, when they are these; others may be appending too.
void take_back(int fd, std::size_t bytes) {
  struct stat file {};
  const off_t end = lseek(fd, 0, SEEK_CUR);
  if (bytes == 0 || fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) || file.st_size != end) return;
  const off_t start = end - static_cast<off_t>(bytes);
  if (ftruncate(fd, start) == 0) lseek(fd, start, SEEK_SET);
}

}  // namespace

void occupy_standard_fds() {
  int fd = 0;
  do {
    fd = open("/", O_PATH | O_CLOEXEC);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) close(fd);
}

int write_to(int fd, std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(fd, text.data() + done, text.size() - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno == EAGAIN) {  // a pipe that somebody else made non-blocking
      pollfd wanted{fd, POLLOUT, 0};
      poll(&wanted, 1, -1);
    } else if (errno != EINTR) {
      const int error = errno;
      take_back(fd, done);
      return error;
    }
  }
  return 0;
}

void write(std::string_view text) {
  const int error = write_to(STDOUT_FILENO, harmless(text));
  if (error == EPIPE) throw ReaderGone{};
  if (error != 0) throw UserError(std::string("the output could not be written: ") + strerror(error));
}

void note(std::string_view text) {
  const std::string line = "heapmeter: " + printable(text);
  const int columns = isatty(STDERR_FILENO) != 0 ? terminal_columns(STDERR_FILENO) : 0;
  std::string lines;
  for (const std::string &each : columns > 0 ? wrapped(line, columns, "  ") : std::vector{line})
    lines += each + "\n";
  write_to(STDERR_FILENO, lines);
}

}  // namespace heapmeter::cli::output
