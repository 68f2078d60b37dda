// SPDX-License-Identifier: MIT
#include "server/server.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <linux/filter.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "support/user_error.h"

namespace demo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// How many connections over the limit are told so at a time; more are closed without a word.
constexpr std::size_t kMaxRejecting = 256;

// After accept failed for want of file descriptors or memory.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

// How long a handshake that has begun may take when the server stops.
constexpr auto kHandshakeTime = std::chrono::milliseconds(50);

// Drops every SYN that comes to the socket. Not every packet: the last of a handshake must get through, and
// what is accepted later inherits the filter.
void refuse_handshakes(int listening_socket) {
  constexpr unsigned kFlagsOfTcpHeader = 13;
  constexpr unsigned kSyn = 0x02;
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlagsOfTcpHeader),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kSyn, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
  };
  const sock_fprog filter{std::size(program), program};
  if (::setsockopt(listening_socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0)
    spdlog::warn("event=no_accept_filter reason={:?}",
                 std::error_code(errno, std::system_category()).message());
}

std::size_t thread_count(const Config &config) {
  if (config.threads != 0) return config.threads;
  return std::max(1u, std::thread::hardware_concurrency());
}

UserError cannot_listen(const Config &config, const error_code &error) {
  const auto *advice = error == asio::error::address_in_use
                           ? "another program listens there; stop it or configure another port"
                           : "check host and port in the configuration";
  return UserError(
      fmt::format("cannot listen on {} port {}: {}; {}", config.host, config.port, error.message(), advice));
}

}  // namespace

Server::Server(const Config &config, TaskFunction task) : app_(config, std::move(task)) {
  for (std::size_t count = thread_count(config); count > 0; --count) {
    threads_.push_back(std::make_unique<IoThread>(app_));
    app_.tallies.push_back(&threads_.back()->tally());
  }
  listen();
}

// The acceptors' coroutines use this object and live in the first thread's context.
Server::~Server() {
  for (auto &thread : threads_) thread->abort();
  for (auto &thread : threads_) thread->join();
  app_.workers.close();  // wakes the sessions that wait for it, on threads that still exist
  acceptors_.clear();
}

void Server::listen() {
  auto &context = threads_.front()->context();
  error_code error;
  const auto found = tcp::resolver(context).resolve(app_.config.host, std::to_string(app_.config.port),
                                                    tcp::resolver::passive, error);
  if (error) throw cannot_listen(app_.config, error);

  error_code unavailable;
  for (const auto &entry : found) {
    const tcp::endpoint endpoint = entry.endpoint();
    Acceptor acceptor(context);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && endpoint.protocol() == tcp::v6() && found.size() > 1)
      acceptor.set_option(asio::ip::v6_only(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
    // "localhost" names an IPv6 address also where IPv6 is switched off: one address is enough.
    if (error == asio::error::address_family_not_supported ||
        error == boost::system::errc::address_not_available) {
      unavailable = error;
      continue;
    }
    if (error) throw cannot_listen(app_.config, error);
    acceptor.non_blocking(true);
    port_ = acceptor.local_endpoint().port();
    acceptors_.push_back(std::move(acceptor));
  }
  if (acceptors_.empty()) throw cannot_listen(app_.config, unavailable);
}

void Server::start() {
  open_acceptors_ = acceptors_.size();
  for (auto &acceptor : acceptors_)
    asio::co_spawn(threads_.front()->context(), accept(acceptor), asio::detached);
  for (auto &thread : threads_) thread->start();
}

void Server::stop() {
  asio::post(threads_.front()->context(), [this] {
    stopping_ = true;
    for (auto &acceptor : acceptors_) acceptor.cancel();
    for (auto &thread : threads_)
      thread->drain([this] {
        if (++drained_threads_ == threads_.size()) spdlog::info("event=draining");
      });
  });
}

void Server::abort() {
  for (auto &thread : threads_) thread->abort();
}

void Server::wait() {
  for (auto &thread : threads_) thread->join();
}

asio::awaitable<void> Server::accept(Acceptor &acceptor) {
  asio::steady_timer pause(threads_.front()->context());
  while (!stopping_) {
    IoThread &thread = next_thread();
    auto [error, socket] =
        co_await acceptor.async_accept(thread.context(), asio::as_tuple(asio::use_awaitable));
    if (!error) {
      welcome(std::move(socket), thread);
    } else if (!stopping_ && error != asio::error::connection_aborted) {
      spdlog::warn("event=accept_failed reason={:?}", error.message());
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
  // Closing the acceptor resets the connections that wait in its queue, and the handshakes under way; both
  // were begun in good faith. So no new one may begin, and those that have get time to end.
  refuse_handshakes(acceptor.native_handle());
  pause.expires_after(kHandshakeTime);
  co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  accept_waiting(acceptor);
  acceptor.close();
  acceptor_ended();
}

void Server::accept_waiting(Acceptor &acceptor) {
  for (;;) {
    IoThread &thread = next_thread();
    Session::Socket socket(thread.context());
    error_code error;
    acceptor.accept(socket, error);
    if (error) return;
    welcome(std::move(socket), thread);
  }
}

IoThread &Server::next_thread() { return *threads_[next_thread_++ % threads_.size()]; }

void Server::welcome(Session::Socket socket, IoThread &thread) {
  if (auto seat = take_seat(app_.open_connections, app_.config.max_connections))
    thread.adopt(std::move(socket), std::move(seat), false);
  else if (auto standing = take_seat(app_.rejected_connections, kMaxRejecting))
    thread.adopt(std::move(socket), std::move(standing), true);
}

void Server::acceptor_ended() {
  if (--open_acceptors_ != 0) return;
  for (auto &thread : threads_) thread->finish();
}

}  // namespace demo
