// SPDX-License-Identifier: MIT
#include "service/socket_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <heapmeter/protocol.h>

#include "base/options.h"
#include "base/sys.h"
#include "base/text_buffer.h"

namespace heapmeter::socket_file {
namespace {

constexpr int kBacklog = 128;
constexpr size_t kPathRoom = 108;  // sockaddr_un's
constexpr uint64_t kOpenPatienceNs = 200'000'000;
constexpr uint32_t kNapNs = 50'000;

constinit char path[kPathRoom] = {};
// The process whose file is there.
constinit int owner = 0;
// While the file may be there and `owner` does not say so yet.
constinit int opener = 0;

long as_long(const void *pointer) noexcept { return reinterpret_cast<long>(pointer); }

uint64_t user() noexcept { return static_cast<uint64_t>(sys::call(SYS_geteuid)); }

// A directory of ours that nobody else can write to: the owner checked on what was opened, not on a name.
bool is_safe(const char *directory) noexcept {
  const long fd =
      sys::call(SYS_openat, AT_FDCWD, as_long(directory), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (sys::failed(fd)) return false;
  struct stat status;
  const bool known = sys::call(SYS_fstat, fd, as_long(&status)) == 0;
  sys::call(SYS_close, fd);
  return known && status.st_uid == user() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// Makes the last component only.
bool prepare(const char *directory) noexcept {
  sys::call(SYS_mkdirat, AT_FDCWD, as_long(directory), 0700);
  return is_safe(directory);
}

void terminate(TextBuffer &text, char *memory) noexcept { memory[text.size()] = '\0'; }

bool default_directory(char (&out)[kPathRoom]) noexcept {
  const char *runtime = options::get().runtime_directory;
  if (runtime != nullptr && *runtime == '/' && is_safe(runtime)) {
    TextBuffer text(out, sizeof out - 1);
    text.add(runtime);
    text.add("/" HEAPMETER_RUNTIME_SUBDIRECTORY);
    terminate(text, out);
    if (!text.overflowed() && prepare(out)) return true;
  }
  TextBuffer text(out, sizeof out - 1);
  text.add(HEAPMETER_FALLBACK_DIRECTORY_START);
  text.add(user());
  terminate(text, out);
  return prepare(out);
}

bool name_socket(const char *directory, const char *suffix, char (&out)[kPathRoom]) noexcept {
  TextBuffer text(out, sizeof out - 1);
  text.add(directory);
  text.add("/");
  text.add(static_cast<uint64_t>(sys::pid()));
  text.add("-");
  text.add(sys::start_time_ticks());
  text.add(suffix);
  terminate(text, out);
  return !text.overflowed();
}

void unlink(const char *name) noexcept { sys::call(SYS_unlinkat, AT_FDCWD, as_long(name), 0); }

// Under another name until it listens and nobody else may connect: no reader meets it half made. What stands
// there already, under either name, has our pid and start time: our own, from before an exec.
long appear(long fd, const sockaddr_un &address) noexcept {
  long result = sys::call(SYS_bind, fd, as_long(&address), sizeof address);
  if (result == -EADDRINUSE) {
    unlink(address.sun_path);
    result = sys::call(SYS_bind, fd, as_long(&address), sizeof address);
  }
  if (sys::failed(result)) return result;
  sys::call(SYS_fchmodat, AT_FDCWD, as_long(address.sun_path), 0600);
  result = sys::call(SYS_listen, fd, kBacklog);
  if (sys::failed(result)) return result;
  return sys::call(SYS_renameat2, AT_FDCWD, as_long(address.sun_path), AT_FDCWD, as_long(path), 0);
}

int listen_in(const char *directory) noexcept {
  char standard[kPathRoom];
  if (directory != nullptr) {
    if (!prepare(directory)) return -EACCES;
  } else {
    if (!default_directory(standard)) return -EACCES;
    directory = standard;
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!name_socket(directory, HEAPMETER_SOCKET_SUFFIX, path)) return -ENAMETOOLONG;
  if (!name_socket(directory, HEAPMETER_UNFINISHED_SUFFIX, address.sun_path)) return -ENAMETOOLONG;

  const long fd = sys::call(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (sys::failed(fd)) return static_cast<int>(fd);
  const long result = appear(fd, address);
  if (!sys::failed(result)) return static_cast<int>(fd);
  sys::call(SYS_close, fd);
  unlink(address.sun_path);
  return static_cast<int>(result);
}

}  // namespace

bool opening() noexcept { return __atomic_load_n(&opener, __ATOMIC_SEQ_CST) == sys::pid(); }

int open(const char *directory, const service::Ending &ending) noexcept {
  // Who exits meanwhile waits until it is known whether there is a file.
  __atomic_store_n(&opener, sys::pid(), __ATOMIC_SEQ_CST);
  int listener = -1;
  if (!ending.now()) {
    listener = listen_in(directory);
    if (listener >= 0) __atomic_store_n(&owner, sys::pid(), __ATOMIC_SEQ_CST);
  }
  __atomic_store_n(&opener, 0, __ATOMIC_SEQ_CST);
  return listener;
}

void remove() noexcept {
  // In this order: whoever exits in between removes it, too, and finds nothing.
  unlink(path);
  __atomic_store_n(&owner, 0, __ATOMIC_RELEASE);
}

void remove_at_exit() noexcept {
  // Not for ever: a directory may hang, and the program's exit must not.
  const uint64_t give_up_ns = sys::monotonic_ns() + kOpenPatienceNs;
  while (opening() && sys::monotonic_ns() < give_up_ns) sys::sleep_ns(kNapNs);
  // A vfork child, or one that got past our fork handlers, must not remove its parent's.
  if (__atomic_load_n(&owner, __ATOMIC_SEQ_CST) == sys::pid()) unlink(path);
}

void after_fork() noexcept {
  __atomic_store_n(&opener, 0, __ATOMIC_RELEASE);
  __atomic_store_n(&owner, 0, __ATOMIC_RELEASE);
}

}  // namespace heapmeter::socket_file
