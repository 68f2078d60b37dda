// SPDX-License-Identifier: MIT
#include "server/io_thread.h"

#include <algorithm>
#include <exception>

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace demo {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kPooledBuffers = 64;

// How late a deadline may be noticed.
constexpr auto kSweepEvery = std::chrono::milliseconds(50);

}  // namespace

IoThread::IoThread(App &app)
    : app_(app),
      limits_{app.config.max_header_bytes, app.config.max_body_bytes},
      request_timeout_(std::chrono::milliseconds(app.config.request_timeout_ms)),
      buffers_(kPooledBuffers),
      context_(1) {}

IoThread::~IoThread() {
  abort();
  join();
}

void IoThread::start() {
  asio::co_spawn(context_, sweep(), asio::detached);
  thread_ = std::thread([this] {
    tally_.begin();
    context_.run();
  });
}

void IoThread::abort() { context_.stop(); }

void IoThread::join() {
  if (thread_.joinable()) thread_.join();
}

void IoThread::adopt(Session::Socket socket, Seat seat, bool rejected) {
  asio::co_spawn(context_, serve(std::move(socket), std::move(seat), rejected), asio::detached);
}

asio::awaitable<void> IoThread::serve(Session::Socket socket, Seat, bool rejected) {
  // One connection's failure, such as no memory for its buffers, ends that connection alone.
  try {
    tally_.connections.add(1);
    if (rejected) tally_.rejected_connections.add(1);
    Session session(std::move(socket), *this, rejected);
    co_await session.run();
  } catch (const std::exception &error) {
    spdlog::error("event=connection_failed reason={:?}", error.what());
  }
}

void IoThread::drain(std::function<void()> done) {
  asio::post(context_, [this, done = std::move(done)] {
    draining_ = true;
    drain_until_ = Clock::now() + std::chrono::milliseconds(app_.config.drain_timeout_ms);
    for (Session &session : sessions_) session.drain(drain_until_);
    done();
  });
}

void IoThread::finish() {
  asio::post(context_, [this] { finishing_ = true; });
}

// Ends when there is nothing left to watch, and with it the thread.
asio::awaitable<void> IoThread::sweep() {
  asio::steady_timer timer(context_);
  while (!finishing_ || !sessions_.empty()) {
    timer.expires_after(kSweepEvery);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto now = Clock::now();
    for (Session &session : sessions_) session.expire_if_due(now);
  }
}

Pool<Buffers>::Lease IoThread::lease_buffers() {
  auto buffers = buffers_.lease();
  buffers->reset(limits_.header_bytes);
  return buffers;
}

IoThread::Clock::duration IoThread::idle_timeout(bool draining) const {
  const Clock::duration usual = std::chrono::milliseconds(app_.config.idle_timeout_ms);
  return draining ? std::min(usual, drain_until_ - Clock::now()) : usual;
}

void IoThread::enter(Session &session) {
  sessions_.push_back(session);
  if (draining_) session.drain(drain_until_);
}

}  // namespace demo
