// SPDX-License-Identifier: MIT
//
// POSIX calls and not std::fstream, because a stream keeps neither errno nor the file descriptor fsync needs.
#include "support/file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace demo {
namespace {

std::unexpected<FileError> failed(const char *step, const std::filesystem::path &path) {
  return std::unexpected(FileError{step, path, {errno, std::system_category()}});
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  // A deferred write error surfaces here; the descriptor is gone in any case.
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

// Removes the temporary file unless it has become the real one.
class Temporary {
 public:
  explicit Temporary(std::string path) : path_(std::move(path)) {}
  Temporary(const Temporary &) = delete;
  Temporary &operator=(const Temporary &) = delete;
  ~Temporary() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  const std::string &path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  std::string path_;
};

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// mkstemp makes 0600; a configuration file should be as readable as it was, or as the umask says.
mode_t mode_for(const std::filesystem::path &path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return status.st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

std::expected<std::string, FileError> read_file(const std::filesystem::path &path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return failed("open", path);
  std::string text;
  char block[4096];
  for (;;) {
    const ssize_t count = ::read(file.get(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("read", path);
    if (count == 0) return text;
    text.append(block, static_cast<std::size_t>(count));
  }
}

std::expected<void, FileError> replace_file(const std::filesystem::path &path, std::string_view text) {
  std::error_code ignored;  // a path that does not exist yet is its own target
  const auto resolved = std::filesystem::canonical(path, ignored);
  const auto target = resolved.empty() ? path : resolved;
  const auto directory = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");

  std::string name = target.string() + ".XXXXXX";
  Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.is_open()) return failed("create a temporary file beside", target);
  Temporary temporary(std::move(name));

  if (::fchmod(file.get(), mode_for(target)) != 0) return failed("set the permissions of", temporary.path());
  if (!write_all(file.get(), text)) return failed("write", temporary.path());
  if (::fsync(file.get()) != 0) return failed("fsync", temporary.path());
  if (!file.close()) return failed("close", temporary.path());
  if (::rename(temporary.path().c_str(), target.c_str()) != 0) return failed("rename to", target);
  temporary.keep();

  // Without this the rename itself may be lost in a power cut.
  const Descriptor parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent.is_open()) return failed("open", directory);
  if (::fsync(parent.get()) != 0) return failed("fsync", directory);
  return {};
}

}  // namespace demo
