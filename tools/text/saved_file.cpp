// SPDX-License-Identifier: MIT
#include "text/saved_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "text/output.h"
#include "text/user_error.h"

namespace heapmeter::cli {

void save_file(const std::string &path, std::string_view bytes, const std::string &option) {
  const auto fail = [&](int error) {
    throw UserError(path + " cannot be written: " + strerror(error) + "; choose another file for " + option);
  };
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) fail(errno);
  const int error = output::write_to(fd, bytes);
  const bool closed = close(fd) == 0;
  if (error != 0) fail(error);
  if (!closed) fail(errno);
}

}  // namespace heapmeter::cli
