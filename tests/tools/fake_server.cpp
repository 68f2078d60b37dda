// SPDX-License-Identifier: MIT
#include "tools/fake_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace heapmeter::testing {

FakeServer::FakeServer(const std::filesystem::path &socket, Talk talk)
    : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
  if (bind(listener_, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
      listen(listener_, 16) != 0) {
    throw std::system_error(errno, std::generic_category(), "listening at " + socket.string());
  }
  thread_ = std::jthread([this, talk] {
    for (;;) {
      const int connection = accept(listener_, nullptr, nullptr);
      if (stopping_) return;
      if (connection < 0) continue;
      talk(connection);
      close(connection);
    }
  });
}

FakeServer::~FakeServer() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

void read_request(int connection) {
  std::string request;
  char letter;
  while (!request.ends_with("\r\n\r\n") && read(connection, &letter, 1) == 1) request += letter;
}

bool send_text(int connection, const std::string &text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t now = send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) return false;
    sent += static_cast<std::size_t>(now);
  }
  return true;
}

FakeServer::Talk answer(const std::string &text) {
  return [text](int connection) {
    read_request(connection);
    send_text(connection, text);
  };
}

std::string http_answer(const std::string &body, const std::string &status) {
  // The length padded with blanks, as the meter's own answers have it.
  return "HTTP/1.1 " + status +
         "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length:      " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

void say_nothing(int connection) {
  read_request(connection);
  pollfd closed{connection, POLLRDHUP, 0};
  poll(&closed, 1, 20'000);
}

}  // namespace heapmeter::testing
