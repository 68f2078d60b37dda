// SPDX-License-Identifier: MIT
#include "service/report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/sandbox.h"
#include "base/sys.h"

namespace heapmeter::report_file {
namespace {

constexpr int kNamesTried = 8;
constexpr size_t kSuffixRoom = 32;

long as_long(const void *pointer) noexcept { return reinterpret_cast<long>(pointer); }

long look_at(const char *path, int flags, struct stat &status) noexcept {
  return sys::call(SYS_newfstatat, AT_FDCWD, as_long(path), as_long(&status), flags);
}

bool same_file(const struct stat &a, const struct stat &b) noexcept {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// The standard stream that writes to this file, or -1: replaced or cut off, it would lose what it wrote.
int stream_to(const char *path) noexcept {
  struct stat file, stream;
  if (look_at(path, 0, file) != 0) return -1;
  for (int fd = 1; fd <= 2; ++fd) {
    if (sys::call(SYS_fstat, fd, as_long(&stream)) == 0 && same_file(file, stream)) return fd;
  }
  return -1;
}

const char *parent_of(const char *path) noexcept {
  static char parent[PATH_MAX] HEAPMETER_APART("report_parent");
  const size_t length = static_cast<size_t>(strrchr(path, '/') + 1 - path);
  memcpy(parent, path, length);
  parent[length] = '\0';
  return parent;
}

// A link that somebody else put where everybody may: not followed, whatever the kernel is set to allow
// (fs.protected_symlinks).
bool planted(const char *path, const struct stat &link) noexcept {
  const auto user = static_cast<uid_t>(sys::call(SYS_geteuid));
  if (link.st_uid == user) return false;
  struct stat directory;
  if (look_at(parent_of(path), 0, directory) != 0) return true;
  return (directory.st_mode & S_IWOTH) != 0 && link.st_uid != directory.st_uid;
}

long close_after(long fd, long result) noexcept {
  const long closed = sys::call(SYS_close, fd);
  return result != 0 ? result : closed;
}

// A new file of a name that nobody has: what lies there already is nothing of ours, and is not opened.
long create_beside(const char *path, char (&name)[PATH_MAX + kSuffixRoom]) noexcept {
  long fd = -EEXIST;
  for (int tries = 0; tries < kNamesTried && fd == -EEXIST; ++tries) {
    TextBuffer text(name, sizeof name - 1);
    text.add(path);
    text.add(".");
    text.add(sys::monotonic_ns());
    text.add(".part");
    name[text.size()] = '\0';
    fd = sys::call(SYS_openat, AT_FDCWD, as_long(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  }
  return fd;
}

long write_in_place(const char *path, const TextBuffer &text, int no_follow) noexcept {
  // Without O_NONBLOCK a fifo would wait for its reader.
  const long fd = sys::call(SYS_openat, AT_FDCWD, as_long(path),
                            O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | no_follow, 0666);
  if (sys::failed(fd)) return fd;
  struct stat status;
  if (sys::call(SYS_fstat, fd, as_long(&status)) == 0 && S_ISREG(status.st_mode)) {
    const long cut = sys::call(SYS_ftruncate, fd, 0);
    if (sys::failed(cut)) return close_after(fd, cut);
  }
  return close_after(fd, sys::write_all(static_cast<int>(fd), text.data(), text.size()));
}

// `possible` says whether there was room for a file beside, and whether it may take this one's place.
long replace(const char *path, const TextBuffer &text, bool &possible) noexcept {
  static char name[PATH_MAX + kSuffixRoom] HEAPMETER_APART("report_name");
  const long fd = create_beside(path, name);
  possible = !sys::failed(fd);
  if (!possible) return fd;
  long result = close_after(fd, sys::write_all(static_cast<int>(fd), text.data(), text.size()));
  if (result == 0) {
    result = sys::call(SYS_renameat, AT_FDCWD, as_long(name), AT_FDCWD, as_long(path));
    possible = result == 0;
  }
  if (result != 0 && sandbox::lets_clean_up()) sys::call(SYS_unlinkat, AT_FDCWD, as_long(name), 0);
  return result;
}

}  // namespace

long write(const char *path, const TextBuffer &text) noexcept {
  if (strlen(path) >= PATH_MAX) return -ENAMETOOLONG;
  if (const int fd = stream_to(path); fd >= 0) return sys::write_all(fd, text.data(), text.size());
  struct stat status;
  const long found = look_at(path, AT_SYMLINK_NOFOLLOW, status);
  if (found == -ENOENT || (found == 0 && S_ISREG(status.st_mode))) {
    bool possible;
    const long result = replace(path, text, possible);
    // Cut off, an older report would be lost for a new one that has no room either.
    if (possible || result == -ENOSPC || result == -EDQUOT) return result;
  }
  const bool link = found == 0 && S_ISLNK(status.st_mode);
  if (link && planted(path, status)) return -ELOOP;
  return write_in_place(path, text, link ? 0 : O_NOFOLLOW);
}

bool is_shut_in(const char *path, long error) noexcept {
  if (error != -EACCES || !sandbox::has_forbidden_itself_files()) return false;
  const auto allows = [](const char *what, int how) {
    return sys::call(SYS_faccessat2, AT_FDCWD, as_long(what), how, AT_EACCESS);
  };
  const long answer = allows(path, W_OK);
  return answer == 0 || (answer == -ENOENT && allows(parent_of(path), W_OK | X_OK) == 0);
}

const char *reason(long error) noexcept {
  switch (-error) {
    case ENOSPC:
    case EDQUOT:
      return "there is no room";
    case EFBIG:
      return "it is larger than a file may be (ulimit -f)";
    case EACCES:
    case EPERM:
      return "this user may not write there";
    case EROFS:
      return "nothing can be written there";
    case ENOENT:
    case ENOTDIR:
      return "there is no such directory";
    case EISDIR:
      return "it is a directory";
    case ENXIO:
    case EPIPE:
      return "nobody reads there";
    case EAGAIN:
      return "its reader has stopped reading";
    case ENAMETOOLONG:
      return "the name is too long";
    case ELOOP:
      return "it is a link that is not to be followed";
    case EMFILE:
    case ENFILE:
      return "too many files are open";
    default:
      return "an error occurred on the way";
  }
}

}  // namespace heapmeter::report_file
