// SPDX-License-Identifier: MIT
#include "system/foreign_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fmt/format.h>

#include "system/process.h"

namespace heapmeter::cli {
namespace {

constexpr int kPlace = O_PATH | O_CLOEXEC;

int place_below(int root, const std::string &path) {
  open_how how{};
  how.flags = kPlace | O_NOFOLLOW;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const long place = syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
  // Before Linux 5.6, and in containers that do not know the call.
  if (place >= 0 || (errno != ENOSYS && errno != EPERM)) return static_cast<int>(place);
  return openat(root, ("." + path).c_str(), kPlace | O_NOFOLLOW);
}

}  // namespace

ForeignFile ForeignFile::named(const std::string &path) { return ForeignFile(open(path.c_str(), kPlace)); }

ForeignFile ForeignFile::found(const std::string &path) {
  return ForeignFile(open(path.c_str(), kPlace | O_NOFOLLOW));
}

ForeignFile ForeignFile::of_process(int pid, const std::string &path) {
  const int root =
      open(fmt::format("/proc/{}/root", process::living_thread(pid)).c_str(), kPlace | O_DIRECTORY);
  if (root < 0 || !path.starts_with('/')) {
    if (root >= 0) close(root);
    return ForeignFile(-1);
  }
  const int place = place_below(root, path);
  const int error = errno;
  close(root);
  errno = error;
  return ForeignFile(place);
}

ForeignFile ForeignFile::mapped(int pid, std::uint64_t start, std::uint64_t end, const std::string &path) {
  ForeignFile itself =
      named(fmt::format("/proc/{}/map_files/{:x}-{:x}", process::living_thread(pid), start, end));
  return itself ? std::move(itself) : of_process(pid, path);
}

ForeignFile::ForeignFile(int place) {
  struct stat status;
  if (place < 0 || fstat(place, &status) != 0) {
    error_ = errno;
  } else if (!S_ISREG(status.st_mode)) {
    no_file_ = true;
  } else {
    fd_ = open(fmt::format("/proc/self/fd/{}", place).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd_ < 0) error_ = errno;
    size_ = static_cast<std::uint64_t>(status.st_size);
    owner_ = status.st_uid;
  }
  if (place >= 0) close(place);
}

ForeignFile::ForeignFile(ForeignFile &&other) noexcept
    : fd_(other.fd_),
      size_(other.size_),
      owner_(other.owner_),
      no_file_(other.no_file_),
      error_(other.error_) {
  other.fd_ = -1;
}

ForeignFile::~ForeignFile() {
  if (fd_ >= 0) close(fd_);
}

std::optional<std::string> ForeignFile::text(std::uint64_t most) const {
  if (fd_ < 0 || size_ > most) return std::nullopt;
  std::string text(size_, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = pread(fd_, text.data() + length, text.size() - length, static_cast<off_t>(length));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  text.resize(length);
  return text;
}

}  // namespace heapmeter::cli
