// SPDX-License-Identifier: MIT
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/sys.h"

namespace heapmeter::sandbox {
namespace {

constexpr long kNoDescriptor = -1;

enum class Verdict { kNone, kLets, kForbids };
constinit bool before_program = false;
// Forked children have the same sandbox.
constinit Verdict verdict = Verdict::kNone;

// Each in a way that does nothing, in the order of use.
void try_calls() noexcept {
  const uint64_t no_signals = 0;
  const auto no_path = reinterpret_cast<long>("");
  sys::call(SYS_close_range, 1, 0, 0);
  sys::call(SYS_signalfd4, kNoDescriptor, reinterpret_cast<long>(&no_signals), sizeof no_signals, 0);
  sys::call(SYS_geteuid);
  sys::call(SYS_mkdirat, AT_FDCWD, no_path, 0700);
  sys::call(SYS_openat, AT_FDCWD, no_path, O_RDONLY | O_CLOEXEC);
  sys::call(SYS_fstat, kNoDescriptor, 0);
  sys::call(SYS_read, kNoDescriptor, 0, 0);
  sys::call(SYS_close, kNoDescriptor);
  sys::call(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sys::call(SYS_bind, kNoDescriptor, 0, 0);
  sys::call(SYS_fchmodat, AT_FDCWD, no_path, 0600);
  sys::call(SYS_listen, kNoDescriptor, 1);
  sys::call(SYS_renameat2, AT_FDCWD, no_path, AT_FDCWD, no_path, 0);
  const timespec now{};
  sys::call(SYS_pselect6, 0, 0, 0, 0, reinterpret_cast<long>(&now), 0);
  sys::call(SYS_accept4, kNoDescriptor, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
  sys::call(SYS_getsockopt, kNoDescriptor, SOL_SOCKET, SO_PEERCRED, 0, 0);
  sys::call(SYS_recvfrom, kNoDescriptor, 0, 0, 0, 0, 0);
  sys::call(SYS_sendto, kNoDescriptor, 0, 0, 0, 0, 0);
  sys::call(SYS_shutdown, kNoDescriptor, SHUT_WR);
  sys::call(SYS_readlinkat, AT_FDCWD, no_path, 0, 0);
  sys::call(SYS_mincore, 0, 0, 0);
  sys::call(SYS_unlinkat, AT_FDCWD, no_path, 0);
}

bool survives_calls() noexcept {
  // No exit signal: such a child is nobody's but who asks for it by __WALL.
  const long child = sys::call(SYS_clone);
  if (child == 0) {
    // It may be killed, and what the kernel would keep of it would be the program's image. This call is known
    // to be allowed: here() makes it.
    sys::call(SYS_prctl, PR_SET_DUMPABLE, 0);
    try_calls();
    sys::call(SYS_exit_group, 0);
  }
  if (sys::failed(child)) return false;
  int status = -1;
  long waited;
  do {
    waited = sys::call(SYS_wait4, child, reinterpret_cast<long>(&status), __WALL, 0);
  } while (waited == -EINTR);
  return waited == child && status == 0;
}

}  // namespace

bool here() noexcept { return sys::call(SYS_prctl, PR_GET_SECCOMP) != 0; }

void note_start() noexcept { before_program = here(); }
bool was_there() noexcept { return before_program; }
bool came_up() noexcept { return !before_program && here(); }

bool lets_serve() noexcept {
  if (verdict == Verdict::kNone) verdict = survives_calls() ? Verdict::kLets : Verdict::kForbids;
  return verdict == Verdict::kLets;
}

}  // namespace heapmeter::sandbox
