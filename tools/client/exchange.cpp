// SPDX-License-Identifier: MIT
#include "client/exchange.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json/value.hpp>

#include "system/effective_user.h"
#include "system/process.h"
#include "text/foreign_json.h"
#include "text/terminal.h"

namespace heapmeter::cli {
namespace {

namespace http = boost::beast::http;

// The library's largest answer has 2 MiB, that of ten thousand threads; a snapshot some 10 KiB.
constexpr std::uint64_t kAnswerLimit = 4u << 20;
constexpr std::uint64_t kSnapshotLimit = 256u << 10;
// Of the page of sites: what the limit of their tables lets come. To name it takes up to thirty times its
// length in memory, so that of a stranger less is taken.
constexpr std::uint64_t kSitesLimit = 256u << 20, kStrangersSitesLimit = 16u << 20;
// Of a look for lost blocks: a hundred thousand of them.
constexpr std::uint64_t kLookLimit = 16u << 20;
constexpr std::size_t kLongestReason = 300;
// A process waits for a request for a quarter of a second at least: who says earlier that it did not come may
// say so for ever.
constexpr std::chrono::milliseconds kServiceWaits{200};

[[noreturn]] void fail(Silence why, const std::string &text) { throw NoAnswer(why, text); }

int open_socket() { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

bool again(int error) { return error == EAGAIN || error == EINTR; }

std::uint64_t limit_of(const std::string &path) {
  if (path == HEAPMETER_PATH_SITES || path == HEAPMETER_PATH_SITE_THREADS) return kSitesLimit;
  if (path == HEAPMETER_PATH_LEAKS) return kLookLimit;
  return path == HEAPMETER_PATH_SNAPSHOT ? kSnapshotLimit : kAnswerLimit;
}

std::string request_for(const std::string &path, Asking asking) {
  return fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{}\r\n",
                     asking == Asking::kChange ? "POST" : "GET", path,
                     asking == Asking::kChange ? "Heapmeter: 1\r\nContent-Length: 0\r\n" : "");
}

// {"error": "..."}: somebody else's words.
std::string reason_in(const std::string &body) {
  constexpr std::size_t kLongestAnswer = 16u << 10;
  if (body.size() > kLongestAnswer) return "it says too much";
  std::string unread;
  const auto answer = parse_foreign(body, unread);
  const auto *text = !answer || !answer->is_object() ? nullptr : answer->get_object().if_contains("error");
  if (text == nullptr || !text->is_string()) return "it does not say why";
  return printable(std::string(text->get_string()).substr(0, kLongestReason));
}

// The socket itself, found once: what a name leads to later is another matter. Links only where the user
// named it.
int find_socket(const Endpoint &endpoint) {
  const int links = endpoint.directory->owner() ? O_NOFOLLOW : 0;
  const int place = openat(endpoint.directory->fd(), endpoint.file.c_str(), O_PATH | O_CLOEXEC | links);
  if (place < 0) {
    if (errno == EACCES || errno == EPERM) fail(Silence::kRefused, "the socket belongs to another user");
    fail(errno == EMFILE || errno == ENFILE ? Silence::kLate : Silence::kGone, strerror(errno));
  }
  struct stat status;
  if (fstat(place, &status) == 0 && S_ISSOCK(status.st_mode)) return place;
  close(place);
  fail(Silence::kForged, "it is no socket");
}

// Below the length limit of socket addresses whatever the path is.
sockaddr_un address_of(int place) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}", place);
  std::copy(path.begin(), path.end(), address.sun_path);
  return address;
}

}  // namespace

struct Exchange::Talk {
  Talk(const Endpoint &asked_of, const std::string &asked, Asking for_what)
      : endpoint(asked_of),
        path(asked),
        asking(for_what),
        request(request_for(path, asking)),
        limit(limit_of(path)),
        place(find_socket(endpoint)),
        fd(open_socket()) {
    if (fd < 0) {
      close(place);
      fail(Silence::kLate, fmt::format("no socket to be had: {}", strerror(errno)));
    }
    parser.eager(true);
  }
  ~Talk() {
    if (place >= 0) close(place);
    close(fd);
  }
  Talk(const Talk &) = delete;
  Talk &operator=(const Talk &) = delete;

  int try_to_connect() const;
  bool connect_now();
  bool known_there() const;
  bool connect_as_its_user();
  bool send_now();
  bool receive_now();
  bool came_too_late() const {
    return parser.get().result() == http::status::request_timeout &&
           std::chrono::steady_clock::now() - began >= kServiceWaits;
  }
  void feed();
  void check_peer() const;
  bool is_who_it_is_named() const;
  ucred peer() const;

  const std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  Endpoint endpoint;
  std::string path;
  Asking asking;
  std::string request;
  std::uint64_t limit;
  int place;  // of the socket in the file system, until we are connected
  int fd;
  std::optional<uid_t> known_as;  // somebody else than we are
  bool connected = false, closed = false;
  std::size_t sent = 0;
  std::string pending;
  http::response_parser<http::string_body> parser;
};

int Exchange::Talk::try_to_connect() const {
  const EffectiveUser as(known_as);
  const sockaddr_un address = address_of(place);
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
  if (peer().uid != geteuid()) limit = std::min(limit, kStrangersSitesLimit);
  parser.body_limit(limit);
  if (!known_there()) return connect_as_its_user();
  close(std::exchange(place, -1));
  return true;
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
  std::array<char, 4096> chunk;
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
    if (pending.size() > limit) fail(Silence::kStrange, "the answer is too large");
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

// Whoever listens must be this user or root, unless we are root and may ask anybody. In a directory of
// somebody it must be him, and another than us the very process that the file is named after.
void Exchange::Talk::check_peer() const {
  const uid_t user = peer().uid, ours = geteuid();
  if (ours != 0 && user != ours && user != 0)
    fail(Silence::kRefused, fmt::format("the socket belongs to user {}", user));
  if (!endpoint.directory->owner()) return;
  if (user != *endpoint.directory->owner())
    fail(Silence::kForged, fmt::format("user {} listens there, whose directory it is not", user));
  if (user != ours && !is_who_it_is_named())
    fail(Silence::kForged, "another process listens there than the one it is named after");
}

// Of one in a pid namespace that we do not see there is only the name. A pid that is another's by now is
// found out by its start, which a process without /proc does not know, and by its users; a clock of its own
// starts elsewhere.
bool Exchange::Talk::is_who_it_is_named() const {
  const ucred listener = peer();
  if (listener.pid == 0) return true;
  const auto status = process::status(listener.pid);
  if (!status) fail(Silence::kGone, "has ended");
  const bool same_clock = process::shares_namespace(listener.pid, "time") != false;
  return process::innermost_pid(listener.pid) == endpoint.pid &&
         (!same_clock || endpoint.start_time == 0 || endpoint.start_time == status->start_time) &&
         process::has_user(listener.pid, listener.uid);
}

// Those of the moment it began to listen.
ucred Exchange::Talk::peer() const {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    fail(Silence::kGone, strerror(errno));
  return credentials;
}

Exchange::Exchange(const Endpoint &endpoint, const std::string &path, Asking asking)
    : talk_(std::make_unique<Talk>(endpoint, path, asking)) {}
Exchange::~Exchange() = default;
Exchange::Exchange(Exchange &&) noexcept = default;
Exchange &Exchange::operator=(Exchange &&) noexcept = default;

// On a busy machine whoever asks may have no turn for as long as a process waits for a request. Nobody has
// read what was asked then: it is asked anew.
bool Exchange::advance() {
  if (!(talk_->connected || talk_->connect_now()) || !talk_->send_now() || !talk_->receive_now())
    return false;
  if (!talk_->came_too_late()) return true;
  talk_ = std::make_unique<Talk>(talk_->endpoint, talk_->path, talk_->asking);
  return false;
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
  if (status == 400 || status == 409) fail(Silence::kUnable, reason_in(message.body()));
  if (status != 200) fail(Silence::kStrange, fmt::format("it answered with status {}", status));
  return std::move(message.body());
}

int Exchange::peer_pid() const { return talk_->connected ? talk_->peer().pid : 0; }

bool Exchange::is_connected() const { return talk_->connected; }

bool Exchange::is_strangers() const { return talk_->connected && talk_->peer().uid != geteuid(); }

}  // namespace heapmeter::cli
