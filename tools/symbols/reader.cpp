// SPDX-License-Identifier: MIT
#include "symbols/reader.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <vector>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "symbols/dissection.h"
#include "system/process.h"

namespace heapmeter::cli::symbols {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// More where debug information may have to come over a network, whose own limit this is.
constexpr auto kLongestWait = 40s, kLongestDownload = 300s;
constexpr std::uint64_t kMemory = 3ull << 30;   // beside what is mapped, and the file itself
constexpr std::size_t kMostBytes = 256u << 20;  // of an answer
constexpr std::size_t kFullBuffer = 64u << 10;

bool downloads() {
  const char *servers = getenv("DEBUGINFOD_URLS");
  return servers != nullptr && *servers != '\0';
}

// Past the first limit of CPU time comes a signal that says so, at the second one none that does.
void limit(decltype(RLIMIT_CPU) what, rlim_t most) {
  rlimit now{};
  if (getrlimit(what, &now) != 0) _exit(1);
  const rlim_t hard = std::min(now.rlim_max, what == RLIMIT_CPU ? most + 1 : most);
  const rlimit wanted{std::min(most, hard), hard};
  if (setrlimit(what, &wanted) != 0) _exit(1);
}

void give_up_rights() {
  constexpr uid_t kNobody = 65534;
  if (geteuid() != 0) return;
  const bool given_up = setgroups(0, nullptr) == 0 && setresgid(kNobody, kNobody, kNobody) == 0 &&
                        setresuid(kNobody, kNobody, kNobody) == 0;
  // Where the user namespace knows no such user, its root is nobody either.
  if (!given_up && errno != EINVAL) _exit(1);
}

void close_others(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned int next = 3;
  for (const int fd : kept) {
    if (fd < 3) continue;
    const auto at = static_cast<unsigned int>(fd);
    if (at > next) syscall(SYS_close_range, next, at - 1, 0u);
    next = at + 1;
  }
  syscall(SYS_close_range, next, ~0u, 0u);
}

// Only what async-signal-safe functions and libelf do: the tool may have had other threads.
[[noreturn]] void run(const Work &work, int out, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  for (int each = 1; each < NSIG; ++each) signal(each, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  out = fcntl(out, F_DUPFD, 3);
  if (out < 0) _exit(1);
  // What libraries say of a broken file is for nobody.
  const int nowhere = static_cast<int>(syscall(SYS_memfd_create, "nowhere", 0u));
  for (int fd = 0; fd < 3 && nowhere >= 0; ++fd) dup2(nowhere, fd);
  close_others({out, work.file, work.separate});
  const std::uint64_t mapped = process::mapped_bytes(getpid()).value_or(kMemory);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, work.seconds);
  limit(RLIMIT_AS, mapped + work.bytes + kMemory);
  if (work.of_stranger) give_up_rights();
  std::string buffer;
  const auto flush = [&] {
    for (std::size_t at = 0; at < buffer.size();) {
      const ssize_t written = write(out, buffer.data() + at, buffer.size() - at);
      if (written < 0 && errno != EINTR) _exit(1);
      if (written > 0) at += static_cast<std::size_t>(written);
    }
    buffer.clear();
  };
  dissect(work, [&](std::string_view bytes) {
    buffer += bytes;
    if (buffer.size() >= kFullBuffer) flush();
  });
  flush();
  _exit(0);
}

// False when it was not at its end in time.
bool read_all(int in, std::string &bytes, const Work &work) {
  const auto deadline = Clock::now() + (downloads() ? kLongestDownload : kLongestWait);
  std::vector<char> piece(64u << 10);
  while (Clock::now() < deadline && bytes.size() < kMostBytes) {
    pollfd wanted{in, POLLIN, 0};
    const int ready = poll(&wanted, 1, 200);
    if (ready == 0 && work.waiting) work.waiting();
    if (ready <= 0) continue;
    const ssize_t got = read(in, piece.data(), piece.size());
    if (got == 0) return true;
    if (got > 0) bytes.append(piece.data(), static_cast<std::size_t>(got));
    if (got < 0 && errno != EINTR) return true;
  }
  return false;
}

}  // namespace

Findings take_apart(const Work &work) {
  Findings findings;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return findings;
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) run(work, ends[1], parent);
  close(ends[1]);
  std::string bytes;
  const bool in_time = child > 0 && read_all(ends[0], bytes, work);
  close(ends[0]);
  if (child < 0) return findings;
  kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  assemble(bytes, findings);
  const bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (!in_time || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
    findings.end = Findings::End::kSlow;
  else if (!well)
    findings.end = Findings::End::kDied;
  return findings;
}

}  // namespace heapmeter::cli::symbols
