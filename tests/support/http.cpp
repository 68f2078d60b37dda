// SPDX-License-Identifier: MIT
#include "support/http.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json/parse.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "support/patience.h"

namespace heapmeter::testing {

boost::json::value Answer::json() const { return boost::json::parse(body); }

Connection::Connection(const std::filesystem::path &socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.string().size() >= sizeof address.sun_path)
    throw std::runtime_error("path too long: " + socket.string());
  std::strcpy(address.sun_path, socket.c_str());
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd_, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) {
    const int error = errno;
    close(fd_);
    throw std::system_error(error, std::generic_category(), "connect " + socket.string());
  }
}

Connection::~Connection() {
  if (fd_ >= 0) close(fd_);
}

bool Connection::send(const std::string &bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t sent = ::send(fd_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    done += static_cast<std::size_t>(sent);
  }
  return true;
}

void Connection::finish_sending() { shutdown(fd_, SHUT_WR); }

bool Connection::has_answer() const {
  pollfd ready{fd_, POLLIN, 0};
  return poll(&ready, 1, 0) > 0;
}

std::string Connection::receive_all(std::chrono::milliseconds deadline) {
  const Patience patience(deadline);
  std::string bytes;
  char buffer[65536];
  for (;;) {
    pollfd ready{fd_, POLLIN, 0};
    const int left_ms = patience.left_ms();
    if (left_ms == 0 || poll(&ready, 1, left_ms) < 0) return bytes;
    if (ready.revents == 0) continue;
    const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
}

Answer parse_answer(const std::string &bytes) {
  Answer answer;
  const auto split = bytes.find("\r\n\r\n");
  if (split == std::string::npos || bytes.rfind("HTTP/1.1 ", 0) != 0) return answer;
  answer.status = std::atoi(bytes.c_str() + std::strlen("HTTP/1.1 "));
  answer.head = bytes.substr(0, split + 2);
  answer.body = bytes.substr(split + 4);
  return answer;
}

Answer get(const std::filesystem::path &socket, const std::string &path, const std::string &method) {
  Connection connection(socket);
  connection.send(method + " " + path + " HTTP/1.1\r\nHost: heapmeter\r\n\r\n");
  return parse_answer(connection.receive_all());
}

}  // namespace heapmeter::testing
