// SPDX-License-Identifier: MIT
//
// Directories in which metered processes have their sockets. One is trusted only when it is a real directory
// of the expected owner that nobody else can write to, checked on the open directory, and its sockets are
// reached through that: a name swapped afterwards changes nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace heapmeter::cli {

// Longer ones the library does not use: a socket address has 107 bytes.
inline constexpr std::size_t kLongestDirectory = 70;

class SocketDirectory {
 public:
  // Null when there is no such directory; throws UserError when there is one that is not to be trusted.
  static std::shared_ptr<const SocketDirectory> open(const std::string &path, uid_t owner);
  // The parent of a socket the user named himself: his word is enough.
  static std::shared_ptr<const SocketDirectory> open_unchecked(const std::string &path);
  ~SocketDirectory();
  SocketDirectory(const SocketDirectory &) = delete;
  SocketDirectory &operator=(const SocketDirectory &) = delete;

  const std::string &path() const { return path_; }
  int fd() const { return fd_; }
  // Whose sockets are here; empty when the user's word is all there is.
  std::optional<uid_t> owner() const { return owner_; }
  // Throws UserError when there are more than any machine has processes.
  std::vector<std::string> files() const;

 private:
  SocketDirectory(std::string path, int fd, std::optional<uid_t> owner)
      : path_(std::move(path)), fd_(fd), owner_(owner) {}
  std::string path_;
  int fd_;
  std::optional<uid_t> owner_;
};

// As private as the user's own would be: the library has its sockets in the standard place then.
bool belongs_to_another(const std::string &path, uid_t user);

// Where processes of this user have theirs: $HEAPMETER_DIR alone, or the standard places; for root, those of
// all users, and $HEAPMETER_DIR whoever's it is. A place not to be trusted is an error when it is the only
// one, else a line in `refused`.
std::vector<std::shared_ptr<const SocketDirectory>> socket_directories(std::vector<std::string> &refused);

}  // namespace heapmeter::cli
