// SPDX-License-Identifier: MIT
#include "top/signal_queue.h"

#include <cerrno>
#include <system_error>

#include <sys/signalfd.h>
#include <unistd.h>

#include "system/signals.h"

namespace heapmeter::cli::tui {
namespace {

// And those about the terminal; without what is ignored.
sigset_t ours() {
  sigset_t set = SignalQueue::ending();
  for (int number = 1; number <= SIGRTMAX; ++number) {
    if (signals::is_ignored(number)) sigdelset(&set, number);
  }
  for (const int number : {SIGINT, SIGTSTP, SIGCONT, SIGWINCH}) sigaddset(&set, number);
  return set;
}

}  // namespace

// All whose default it is, but for those of crashes.
sigset_t SignalQueue::ending() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU,
                           SIGIO, SIGPWR, SIGSTKFLT})
    sigaddset(&set, number);
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) sigaddset(&set, number);
  return set;
}

SignalQueue::SignalQueue() {
  const sigset_t set = ours();
  fd_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
  pthread_sigmask(SIG_BLOCK, &set, &before_);
}

SignalQueue::~SignalQueue() {
  // What came too late to be read has its effect now that nothing is to be put right any more.
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  close(fd_);
}

std::optional<int> SignalQueue::next() {
  signalfd_siginfo info;
  if (read(fd_, &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

void SignalQueue::obey(int number) {
  signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  raise(number);
  sigset_t before;
  pthread_sigmask(SIG_UNBLOCK, &set, &before);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace heapmeter::cli::tui
