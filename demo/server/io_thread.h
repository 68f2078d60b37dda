// SPDX-License-Identifier: MIT
//
// One thread with its own io_context, connections, buffers and figures. A connection stays on its thread from
// accept to close, so none of this needs a lock. Members are for the thread itself unless they say otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>

#include "pool/pool.h"
#include "server/session.h"

namespace demo {

class IoThread {
 public:
  using Clock = Session::Clock;

  explicit IoThread(App &app);
  IoThread(const IoThread &) = delete;
  IoThread &operator=(const IoThread &) = delete;
  ~IoThread();

  // From any thread.
  void start();
  void adopt(Session::Socket socket, Seat seat, bool rejected);
  void drain(std::function<void()> done);  // every connection closes after its next answer
  void finish();  // no adopt() after it; the drained thread ends with its last connection
  void abort();   // ends the thread now, connections are closed unanswered
  void join();
  boost::asio::io_context &context() { return context_; }
  const Tally &tally() const { return tally_; }

  // For the sessions.
  App &app() { return app_; }
  Tally &tally() { return tally_; }
  const RequestLimits &limits() const { return limits_; }
  std::string_view date() { return date_.now(); }
  Pool<Buffers>::Lease lease_buffers();
  Clock::duration request_timeout() const { return request_timeout_; }
  Clock::duration idle_timeout(bool draining) const;
  void enter(Session &session);

 private:
  boost::asio::awaitable<void> serve(Session::Socket socket, Seat seat, bool rejected);
  boost::asio::awaitable<void> sweep();

  App &app_;
  const RequestLimits limits_;
  const Clock::duration request_timeout_;
  Tally tally_;
  HttpDate date_;
  bool draining_ = false;
  bool finishing_ = false;
  Clock::time_point drain_until_{};

  // In this order: destroying the context destroys what is left of the sessions, which use all above.
  Pool<Buffers> buffers_;
  boost::intrusive::list<Session, boost::intrusive::constant_time_size<false>> sessions_;
  boost::asio::io_context context_;
  std::thread thread_;
};

}  // namespace demo
