// SPDX-License-Identifier: MIT
#include "client.h"

#include <algorithm>
#include <thread>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include "process.h"

namespace heapmeter::cli {
namespace {

namespace http = boost::beast::http;

constexpr std::uint64_t kBodyLimit = 64u << 20;

[[noreturn]] void fail(Silence why, const std::string &text) { throw NoAnswer(why, text); }

class Connection {
 public:
  explicit Connection(Deadline deadline)
      : deadline_(deadline), fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    if (fd_ < 0) fail(Silence::kGone, fmt::format("no socket to be had: {}", strerror(errno)));
  }
  ~Connection() { close(fd_); }
  Connection(const Connection &) = delete;
  Connection &operator=(const Connection &) = delete;

  void open(const Endpoint &endpoint) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = endpoint.address();
    if (path.size() >= sizeof address.sun_path) fail(Silence::kGone, "the socket's name is too long");
    std::copy(path.begin(), path.end(), address.sun_path);
    while (connect(fd_, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
      // A full queue of a unix socket is EAGAIN, and poll does not wait for it.
      if (errno == EAGAIN && std::chrono::steady_clock::now() < deadline_) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      } else if (errno == EAGAIN) {
        fail(Silence::kLate, "does not answer");
      } else if (errno == EACCES || errno == EPERM) {
        fail(Silence::kRefused, "the socket belongs to another user");
      } else if (errno != EINTR) {
        fail(Silence::kGone, strerror(errno));
      }
    }
    check_peer();
  }

  void send_all(std::string_view text) {
    while (!text.empty()) {
      wait_for(POLLOUT);
      const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        text.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN && errno != EINTR) {
        // It may have answered before it closed: 403 comes without reading the request.
        return;
      }
    }
  }

  pid_t peer_pid() const { return peer().pid; }

  // 0 at the end.
  std::size_t receive(char *out, std::size_t capacity) {
    for (;;) {
      wait_for(POLLIN);
      const ssize_t received = recv(fd_, out, capacity, 0);
      if (received >= 0) return static_cast<std::size_t>(received);
      if (errno == ECONNRESET) return 0;
      if (errno != EAGAIN && errno != EINTR) fail(Silence::kGone, strerror(errno));
    }
  }

 private:
  // Whoever listens must be this user or root, unless we are root and may ask anybody.
  void check_peer() const {
    const uid_t user = peer().uid;
    if (geteuid() != 0 && user != geteuid() && user != 0) {
      fail(Silence::kRefused, fmt::format("the socket belongs to user {}", user));
    }
  }

  // Those of the moment it began to listen.
  ucred peer() const {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (getsockopt(fd_, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
      fail(Silence::kGone, strerror(errno));
    return credentials;
  }

  void wait_for(short events) const {
    for (;;) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
      if (left.count() <= 0) fail(Silence::kLate, "does not answer");
      pollfd wanted{fd_, events, 0};
      const int ready = poll(&wanted, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
      if (ready > 0) return;
      if (ready < 0 && errno != EINTR) fail(Silence::kGone, strerror(errno));
    }
  }

  Deadline deadline_;
  int fd_;
};

using Parser = http::response_parser<http::string_body>;

// Feeds what has come; the parser takes whole headers at a time, so the rest waits in `pending`.
void feed(Parser &parser, std::string &pending) {
  boost::beast::error_code error;
  const std::size_t used = parser.put(boost::asio::buffer(pending), error);
  pending.erase(0, used);
  if (error && error != http::error::need_more) {
    fail(Silence::kStrange, "the answer is not HTTP: " + error.message());
  }
}

void receive_answer(Connection &connection, Parser &parser) {
  parser.eager(true);
  parser.body_limit(kBodyLimit);
  std::string pending, chunk(64 * 1024, '\0');
  bool anything = false;
  while (!parser.is_done()) {
    const std::size_t received = connection.receive(chunk.data(), chunk.size());
    if (received == 0) {
      boost::beast::error_code error;
      if (parser.is_header_done()) parser.put_eof(error);
      if (!parser.is_done()) {
        fail(Silence::kGone,
             anything ? "went away in the middle of its answer" : "went away without an answer");
      }
      break;
    }
    anything = true;
    pending.append(chunk, 0, received);
    if (pending.size() > kBodyLimit) fail(Silence::kStrange, "the answer is too large");
    feed(parser, pending);
  }
}

}  // namespace

std::string get(const Endpoint &endpoint, const std::string &path, Deadline deadline) {
  Connection connection(deadline);
  connection.open(endpoint);
  connection.send_all("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  Parser parser;
  receive_answer(connection, parser);
  auto message = parser.release();
  const unsigned status = message.result_int();
  if (status == 403) fail(Silence::kRefused, "it serves only its own user and root");
  if (status == 404) fail(Silence::kRefused, "its library is too old to have " + path);
  if (status != 200) fail(Silence::kStrange, fmt::format("it answered with status {}", status));
  return std::move(message.body());
}

int listening_pid(const Endpoint &endpoint) {
  if (const int same = endpoint.local_pid()) return same;
  try {
    Connection connection(in(std::chrono::milliseconds(200)));
    connection.open(endpoint);
    const int pid = connection.peer_pid();
    return process::innermost_pid(pid) == endpoint.pid ? pid : 0;
  } catch (const NoAnswer &) {
    return 0;
  }
}

}  // namespace heapmeter::cli
