// SPDX-License-Identifier: MIT
#include "record/recording_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "record/recording.h"
#include "text/output.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli::record {
namespace {

constexpr const char *kAdvice = "choose another file for -o";

[[noreturn]] void fail(const std::string &path, int error) {
  throw UserError(fmt::format("{} cannot be written: {}; {}", printable(path), strerror(error), kAdvice));
}

// Of the open file, so that a second recorder in the same process would be refused, too.
bool lock(int fd, int how, short kind) {
  struct flock whole = {};
  whole.l_type = kind;
  whole.l_whence = SEEK_SET;
  return fcntl(fd, how, &whole) == 0 && (how == F_OFD_SETLK || whole.l_type == F_UNLCK);
}

// A name that was renamed away meanwhile leads to another file.
bool is_still(int fd, const std::string &path) {
  struct stat here = {}, there = {};
  return fstat(fd, &here) == 0 && stat(path.c_str(), &there) == 0 && here.st_dev == there.st_dev &&
         here.st_ino == there.st_ino;
}

}  // namespace

RecordingFile::RecordingFile(const std::string &path) : path_(path) {
  try {
    open_locked();
    begin();
  } catch (...) {
    if (fd_ >= 0) close(fd_);
    throw;
  }
}

RecordingFile::~RecordingFile() { close(fd_); }

void RecordingFile::open_locked() {
  for (;;) {
    fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd_ < 0) fail(path_, errno);
    struct stat about = {};
    if (fstat(fd_, &about) != 0) fail(path_, errno);
    if (!S_ISREG(about.st_mode))
      throw UserError(
          fmt::format("{} is no regular file: it cannot be gone on with; {}", printable(path_), kAdvice));
    if (!lock(fd_, F_OFD_SETLK, F_WRLCK)) {
      throw UserError(
          fmt::format("{} is being recorded to by another heapmeter record; {}", printable(path_), kAdvice));
    }
    size_ = old_bytes_ = static_cast<std::uint64_t>(about.st_size);
    if (is_still(fd_, path_)) return;
    close(fd_);
  }
}

void RecordingFile::begin() {
  // The very first bytes may have been torn, too.
  std::string beginning(64, '\0');
  beginning.resize(source_of(fd_)(beginning.data(), beginning.size(), 0));
  if (kSignature.starts_with(beginning)) {
    if (ftruncate(fd_, 0) != 0) fail(path_, errno);
    size_ = old_bytes_ = 0;
    if (const int error = output::write_to(fd_, kSignature); error != 0) fail(path_, error);
    size_ = kSignature.size();
    return;
  }
  if (!is_recording(beginning, printable(path_))) {
    throw UserError(
        fmt::format("{} is there, and is no recording: it stays as it is; {}", printable(path_), kAdvice));
  }
  Frames frames(source_of(fd_));
  while (frames.next()) {
  }
  torn_ = frames.torn_bytes();
  size_ = frames.good_end();
  if (torn_ > 0 && ftruncate(fd_, static_cast<off_t>(size_)) != 0) fail(path_, errno);
}

int RecordingFile::append(std::string_view payload) {
  const std::string bytes = framed(payload);
  const int error = output::write_to(fd_, bytes);
  if (error == 0) {
    size_ += bytes.size();
    return 0;
  }
  // Half a frame would be the end for a reader.
  return ftruncate(fd_, static_cast<off_t>(size_)) == 0 ? error : errno;
}

RecordingFile::Beside RecordingFile::beside() const {
  std::string name = path_ + ".XXXXXX";
  const int fd = mkostemp(name.data(), O_APPEND | O_CLOEXEC);
  if (fd < 0) return {name, fd, errno};
  struct stat about = {};
  if (fstat(fd_, &about) == 0) fchmod(fd, about.st_mode & 0777);
  lock(fd, F_OFD_SETLK, F_WRLCK);
  return {name, fd, 0};
}

int RecordingFile::replace(const std::string &name, int fd) {
  struct stat about = {};
  if (fsync(fd) != 0 || fstat(fd, &about) != 0 || rename(name.c_str(), path_.c_str()) != 0) return errno;
  close(fd_);
  fd_ = fd;
  size_ = static_cast<std::uint64_t>(about.st_size);
  return 0;
}

bool is_being_recorded(int fd) { return !lock(fd, F_OFD_GETLK, F_RDLCK); }

}  // namespace heapmeter::cli::record
