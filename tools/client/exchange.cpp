// SPDX-License-Identifier: MIT
#include "client/exchange.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "system/effective_user.h"
#include "system/process.h"

namespace heapmeter::cli {
namespace {

namespace http = boost::beast::http;

constexpr std::uint64_t kBodyLimit = 64u << 20;

[[noreturn]] void fail(Silence why, const std::string &text) { throw NoAnswer(why, text); }

int open_socket() { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

bool again(int error) { return error == EAGAIN || error == EINTR; }

sockaddr_un socket_address(const Endpoint &endpoint) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = endpoint.address();
  if (path.size() >= sizeof address.sun_path) fail(Silence::kGone, "the socket's name is too long");
  std::copy(path.begin(), path.end(), address.sun_path);
  return address;
}

}  // namespace

struct Exchange::Talk {
  Talk(const Endpoint &endpoint, const std::string &asked)
      : address(socket_address(endpoint)),
        directory(endpoint.directory),
        path(asked),
        request("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        fd(open_socket()) {
    if (fd < 0) fail(Silence::kLate, fmt::format("no socket to be had: {}", strerror(errno)));
    parser.eager(true);
    parser.body_limit(kBodyLimit);
  }
  ~Talk() { close(fd); }
  Talk(const Talk &) = delete;
  Talk &operator=(const Talk &) = delete;

  int try_to_connect() const;
  bool connect_now();
  bool known_there() const;
  bool connect_as_its_user();
  bool send_now();
  bool receive_now();
  void feed();
  void check_peer() const;
  ucred peer() const;

  sockaddr_un address;
  std::shared_ptr<const SocketDirectory> directory;  // its descriptor is part of the address
  std::string path, request;
  int fd;
  std::optional<uid_t> known_as;  // somebody else than we are
  bool connected = false, closed = false;
  std::size_t sent = 0;
  std::string pending;
  http::response_parser<http::string_body> parser;
};

int Exchange::Talk::try_to_connect() const {
  const EffectiveUser as(known_as);
  return connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address);
}

bool Exchange::Talk::connect_now() {
  while (try_to_connect() != 0) {
    if (errno == EAGAIN) return false;  // a full queue, and poll() does not tell when it no longer is
    if (errno == EACCES || errno == EPERM) fail(Silence::kRefused, "the socket belongs to another user");
    if (errno != EINTR) fail(Silence::kGone, strerror(errno));
  }
  connected = true;
  check_peer();
  return known_there() || connect_as_its_user();
}

// In a user namespace that does not map him root is nobody. Its own user is known there, and root may be him.
bool Exchange::Talk::known_there() const {
  const pid_t pid = peer().pid;
  return known_as || geteuid() != 0 || pid == 0 || process::inner_user(pid, 0);
}

bool Exchange::Talk::connect_as_its_user() {
  known_as = process::effective_user(peer().pid);
  if (!known_as) return true;  // has just ended
  close(fd);
  fd = open_socket();
  connected = false;
  return connect_now();
}

bool Exchange::Talk::send_now() {
  while (sent < request.size()) {
    const ssize_t now = send(fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (now >= 0) {
      sent += static_cast<std::size_t>(now);
    } else if (again(errno)) {
      return false;
    } else {
      sent = request.size();  // it may have answered before it closed: 403 comes without reading the request
    }
  }
  return true;
}

// True at the end of the answer.
bool Exchange::Talk::receive_now() {
  std::array<char, 16 * 1024> chunk;
  while (!parser.is_done()) {
    const ssize_t received = recv(fd, chunk.data(), chunk.size(), 0);
    if (received < 0 && again(errno)) return false;
    if (received < 0 && errno != ECONNRESET) fail(Silence::kGone, strerror(errno));
    if (received <= 0) {
      boost::beast::error_code error;
      const bool anything = !pending.empty() || parser.got_some();
      if (parser.is_header_done()) parser.put_eof(error);
      if (parser.is_done()) break;
      fail(Silence::kGone,
           anything ? "went away in the middle of its answer" : "went away without an answer");
    }
    pending.append(chunk.data(), static_cast<std::size_t>(received));
    if (pending.size() > kBodyLimit) fail(Silence::kStrange, "the answer is too large");
    feed();
  }
  return true;
}

// The parser takes whole headers at a time, so the rest waits in `pending`.
void Exchange::Talk::feed() {
  boost::beast::error_code error;
  const std::size_t used = parser.put(boost::asio::buffer(pending), error);
  pending.erase(0, used);
  if (error && error != http::error::need_more) {
    fail(Silence::kStrange, "the answer is not HTTP: " + error.message());
  }
}

// Whoever listens must be this user or root, unless we are root and may ask anybody.
void Exchange::Talk::check_peer() const {
  const uid_t user = peer().uid;
  if (geteuid() != 0 && user != geteuid() && user != 0) {
    fail(Silence::kRefused, fmt::format("the socket belongs to user {}", user));
  }
}

// Those of the moment it began to listen.
ucred Exchange::Talk::peer() const {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    fail(Silence::kGone, strerror(errno));
  return credentials;
}

Exchange::Exchange(const Endpoint &endpoint, const std::string &path)
    : talk_(std::make_unique<Talk>(endpoint, path)) {}
Exchange::~Exchange() = default;
Exchange::Exchange(Exchange &&) noexcept = default;
Exchange &Exchange::operator=(Exchange &&) noexcept = default;

bool Exchange::advance() {
  return (talk_->connected || talk_->connect_now()) && talk_->send_now() && talk_->receive_now();
}

pollfd Exchange::wanted() const {
  if (!talk_->connected) return {-1, 0, 0};
  return {talk_->fd, static_cast<short>(talk_->sent < talk_->request.size() ? POLLOUT : POLLIN), 0};
}

std::string Exchange::take_body() {
  auto message = talk_->parser.release();
  const unsigned status = message.result_int();
  if (status == 403) fail(Silence::kRefused, "it serves only its own user and root");
  if (status == 404) fail(Silence::kRefused, "its library is too old to have " + talk_->path);
  if (status != 200) fail(Silence::kStrange, fmt::format("it answered with status {}", status));
  return std::move(message.body());
}

int Exchange::peer_pid() const { return talk_->connected ? talk_->peer().pid : 0; }

}  // namespace heapmeter::cli
