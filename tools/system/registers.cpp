// SPDX-License-Identifier: MIT
#include "system/registers.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "system/file_text.h"
#include "system/process.h"

namespace heapmeter::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kToStop{500}, kToImage{1000};
constexpr std::chrono::microseconds kStep{200};
constexpr int kStepsToBury = 100;

// Calls that a stop does not end: the kernel goes on with them, until the same moment.
constexpr long kGoesOn[] = {
    SYS_futex,  SYS_nanosleep, SYS_clock_nanosleep, SYS_ppoll,           SYS_pselect6,
    SYS_waitid, SYS_wait4,     SYS_rt_sigsuspend,   SYS_restart_syscall,
#ifdef SYS_poll
    SYS_poll,   SYS_select,    SYS_pause,
#endif
};
// So are these of a pipe or a terminal; of a socket that has a time limit they end. What was half written
// would come back so.
constexpr long kGoesOnWithPipe[] = {SYS_read, SYS_readv};

template <std::size_t kCount>
bool is_among(long call, const long (&calls)[kCount]) {
  return std::find(std::begin(calls), std::end(calls), call) != std::end(calls);
}

std::string file_of(int pid, int tid, const std::string &name) {
  return fmt::format("/proc/{}/task/{}/{}", pid, tid, name);
}

bool is_pipe(int pid, unsigned long descriptor) {
  std::error_code failed;
  const std::string file =
      std::filesystem::read_symlink(fmt::format("/proc/{}/fd/{}", pid, descriptor), failed).string();
  return file.starts_with("pipe:") || file.starts_with("/dev/pts/") || file.starts_with("/dev/tty");
}

bool may_be_stopped(int pid, int tid) {
  std::istringstream line(file_text(file_of(pid, tid, "syscall")).value_or(""));
  std::string call, first;
  line >> call >> first;
  if (call == "running" || call == "-1") return true;  // in none
  if (call.empty() || first.empty()) return false;
  const long number = std::stol(call);
  return is_among(number, kGoesOn) ||
         (is_among(number, kGoesOnWithPipe) && is_pipe(pid, std::stoul(first, nullptr, 16)));
}

std::vector<int> threads_of(int pid) {
  std::vector<int> tids;
  std::error_code failed;
  for (const auto &entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid), failed))
    tids.push_back(std::atoi(entry.path().filename().c_str()));
  return tids;
}

bool lives(int tid) {
  const auto status = process::status(tid);
  return status && status->state != 'Z' && status->state != 'X';
}

// Whether there is one that a look is taken of. It has its name when all of it is there, and nothing more is
// asked about the threads.
bool has_image(int pid, int maker) {
  std::istringstream children(file_text(file_of(pid, maker, "children")).value_or(""));
  for (int child = 0; children >> child;) {
    if (process::name(child) == HEAPMETER_IMAGE_NAME) return true;
  }
  return false;
}

bool ended(const siginfo_t &found) {
  return found.si_pid != 0 && found.si_code != CLD_TRAPPED && found.si_code != CLD_STOPPED;
}

// A traced thread is gone for its process when its tracer has seen that it ended. Of one that only stopped,
// which is told in any case, that stays to be seen.
bool bury(int tid) {
  siginfo_t found{};
  if (waitid(P_PID, tid, &found, WEXITED | WNOHANG | WNOWAIT | __WALL) != 0) return true;
  return ended(found) && waitid(P_PID, tid, &found, WEXITED | WNOHANG | __WALL) == 0;
}

// One thread that is traced.
class Traced {
 public:
  explicit Traced(int tid) : tid_(tid) {}

  // The threads that it makes until it stands are traced from their birth: a row of threads, each of which
  // makes the next and ends, would be gone whenever it is looked for.
  bool seize() {
    if (ptrace(PTRACE_SEIZE, tid_, nullptr, PTRACE_O_TRACECLONE) == 0) return true;
    const int why = errno;
    const bool ours = why == EPERM && is_ours();
    errno = why;
    return ours;
  }
  void interrupt() { ptrace(PTRACE_INTERRUPT, tid_, nullptr, nullptr); }
  bool stopped() const { return stopped_; }
  bool gone() const { return gone_; }

  // Only looked at, so that the kernel still has a signal that is on its way, for when we are killed.
  void look_whether_stopped() {
    siginfo_t found{};
    const int failed = waitid(P_PID, tid_, &found, WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL);
    if (failed == 0 && found.si_pid == 0) return;
    gone_ = failed != 0 || ended(found);
    if (gone_) {
      bury(tid_);
      return;
    }
    stopped_ = true;
    // A signal on its way is handed on when it is let go.
    const int event = found.si_status >> 8;
    if (event == 0) signal_ = found.si_status & 0x7f;
    if (event == PTRACE_EVENT_STOP) go_on_with_call();
  }

  void add_words(std::vector<std::uint64_t> &words) const {
    for (const int set : {NT_PRSTATUS, vector_registers()}) {
      std::array<std::uint64_t, 2048> room{};
      iovec to{room.data(), sizeof room};
      if (ptrace(PTRACE_GETREGSET, tid_, set, &to) != 0) continue;
      words.insert(words.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(to.iov_len / 8));
    }
  }

  void let_go() {
    if (gone_ || !stopped_ || ptrace(PTRACE_DETACH, tid_, nullptr, signal_) == 0) return;
    // It is being killed: its parent is told when we have been.
    for (const auto until = Clock::now() + kToStop; Clock::now() < until;) {
      if (bury(tid_)) return;
      std::this_thread::sleep_for(kStep);
    }
  }

 private:
#if defined(__x86_64__)
  static int vector_registers() { return NT_X86_XSTATE; }
#else
  static int vector_registers() { return NT_PRFPREG; }
#endif

  bool is_ours() const {
    siginfo_t found{};
    return waitid(P_PID, static_cast<id_t>(tid_), &found, WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL) ==
           0;
  }

  // It entered a call that a stop ends after it was last looked at: the kernel is told to go on with that.
  void go_on_with_call() {
#if defined(__x86_64__)
    constexpr auto kAgain = static_cast<unsigned long long>(-514);  // ERESTARTNOHAND
    constexpr long kCanGoOn[] = {
        SYS_read,         SYS_write,           SYS_readv,          SYS_writev,     SYS_recvfrom,
        SYS_recvmsg,      SYS_sendto,          SYS_sendmsg,        SYS_accept,     SYS_accept4,
        SYS_connect,      SYS_recvmmsg,        SYS_io_uring_enter, SYS_epoll_wait, SYS_epoll_pwait,
        SYS_epoll_pwait2, SYS_rt_sigtimedwait, SYS_semtimedop,     SYS_semop,      SYS_io_getevents,
        SYS_io_pgetevents};
    user_regs_struct all{};
    iovec room{&all, sizeof all};
    if (ptrace(PTRACE_GETREGSET, tid_, NT_PRSTATUS, &room) != 0) return;
    if (static_cast<long>(all.rax) != -EINTR || !is_among(static_cast<long>(all.orig_rax), kCanGoOn)) return;
    all.rax = kAgain;
    ptrace(PTRACE_SETREGSET, tid_, NT_PRSTATUS, &room);
#endif
  }

  int tid_, signal_ = 0;
  bool stopped_ = false, gone_ = false;
};

// How often it had a processor, and for how long: the same as long as it sleeps.
std::string turns_of(int pid, int tid) { return file_text(file_of(pid, tid, "schedstat")).value_or(""); }

struct Found {
  std::optional<Traced> traced;  // none: left alone
  std::string turns = {};        // of whoever is left alone in a call, by then

  bool slept(int pid, int tid) const { return !traced && !turns.empty() && turns == turns_of(pid, tid); }
};
using AllFound = std::map<int, Found>;

// One that runs may end at any moment: nothing is asked about it that need not be known before.
void begin_to_stop(int pid, int tid, AllFound &all) {
  Found found;
  if (!may_be_stopped(pid, tid)) {
    found.turns = turns_of(pid, tid);
    if (!may_be_stopped(pid, tid)) {
      all[tid] = std::move(found);
      return;
    }
  }
  if (Traced traced(tid); traced.seize()) {
    traced.interrupt();
    found.traced = traced;
  } else if (!lives(tid)) {
    return;
  }
  all[tid] = std::move(found);
}

// Those that were not known before, too: a thread that runs makes others.
bool stop_more(int pid, int meters, AllFound &all) {
  // Another may have its number by now.
  std::erase_if(all, [](const auto &one) { return one.second.traced && one.second.traced->gone(); });
  const std::size_t known = all.size();
  for (const int tid : threads_of(pid)) {
    if (tid != meters && !all.contains(tid)) begin_to_stop(pid, tid, all);
  }
  const auto until = Clock::now() + kToStop;
  for (bool waits = true; waits && Clock::now() < until;) {
    waits = false;
    for (auto &[tid, found] : all) {
      auto &one = found.traced;
      if (!one || one->stopped() || one->gone()) continue;
      one->look_whether_stopped();
      waits |= !one->stopped() && !one->gone();
    }
    if (waits) std::this_thread::sleep_for(kStep);
  }
  return all.size() != known;
}

}  // namespace

std::string refusal_to_trace(int pid) {
  const int tid = process::living_thread(pid);
  int error = 0;
  // Traced by a thread that ends at once, which lets it go: it is never stopped.
  std::thread([&] { error = Traced(tid).seize() ? 0 : errno; }).join();
  if (error != EPERM) return error == 0 ? "" : strerror(error);
  std::istringstream status(file_text(file_of(pid, tid, "status")).value_or(""));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("TracerPid:") && std::stoi(line.substr(10)) != 0)
      return fmt::format("{} traces it already, and only one may: end that first",
                         process::label(std::stoi(line.substr(10))));
  }
  return refusal_by_scope(file_text("/proc/sys/kernel/yama/ptrace_scope").value_or("0"));
}

std::string refusal_by_scope(const std::string &scope) {
  if (scope.starts_with("3"))
    return "kernel.yama.ptrace_scope is 3: nobody may trace anything until the next boot";
  if (!scope.starts_with("0"))
    return fmt::format(
        "kernel.yama.ptrace_scope is {}: run this as root, or 'sysctl kernel.yama.ptrace_scope=0'",
        scope.substr(0, 1));
  return "it is another user's, or made itself undumpable, or a container forbids it: run this as root, with "
         "CAP_SYS_PTRACE";
}

// Who executes another program waits for all threads to be gone, and lets none be traced until then: the
// tracer would wait for it, and it for the tracer.
Standstill::Standstill(int pid, int meters, std::chrono::milliseconds to_find_all)
    : pid_(pid), meters_(meters), to_find_all_(to_find_all), tracer_([this] { hold(); }) {
  for (int steps = 1; !stopped_; ++steps) {
    std::this_thread::sleep_for(kStep);
    if (steps % kStepsToBury != 0) continue;
    for (const int tid : threads_of(pid_)) bury(tid);
  }
}

void Standstill::hold() {
  AllFound all;
  const auto began = Clock::now();
  stop_more(pid_, meters_, all);
  const auto until_all = Clock::now() + to_find_all_;
  while (stop_more(pid_, meters_, all)) {
    if (Clock::now() < until_all) continue;
    registers_.others_came = true;
    break;
  }
  for (auto &[tid, found] : all) {
    auto &one = found.traced;
    if (one && one->gone()) continue;
    if (one && one->stopped()) {
      ++registers_.threads;
      one->add_words(registers_.words);
    } else {
      ++registers_.left_out;
    }
  }
  stopped_ = true;
  const auto until = Clock::now() + kToImage;
  bool image = false;
  while (!over_ && !image && Clock::now() < until) {
    image = has_image(pid_, meters_);
    if (!image) std::this_thread::sleep_for(kStep);
  }
  // Whom somebody made who was left alone, and woke up.
  for (const int tid : threads_of(pid_)) registers_.left_out += tid == meters_ || all.contains(tid) ? 0 : 1;
  registers_.held = image ? Held::kUntilImage : over_ ? Held::kUntilEnd : Held::kNeither;
  for (const auto &[tid, found] : all) registers_.slept += found.slept(pid_, tid) ? 1 : 0;
  for (auto &[tid, found] : all) {
    if (found.traced) found.traced->let_go();
  }
  registers_.seconds = std::chrono::duration<double>(Clock::now() - began).count();
}

Registers Standstill::end() {
  over_ = true;
  if (tracer_.joinable()) tracer_.join();
  return registers_;
}

}  // namespace heapmeter::cli
