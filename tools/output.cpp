// SPDX-License-Identifier: MIT
#include "output.h"

#include <string>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

namespace heapmeter::cli::output {

void write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      throw ReaderGone{};
    } else if (errno != EINTR) {
      throw UserError(std::string("the output could not be written: ") + strerror(errno));
    }
  }
}

}  // namespace heapmeter::cli::output
