// SPDX-License-Identifier: MIT
#include "support/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ostream>
#include <system_error>
#include <thread>

#include "support/patience.h"
#include "support/temp_dir.h"

namespace heapmeter::testing {
namespace {

[[noreturn]] void fail(const std::string &what, int error) {
  throw std::system_error(error, std::generic_category(), what);
}

int memory_file(const char *name) {
  const int fd = memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) fail("memfd_create", errno);
  if (fcntl(fd, F_SETFL, O_APPEND) != 0) fail("fcntl O_APPEND", errno);
  return fd;
}

std::string contents(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) fail("fstat", errno);
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t got = pread(fd, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (got < 0) fail("pread", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

std::vector<char *> pointers(std::vector<std::string> &strings) {
  std::vector<char *> result;
  for (auto &string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

Environment plain_environment() {
  return {{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
          {"HOME", "/nonexistent"},
          {"LC_ALL", "C.UTF-8"}};
}

Process::Process(const Command &command) : command_(command) {
  in_ = memory_file("stdin");
  out_ = memory_file("stdout");
  err_ = memory_file("stderr");
  if (write(in_, command_.input.data(), command_.input.size()) !=
      static_cast<ssize_t>(command_.input.size())) {
    fail("writing the input of " + command_.argv.at(0), errno);
  }
  lseek(in_, 0, SEEK_SET);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addchdir_np(&files, command_.directory.c_str());
  posix_spawn_file_actions_adddup2(&files, in_, 0);
  posix_spawn_file_actions_adddup2(&files, out_, 1);
  posix_spawn_file_actions_adddup2(&files, err_, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  // A job in a shell's background ignores Ctrl-C, one under nohup hang-ups, and so would all that it starts.
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);

  std::vector<std::string> variables;
  for (const auto &[name, value] : command_.environment) variables.push_back(name + "=" + value);
  auto argv = pointers(command_.argv);
  auto envp = pointers(variables);
  const int error = posix_spawnp(&pid_, argv[0], &files, &attributes, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) fail("starting " + command_.argv.at(0), error);
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (pidfd_ < 0) fail("pidfd_open", errno);
}

Process::~Process() {
  if (!reaped_) {
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  for (const int fd : {pidfd_, in_, out_, err_}) close(fd);
}

std::string Process::out() const { return contents(out_); }
std::string Process::err() const { return contents(err_); }

bool Process::running() const {
  pollfd ended{pidfd_, POLLIN, 0};
  return !reaped_ && poll(&ended, 1, 0) == 0;
}

void Process::signal(int number) const {
  if (!reaped_) kill(pid_, number);
}

void Process::stop() const {
  signal(SIGSTOP);
  const std::filesystem::path threads = "/proc/" + std::to_string(pid_) + "/task";
  const bool stopped = eventually([&] {
    for (const auto &thread : std::filesystem::directory_iterator(threads)) {
      const std::string status = read_file(thread.path() / "stat");
      if (status.compare(status.rfind(')'), 3, ") T") != 0) return false;
    }
    return true;
  });
  if (!stopped) fail("stopping process " + std::to_string(pid_), ETIMEDOUT);
}

Outcome Process::wait() {
  Outcome outcome;
  outcome.pid = pid_;
  pollfd ended{pidfd_, POLLIN, 0};
  // On a crowded machine a poll was seen to sleep on for ten minutes beside a child that had ended.
  const auto has_ended = [&] {
    siginfo_t info{};
    return ended.revents != 0 ||
           (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid == pid_);
  };
  constexpr int kNowAndThenMs = 1000;
  const Patience patience(command_.deadline);
  while (!outcome.timed_out && !has_ended()) {
    const int left_ms = patience.left_ms();
    if (poll(&ended, 1, std::min(left_ms, kNowAndThenMs)) < 0 && errno != EINTR) fail("poll", errno);
    outcome.timed_out = left_ms == 0 && !has_ended();
  }
  // While the leader is not reaped its group's id cannot be anyone else's.
  kill(-pid_, SIGKILL);
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) fail("waitpid", errno);
  reaped_ = true;
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  outcome.out = out();
  outcome.err = err();
  return outcome;
}

Outcome run(const Command &command) { return Process(command).wait(); }

std::ostream &operator<<(std::ostream &stream, const Outcome &outcome) {
  const auto shortened = [](const std::string &text) {
    return text.size() <= 4000 ? text : text.substr(0, 2000) + "\n...\n" + text.substr(text.size() - 2000);
  };
  return stream << (outcome.timed_out ? "timed out, " : "") << "exit code " << outcome.exit_code
                << ", signal " << outcome.signal << "\nstdout: " << shortened(outcome.out)
                << "\nstderr: " << shortened(outcome.err);
}

bool eventually(const std::function<bool()> &condition, std::chrono::milliseconds deadline) {
  const Patience patience(deadline);
  while (!condition()) {
    if (patience.is_over()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace heapmeter::testing
