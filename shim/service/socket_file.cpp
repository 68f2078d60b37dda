// SPDX-License-Identifier: MIT
#include "service/socket_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
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
constexpr size_t kFolderRoom = 108;
constexpr size_t kNameRoom = 48;  // two numbers and an ending
constexpr uint64_t kOpenPatienceNs = 200'000'000;
constexpr uint32_t kNapNs = 50'000;

// A directory that was opened and found safe. Its name may mean another a moment later.
struct Folder {
  char path[kFolderRoom];
  int fd;  // in the service thread's table
  dev_t device;
  ino_t number;
};
constinit Folder folder = {};
constinit char name[kNameRoom] = {};
// The process whose file is there.
constinit int owner = 0;
// While the file may be there and `owner` does not say so yet.
constinit int opener = 0;

long as_long(const void *pointer) noexcept { return reinterpret_cast<long>(pointer); }

uint64_t user() noexcept { return static_cast<uint64_t>(sys::call(SYS_geteuid)); }

void terminate(TextBuffer &text, char *memory) noexcept { memory[text.size()] = '\0'; }

// Checked on what was opened. -EPERM for one that is just as private, but another user's.
long check(long fd, Folder &out) noexcept {
  struct stat status;
  if (sys::call(SYS_fstat, fd, as_long(&status)) != 0) return -EACCES;
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return -EACCES;
  if (status.st_uid != user()) return -EPERM;
  out.fd = static_cast<int>(fd);
  out.device = status.st_dev;
  out.number = status.st_ino;
  return 0;
}

// Negative unless it is a directory of ours that nobody else can write to.
long open_safe(long at, const char *path, Folder &out) noexcept {
  const long fd = sys::call(SYS_openat, at, as_long(path), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (sys::failed(fd)) return fd;
  const long result = check(fd, out);
  if (result != 0) sys::call(SYS_close, fd);
  return result;
}

// Makes the last component only. A slash behind it would follow a link.
long prepare(Folder &out) noexcept {
  for (size_t length = strlen(out.path); length > 1 && out.path[length - 1] == '/';)
    out.path[--length] = '\0';
  sys::call(SYS_mkdirat, AT_FDCWD, as_long(out.path), 0700);
  return open_safe(AT_FDCWD, out.path, out);
}

long prepare_standard(Folder &out) noexcept {
  const char *runtime = options::get().runtime_directory;
  Folder parent;
  if (runtime != nullptr && open_safe(AT_FDCWD, runtime, parent) == 0) {
    sys::call(SYS_mkdirat, parent.fd, as_long(HEAPMETER_RUNTIME_SUBDIRECTORY), 0700);
    const long result = open_safe(parent.fd, HEAPMETER_RUNTIME_SUBDIRECTORY, out);
    sys::call(SYS_close, parent.fd);
    TextBuffer text(out.path, sizeof out.path - 1);
    text.add(runtime);
    text.add("/" HEAPMETER_RUNTIME_SUBDIRECTORY);
    terminate(text, out.path);
    if (result == 0) return 0;
  }
  TextBuffer text(out.path, sizeof out.path - 1);
  text.add(HEAPMETER_FALLBACK_DIRECTORY_START);
  text.add(user());
  terminate(text, out.path);
  return prepare(out);
}

constexpr uint64_t kNobody = ~uint64_t{0};
constinit uint64_t first_user = kNobody;

// Since the first socket was to be made.
bool became_another_user() noexcept {
  if (first_user == kNobody) first_user = user();
  return first_user != user();
}

// A program that became another user has its socket where that user has his, also where the way to the chosen
// directory is closed to him.
long prepare_chosen(const char *directory, Folder &out) noexcept {
  const bool another = became_another_user();
  TextBuffer text(out.path, sizeof out.path - 1);
  text.add(directory);
  terminate(text, out.path);
  const long result = prepare(out);
  return result == -EPERM || (result == -EACCES && another) ? prepare_standard(out) : result;
}

void name_socket(const char *suffix, char (&out)[kNameRoom]) noexcept {
  TextBuffer text(out, sizeof out - 1);
  text.add(static_cast<uint64_t>(sys::pid()));
  text.add("-");
  text.add(sys::start_time_ticks());
  text.add(suffix);
  terminate(text, out);
}

// The directory as this thread has opened it, whatever its name means by now.
using FolderName = char[48];
void name_opened(FolderName &out) noexcept {
  TextBuffer text(out, sizeof out - 1);
  text.add("/proc/thread-self/fd/");
  text.add(static_cast<uint64_t>(folder.fd));
  terminate(text, out);
}

long bind_in(const char *directory, const char *file, long fd) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  TextBuffer text(address.sun_path, sizeof address.sun_path - 1);
  text.add(directory);
  text.add("/");
  text.add(file);
  terminate(text, address.sun_path);
  return text.overflowed() ? -ENAMETOOLONG : sys::call(SYS_bind, fd, as_long(&address), sizeof address);
}

// An address has no descriptor in it. Where there is no /proc the directory's name must do: should that mean
// another by now, the socket lies there, mute.
long bind_there(const char *file, long fd) noexcept {
  FolderName opened;
  name_opened(opened);
  const long result = bind_in(opened, file, fd);
  if (result != -ENOENT) return result;
  const long known = sys::call(SYS_openat, AT_FDCWD, as_long(opened), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (sys::failed(known)) return bind_in(folder.path, file, fd);
  sys::call(SYS_close, known);
  return result;
}

void unlink(long at, const char *file) noexcept { sys::call(SYS_unlinkat, at, as_long(file), 0); }

// Under another name until it listens and nobody else may connect: no reader meets it half made. What stands
// there already, under either name, has our pid and start time: our own, from before an exec.
long appear(long fd, const char *unfinished) noexcept {
  long result = bind_there(unfinished, fd);
  if (result == -EADDRINUSE) {
    unlink(folder.fd, unfinished);
    result = bind_there(unfinished, fd);
  }
  if (sys::failed(result)) return result;
  sys::call(SYS_fchmodat, folder.fd, as_long(unfinished), 0600);
  result = sys::call(SYS_listen, fd, kBacklog);
  if (sys::failed(result)) return result;
  return sys::call(SYS_renameat2, folder.fd, as_long(unfinished), folder.fd, as_long(name), 0);
}

int listen_in(const char *directory) noexcept {
  const long ready = directory == nullptr ? prepare_standard(folder) : prepare_chosen(directory, folder);
  if (ready != 0) return static_cast<int>(ready);
  char unfinished[kNameRoom];
  name_socket(HEAPMETER_SOCKET_SUFFIX, name);
  name_socket(HEAPMETER_UNFINISHED_SUFFIX, unfinished);

  const long fd = sys::call(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (sys::failed(fd)) return static_cast<int>(fd);
  const long result = appear(fd, unfinished);
  if (!sys::failed(result)) return static_cast<int>(fd);
  sys::call(SYS_close, fd);
  unlink(folder.fd, unfinished);
  return static_cast<int>(result);
}

// From another thread, which has not the descriptor: if the name still means that directory.
void unlink_from_outside() noexcept {
  const long fd =
      sys::call(SYS_openat, AT_FDCWD, as_long(folder.path), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (sys::failed(fd)) return;
  struct stat status;
  if (sys::call(SYS_fstat, fd, as_long(&status)) == 0 && status.st_dev == folder.device &&
      status.st_ino == folder.number) {
    unlink(fd, name);
  }
  sys::call(SYS_close, fd);
}

}  // namespace

bool opening() noexcept {
  const int who = __atomic_load_n(&opener, __ATOMIC_SEQ_CST);
  return who != 0 && who == sys::pid();
}

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
  unlink(folder.fd, name);
  __atomic_store_n(&owner, 0, __ATOMIC_RELEASE);
}

void remove_at_exit() noexcept {
  // Not for ever: a directory may hang, and the program's exit must not.
  if (opening()) {
    const uint64_t give_up_ns = sys::monotonic_ns() + kOpenPatienceNs;
    while (opening() && sys::monotonic_ns() < give_up_ns) sys::sleep_ns(kNapNs);
  }
  // A vfork child, or one that got past our fork handlers, must not remove its parent's.
  const int whose = __atomic_load_n(&owner, __ATOMIC_SEQ_CST);
  if (whose != 0 && whose == sys::pid()) unlink_from_outside();
}

void after_fork() noexcept {
  __atomic_store_n(&opener, 0, __ATOMIC_RELEASE);
  __atomic_store_n(&owner, 0, __ATOMIC_RELEASE);
}

}  // namespace heapmeter::socket_file
