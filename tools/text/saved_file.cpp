// SPDX-License-Identifier: MIT
#include "text/saved_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text/output.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

int write_and_close(int fd, std::string_view bytes) {
  const int error = output::write_to(fd, bytes);
  return close(fd) != 0 && error == 0 ? errno : error;
}

// Pipes and devices, what has other names, and what is somebody else's, would be another file after it.
bool may_be_replaced(const std::string &path) {
  struct stat about = {};
  if (lstat(path.c_str(), &about) != 0) return errno == ENOENT;
  return S_ISREG(about.st_mode) && about.st_nlink == 1 && about.st_uid == geteuid() &&
         about.st_gid == getegid() && access(path.c_str(), W_OK) == 0;
}

// Beside it, then in its place; 0 or an errno. -1: nothing can be made there.
int replace(const std::string &path, std::string_view bytes) {
  const std::string fresh = path + "." + std::to_string(getpid());
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return -1;
  struct stat about = {};
  if (stat(path.c_str(), &about) == 0) fchmod(fd, about.st_mode & 07777);
  int error = write_and_close(fd, bytes);
  if (error == 0 && rename(fresh.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) unlink(fresh.c_str());
  return error;
}

int write_in_place(const std::string &path, std::string_view bytes) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  return fd < 0 ? errno : write_and_close(fd, bytes);
}

// What is there, but for pipes and devices, which are opened once; else whether anything can be made there.
int error_of_saving(const std::string &path) {
  struct stat about = {};
  if (stat(path.c_str(), &about) == 0) {
    if (S_ISDIR(about.st_mode)) return EISDIR;
    return S_ISREG(about.st_mode) && access(path.c_str(), W_OK) != 0 ? errno : 0;
  }
  if (errno != ENOENT) return errno;
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return errno == EEXIST ? 0 : errno;  // a link to where nothing is yet
  close(fd);
  return unlink(path.c_str()) == 0 ? 0 : errno;
}

[[noreturn]] void throw_unwritable(const std::string &path, int error, const std::string &option) {
  throw UserError(path + " cannot be written: " + strerror(error) + "; choose another file for " + option);
}

}  // namespace

void check_saving(const std::string &path, const std::string &option) {
  if (const int error = error_of_saving(path); error != 0) throw_unwritable(path, error, option);
}

void save_file(const std::string &path, std::string_view bytes, const std::string &option) {
  int error = may_be_replaced(path) ? replace(path, bytes) : -1;
  if (error < 0) error = write_in_place(path, bytes);
  if (error != 0) throw_unwritable(path, error, option);
}

}  // namespace heapmeter::cli
