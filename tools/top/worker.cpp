// SPDX-License-Identifier: MIT
#include "top/worker.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace heapmeter::cli::tui {

Bell::Bell() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Bell::~Bell() { close(fd_); }

void Bell::ring() const {
  const std::uint64_t one = 1;
  (void)!write(fd_, &one, sizeof one);
}

void Bell::silence() const {
  std::uint64_t rung = 0;
  (void)!read(fd_, &rung, sizeof rung);
}

bool Bell::rung() const {
  pollfd wanted{fd_, POLLIN, 0};
  return poll(&wanted, 1, 0) > 0;
}

bool Bell::wait(std::chrono::steady_clock::time_point until) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd wanted{fd_, POLLIN, 0};
    if (poll(&wanted, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000))) > 0) return true;
  }
}

}  // namespace heapmeter::cli::tui
