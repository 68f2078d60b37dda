// SPDX-License-Identifier: MIT
//
// What goes out by the program's own descriptors, and small files that are read.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/sys.h"

namespace heapmeter::sys {
namespace {

constexpr uint64_t kPatienceNs = 2'000'000'000;
constexpr size_t kAtOnce = PIPE_BUF;  // a pipe that is ready takes as much without waiting

constexpr uint64_t bit(int signal) noexcept { return uint64_t{1} << (signal - 1); }

// Holds back from this thread what writing may earn it: a program whose stderr's reader has gone, whose limit
// on files is reached, or which the terminal does not want to hear, must not die or stop of what we write.
class HeldSignals {
 public:
  HeldSignals() noexcept {
    call(SYS_rt_sigpending, reinterpret_cast<long>(&pending_before_), sizeof pending_before_);
    call(SYS_rt_sigprocmask, SIG_BLOCK, reinterpret_cast<long>(&kHeld), reinterpret_cast<long>(&mask_before_),
         sizeof mask_before_);
  }
  ~HeldSignals() noexcept {
    const timespec now{};
    const uint64_t ours = kHeld & ~pending_before_;
    while (!failed(call(SYS_rt_sigtimedwait, reinterpret_cast<long>(&ours), 0, reinterpret_cast<long>(&now),
                        sizeof ours))) {
    }
    call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&mask_before_), 0, sizeof mask_before_);
  }
  HeldSignals(const HeldSignals &) = delete;
  HeldSignals &operator=(const HeldSignals &) = delete;

 private:
  static constexpr uint64_t kHeld = bit(SIGPIPE) | bit(SIGXFSZ) | bit(SIGTTOU);
  uint64_t pending_before_ = 0;
  uint64_t mask_before_ = 0;
};

// Waits until the descriptor takes something or the time is over. What cannot be waited for is just tried.
bool takes_more(int fd, uint64_t deadline_ns) noexcept {
  for (;;) {
    const uint64_t now_ns = monotonic_ns();
    if (now_ns >= deadline_ns) return false;
    pollfd wanted{fd, POLLOUT, 0};
    const timespec rest{static_cast<time_t>((deadline_ns - now_ns) / 1'000'000'000),
                        static_cast<long>((deadline_ns - now_ns) % 1'000'000'000)};
    const long ready =
        call(SYS_ppoll, reinterpret_cast<long>(&wanted), 1, reinterpret_cast<long>(&rest), 0, 0);
    if (ready != 0 && ready != -EINTR) return true;
  }
}

}  // namespace

long write_all(int fd, const char *text, size_t bytes) noexcept {
  const HeldSignals hold;
  uint64_t deadline_ns = monotonic_ns() + kPatienceNs;
  while (bytes > 0) {
    if (!takes_more(fd, deadline_ns)) return -EAGAIN;
    const size_t part = bytes < kAtOnce ? bytes : kAtOnce;
    const long written = call(SYS_write, fd, reinterpret_cast<long>(text), static_cast<long>(part));
    if (written == -EINTR || written == -EAGAIN) continue;
    if (written <= 0) return written == 0 ? -EIO : written;
    text += written;
    bytes -= static_cast<size_t>(written);
    deadline_ns = monotonic_ns() + kPatienceNs;
  }
  return 0;
}

void warn(const char *line) noexcept {
  // One write, so that lines of several processes do not mix.
  char text[512] = "heapmeter: ";
  size_t length = strlen(text);
  for (; *line != '\0' && length < sizeof text - 1; ++line) text[length++] = *line;
  text[length++] = '\n';
  write_all(2, text, length);
}

long read_file(const char *path, char *buffer, size_t capacity) noexcept {
  const long fd = call(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC);
  if (failed(fd)) return fd;
  size_t length = 0;
  long got = 0;
  while (length < capacity) {
    got = call(SYS_read, fd, reinterpret_cast<long>(buffer + length), static_cast<long>(capacity - length));
    if (got == -EINTR) continue;
    if (got <= 0) break;
    length += static_cast<size_t>(got);
  }
  call(SYS_close, fd);
  return failed(got) ? got : static_cast<long>(length);
}

}  // namespace heapmeter::sys
