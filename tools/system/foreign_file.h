// SPDX-License-Identifier: MIT
//
// Opening what somebody else may have made, or puts in the place of another while we look. Root reads files
// of everybody: a name may lead to a FIFO that holds a reader for ever, to a device that opening sets going,
// or by a link to what only root may see. So the file is found first, without being opened, and opened only
// when it is a regular one; a lease on it does not hold us up either.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

namespace heapmeter::cli {

class ForeignFile {
 public:
  // As the user named it, and the kernel in links of its own (/proc/PID/exe): links are followed.
  static ForeignFile named(const std::string &path);
  // As found in a directory that others may write to: no link.
  static ForeignFile found(const std::string &path);
  // A file that a process has mapped, by the name it has there: below the process's root directory, and
  // without any link on the way, as the kernel's names of mapped files are.
  static ForeignFile of_process(int pid, const std::string &path);
  // The very file mapped at these addresses, whatever stands at its name by now, where the kernel lets us
  // (root's rights); else the one of its name.
  static ForeignFile mapped(int pid, std::uint64_t start, std::uint64_t end, const std::string &path);

  ForeignFile(ForeignFile &&other) noexcept;
  ForeignFile &operator=(ForeignFile &&) = delete;
  ~ForeignFile();

  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  std::uint64_t size() const { return size_; }
  uid_t owner() const { return owner_; }
  // Why it is not open: something else than a regular file is there, or an errno.
  bool is_no_file() const { return no_file_; }
  int error() const { return error_; }

  // The whole of it; empty when it has more bytes than that, or cannot be read.
  std::optional<std::string> text(std::uint64_t most) const;

 private:
  // Takes a descriptor of O_PATH, or -1 with errno.
  explicit ForeignFile(int place);

  int fd_ = -1;
  std::uint64_t size_ = 0;
  uid_t owner_ = 0;
  bool no_file_ = false;
  int error_ = 0;
};

}  // namespace heapmeter::cli
