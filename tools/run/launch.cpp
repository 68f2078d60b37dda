// SPDX-License-Identifier: MIT
#include "run/launch.h"

#include <chrono>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "system/signals.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

// All that may be meant for the program. Not those of a fault of our own, nor SIGKILL and SIGSTOP.
constexpr int kForwarded[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,  SIGUSR1, SIGUSR2, SIGALRM, SIGCONT,
                              SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH, SIGURG,  SIGIO,   SIGPWR,  SIGXCPU};

sigset_t inherited_mask;
struct sigaction inherited_child;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

sigset_t held_signals() {
  sigset_t held;
  sigemptyset(&held);
  for (int number : kForwarded) sigaddset(&held, number);
  sigaddset(&held, SIGCHLD);
  return held;
}

std::vector<char *> pointers(const std::vector<std::string> &words) {
  std::vector<char *> list;
  for (const std::string &word : words) list.push_back(const_cast<char *>(word.c_str()));
  list.push_back(nullptr);
  return list;
}

// In the child, after everything that may allocate was done.
[[noreturn]] void become(const char *path, char *const *command, char *const *as_script,
                         char *const *environment, int report_fd) {
  signals::restore_pipe();
  sigaction(SIGCHLD, &inherited_child, nullptr);
  sigprocmask(SIG_SETMASK, &inherited_mask, nullptr);
  execve(path, command, environment);
  // As execvp(3): a file without #! is for the shell.
  if (errno == ENOEXEC) execve("/bin/sh", as_script, environment);
  const int error = errno;
  if (write(report_fd, &error, sizeof error) != sizeof error) _exit(kFailed);
  _exit(kNotExecutable);
}

std::vector<std::string> merged_environment(const Variables &added) {
  std::vector<std::string> merged;
  for (char **at = environ; *at != nullptr; ++at) {
    const std::string entry = *at;
    const std::string name = entry.substr(0, entry.find('='));
    bool replaced = false;
    for (const auto &[key, value] : added) replaced |= key == name;
    if (!replaced) merged.push_back(entry);
  }
  for (const auto &[key, value] : added) merged.push_back(key + "=" + value);
  return merged;
}

}  // namespace

void hold_signals() {
  // An inherited SIG_IGN would make the kernel reap the program before we can.
  struct sigaction usual = {};
  usual.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &usual, &inherited_child);
  const sigset_t held = held_signals();
  pthread_sigmask(SIG_BLOCK, &held, &inherited_mask);
}

Launch::Launch(const std::string &path, const std::vector<std::string> &command, const Variables &environment,
               bool to_error) {
  start(path, command, environment, to_error);
}

void Launch::start(const std::string &path, const std::vector<std::string> &command, const Variables &added,
                   bool to_error) {
  const auto environment = merged_environment(added);
  std::vector<std::string> script = {"/bin/sh", path};
  script.insert(script.end(), command.begin() + 1, command.end());
  const auto environment_pointers = pointers(environment);
  const auto command_pointers = pointers(command);
  const auto script_pointers = pointers(script);
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) throw UserError(fmt::format("no pipe to be had: {}", strerror(errno)));
  started_ = now();
  pid_ = fork();
  if (pid_ == 0) {
    if (to_error) dup2(STDERR_FILENO, STDOUT_FILENO);
    become(path.c_str(), command_pointers.data(), script_pointers.data(), environment_pointers.data(),
           report[1]);
  }
  const int fork_error = errno;
  close(report[1]);
  int error = 0;
  const ssize_t received = pid_ > 0 ? read(report[0], &error, sizeof error) : 0;
  close(report[0]);
  if (pid_ < 0) throw UserError(fmt::format("no new process to be had: {}", strerror(fork_error)));
  if (received == sizeof error) {
    waitpid(pid_, nullptr, 0);
    throw UserError(fmt::format("{} cannot be executed: {}; check the file", path, strerror(error)),
                    error == ENOENT ? kNotFound : kNotExecutable);
  }
}

// What the terminal sends goes to the whole process group, so the program has it already.
void Launch::forward(int number, int code, pid_t sender) const {
  if (code == SI_KERNEL || sender == pid_) return;
  kill(pid_, number);
}

// True when the program has ended.
bool Launch::collect(Ending &ending) {
  int status = 0;
  while (wait4(pid_, &status, WNOHANG | WUNTRACED, &ending.usage) == pid_) {
    if (WIFSTOPPED(status)) {
      // Stopped by job control: so that the shell sees its job stopped, we stop too, until it is continued.
      const int number = WSTOPSIG(status);
      if (number == SIGTSTP || number == SIGTTIN || number == SIGTTOU) {
        raise(SIGSTOP);
        kill(pid_, SIGCONT);
      }
      continue;
    }
    ending.wall_seconds = now() - started_;
    if (WIFSIGNALED(status)) {
      ending.signal = WTERMSIG(status);
      ending.dumped_core = WCOREDUMP(status);
      ending.exit_code = 128 + ending.signal;
    } else {
      ending.exit_code = WEXITSTATUS(status);
    }
    return true;
  }
  return false;
}

Ending Launch::wait() {
  Ending ending;
  const sigset_t held = held_signals();
  while (!collect(ending)) {
    siginfo_t info;
    const int number = sigwaitinfo(&held, &info);
    if (number > 0 && number != SIGCHLD) forward(number, info.si_code, info.si_pid);
  }
  return ending;
}

}  // namespace heapmeter::cli
