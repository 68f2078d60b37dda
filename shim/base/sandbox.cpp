// SPDX-License-Identifier: MIT
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/compiler.h"
#include "base/seccomp_filter.h"
#include "base/sys.h"

namespace heapmeter::sandbox {
namespace {

constexpr long kNoDescriptor = -1;
constexpr long kNobody = INT32_MAX;

// Each in a way that does nothing, in the order of use.
void try_service() noexcept {
  const uint64_t no_signals = 0;
  const auto no_path = reinterpret_cast<long>("");
  sys::call(SYS_close_range, 1, 0, 0);
  sys::call(SYS_signalfd4, kNoDescriptor, reinterpret_cast<long>(&no_signals), sizeof no_signals, 0);
  sys::call(SYS_geteuid);
  sys::call(SYS_getresuid, 0, 0, 0);
  sys::call(SYS_getresgid, 0, 0, 0);
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

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#else
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif

// Every call that a report makes or may come to make; of those with arguments that filters look at, each way.
struct ReportCall {
  int number;
  uint64_t second = 0, third = 0;
};
constexpr ReportCall kReportCalls[] = {
    {SYS_getpid},
    {SYS_getppid},
    {SYS_geteuid},
    {SYS_geteuid},
    {SYS_clock_gettime},
    {SYS_openat, 0, O_RDONLY | O_CLOEXEC},
    {SYS_openat, 0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC},
    {SYS_openat, 0, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC},
    {SYS_newfstatat},
    {SYS_fstat},
    {SYS_readlinkat},
    {SYS_read},
    {SYS_pread64},
    {SYS_mincore},
    {SYS_rt_sigpending},
    {SYS_rt_sigprocmask},
    {SYS_rt_sigtimedwait},
    {SYS_ftruncate},
    {SYS_ppoll},
    {SYS_ppoll},
    {SYS_write},
    {SYS_close},
    {SYS_renameat},
};

// Where a report failed half-way.
constexpr ReportCall kCleanUp = {SYS_unlinkat};
// What moves memory elsewhere.
constexpr ReportCall kMove = {SYS_mremap};
// What asks whether memory can be read.
constexpr ReportCall kProbe = {SYS_futex, FUTEX_WAIT_PRIVATE};
// What asks which memory is resident.
constexpr ReportCall kLookForPages = {SYS_mincore};

// What asks whether a thread is there.
constexpr ReportCall kAskForThread = {SYS_tgkill};

bool lets_live(const sock_fprog &filter, const ReportCall &call) noexcept {
  const seccomp_data data = {.nr = call.number,
                             .arch = kArchitecture,
                             .instruction_pointer = reinterpret_cast<uint64_t>(&lets_live),
                             .args = {static_cast<uint64_t>(AT_FDCWD), call.second, call.third}};
  return seccomp_filter::lets_live(filter.filter, filter.len, data);
}

bool lets_report_live(const sock_fprog &filter) noexcept {
  for (const ReportCall &call : kReportCalls) {
    if (!lets_live(filter, call)) return false;
  }
  return true;
}

// With arguments that none of them can use.
void try_report() noexcept {
  constexpr uint64_t kNothing = ~uint64_t{0};
  for (const ReportCall &call : kReportCalls) {
    sys::call(call.number, kNoDescriptor, static_cast<long>(call.second == 0 ? kNothing : call.second),
              static_cast<long>(call.third));
  }
}

// What is known of the child, in memory that it shares.
enum Known : uint32_t { kAsked = 1, kMayBeWaitedFor = 2, kSurvived = 4 };

constinit bool wait_kills = false;

// No exit signal: such a child is nobody's but who asks for it by __WALL. Its end is waited for here, without
// a call that might kill.
long try_in_child(uint32_t *known, void (*calls)(), bool asks) noexcept {
  const long child = sys::call(SYS_clone, CLONE_VFORK);
  if (child != 0) return child;
  // It may be killed, and what the kernel would keep of it is the program's image. This call is known to be
  // allowed: here() makes it.
  sys::call(SYS_prctl, PR_SET_DUMPABLE, 0);
  // By another answer a filter might keep who waits from ever having done so.
  if (asks) {
    const bool says_so = sys::call(SYS_wait4, kNobody, 0, WNOHANG, 0) == -ECHILD;
    __atomic_fetch_or(known, says_so ? kAsked | kMayBeWaitedFor : kAsked, __ATOMIC_RELEASE);
  }
  calls();
  __atomic_fetch_or(known, kSurvived, __ATOMIC_RELEASE);
  while (true) {
    sys::call(SYS_exit_group, 0);
    __builtin_trap();  // it may be refused, and this child is to do nothing else
  }
}

bool survives(void (*calls)()) noexcept {
  const size_t page = sys::page_bytes();
  auto *shared = static_cast<uint32_t *>(sys::map_shared(page));
  if (shared == nullptr) return false;
  const bool asks = !load_whole(wait_kills);
  long child = try_in_child(shared, calls, asks);
  // It was killed for the wait; or by others, so soon.
  if (asks && !sys::failed(child) && load_acquire(*shared) == 0) {
    store_whole(wait_kills, true);
    child = try_in_child(shared, calls, false);
  }
  const uint32_t known = load_acquire(*shared);
  sys::unmap(shared, page);
  // Who may not be waited for stays dead and nobody's.
  while ((known & kMayBeWaitedFor) != 0 && sys::call(SYS_wait4, child, 0, __WALL, 0) == -EINTR) {
  }
  return (known & kSurvived) != 0;
}

enum class Verdict : uint8_t { kNone, kLets, kForbids };

constinit bool was_here = false;
// Of the sandbox that was here; forked children have the same.
constinit Verdict of_service = Verdict::kNone, of_report = Verdict::kNone;
constinit bool read_all = false;  // every sandbox of the program's own was seen as it came
constinit bool landlocked = false;
constinit bool forbids_report = false;
constinit bool forbids_clean_up = false;
constinit bool forbids_probe = false;
constinit bool forbids_move = false;
constinit bool forbids_look_for_pages = false;
constinit bool forbids_ask_for_threads = false;

// One that was there before the program lets libc start its threads, or is asked in a child; one that came
// about unseen forbids all.
bool all_seen() noexcept { return was_here || read_all || !here(); }

}  // namespace

void look() noexcept { was_here = here(); }

void entered(const sock_fprog *filter) noexcept {
  read_all = true;
  if (filter == nullptr || !lets_report_live(*filter)) forbids_report = true;
  if (filter == nullptr || !lets_live(*filter, kCleanUp)) forbids_clean_up = true;
  if (filter == nullptr || !lets_live(*filter, kProbe)) forbids_probe = true;
  if (filter == nullptr || !lets_live(*filter, kMove)) forbids_move = true;
  if (filter == nullptr || !lets_live(*filter, kLookForPages)) forbids_look_for_pages = true;
  if (filter == nullptr || !lets_live(*filter, kAskForThread)) forbids_ask_for_threads = true;
}

bool was_entered() noexcept { return read_all; }

void forbade_itself_files() noexcept { landlocked = true; }

bool has_forbidden_itself_files() noexcept { return landlocked; }

bool lets_move() noexcept { return !forbids_move; }

bool lets_clean_up() noexcept { return !forbids_clean_up; }

bool lets_probe() noexcept { return !forbids_probe && all_seen(); }

bool lets_look_for_pages() noexcept { return !forbids_look_for_pages && all_seen(); }

bool lets_ask_for_threads() noexcept { return !forbids_ask_for_threads && all_seen(); }

bool lets_report() noexcept {
  return !forbids_report && load_whole(of_report) != Verdict::kForbids && all_seen();
}

// A kernel, or an emulator, that knows no seccomp knows nothing of the question, but answers others.
bool here() noexcept {
  const long answer = sys::call(SYS_prctl, PR_GET_SECCOMP);
  return answer != 0 && (answer != -EINVAL || sys::call(SYS_prctl, PR_GET_DUMPABLE) < 0);
}

bool was_there() noexcept { return was_here; }
bool came_up() noexcept { return !was_here && here(); }

bool lets_serve() noexcept {
  if (of_service == Verdict::kNone) of_service = survives(try_service) ? Verdict::kLets : Verdict::kForbids;
  return of_service == Verdict::kLets;
}

void find_out_about_report() noexcept {
  if (load_whole(of_report) != Verdict::kNone) return;
  store_whole(of_report, survives(try_report) ? Verdict::kLets : Verdict::kForbids);
}

}  // namespace heapmeter::sandbox
