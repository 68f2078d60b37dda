// SPDX-License-Identifier: MIT
//
// The user server: accepts on every address of the configured host and deals the connections to its I/O
// threads in turn. The constructor listens, start() serves, stop() ends gracefully: what was accepted is
// answered.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "server/app.h"
#include "server/io_thread.h"

namespace demo {

class Server {
 public:
  // Throws UserError when it cannot listen. The configuration's port 0, which no file can say, takes any free
  // one.
  explicit Server(const Config &config, TaskFunction task = sum_of);
  ~Server();

  void start();
  // From any thread, both.
  void stop();
  void abort();
  // Until stop() or abort() has ended everything. Once.
  void wait();

  std::uint16_t port() const { return port_; }
  const App &app() const { return app_; }

 private:
  using Acceptor =
      boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

  void listen();
  boost::asio::awaitable<void> accept(Acceptor &acceptor);
  void accept_waiting(Acceptor &acceptor);
  IoThread &next_thread();
  void welcome(Session::Socket socket, IoThread &thread);
  void acceptor_ended();

  App app_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> drained_threads_{0};

  // Of the first thread, where all accepting happens.
  std::vector<Acceptor> acceptors_;
  std::size_t open_acceptors_ = 0;
  std::size_t next_thread_ = 0;
  bool stopping_ = false;
};

}  // namespace demo
