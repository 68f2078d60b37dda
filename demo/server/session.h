// SPDX-License-Identifier: MIT
//
// One connection, from accept to close, on one I/O thread.
//
// advance() is the whole protocol as a plain state machine: it reads, parses, answers and writes as far as it
// can without waiting, and says what to wait for; run() only waits. So a request costs no coroutine frame,
// and pipelined requests are answered by one write. Requests of one connection are answered strictly in
// order.
//
// Every wait has a deadline, watched by the thread's sweeper, which calls expire_if_due().
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list_hook.hpp>

#include "pool/pool.h"
#include "server/buffers.h"
#include "server/request_parser.h"
#include "server/response_writer.h"
#include "server/router.h"

namespace demo {

class IoThread;

class Session
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using Clock = std::chrono::steady_clock;
  using Socket =
      boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

  // `rejected`: the server is full, say so and close.
  Session(Socket socket, IoThread &thread, bool rejected);

  boost::asio::awaitable<void> run();

  // Called by the sweeper, on the same thread.
  void expire_if_due(Clock::time_point now);
  // From now on every answer closes; a connection that is idle until then is closed without one.
  void drain(Clock::time_point idle_until);

 private:
  enum class State { kIdle, kWoken, kReceive, kParse, kAnswered, kFlush, kLinger, kClosed };
  enum class Next { kReadable, kWritable, kAnswer, kClosed };

  Next advance();
  std::optional<Next> receive();
  std::optional<Next> parse();
  std::optional<Next> flush();
  std::optional<Next> linger();
  void begin_idle();
  void wake();
  void answered();
  void refuse(http::status status, std::string_view text);
  Next wait_readable(Clock::duration from_now);
  bool is_mid_request() const { return parser_->has_begun() || !buffers_->unread().empty(); }

  Socket socket_;
  IoThread &thread_;
  State state_ = State::kIdle;
  Clock::time_point deadline_{};
  Clock::time_point request_deadline_{};
  bool waiting_ = false;
  bool expired_ = false;
  bool draining_ = false;
  bool closing_ = false;  // after the output is written
  std::size_t discarded_ = 0;

  // Null while idle, and only then.
  Pool<Buffers>::Lease buffers_;
  std::optional<RequestParser> parser_;
  Request request_;
  std::optional<Response> response_;
  const Route *route_ = nullptr;
};

}  // namespace demo
