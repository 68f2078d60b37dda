// SPDX-License-Identifier: MIT
#include "server/session.h"

#include <algorithm>
#include <array>

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/io_thread.h"

namespace demo {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Pipelined answers are gathered up to here before they are written.
constexpr std::size_t kFlushAt = 64 * 1024;

// A connection closed with unread input is reset, which can destroy the answer on its way (RFC 9112,
// section 9.6): so after the last answer the input is read and thrown away, within these bounds.
constexpr std::size_t kLingerBytes = 4 * 1024 * 1024;
constexpr auto kLingerTime = std::chrono::seconds(2);

// A worker's answer is awaited without end; nobody but the worker can say how long it takes.
constexpr auto kNoDeadline = Session::Clock::time_point::max();

}  // namespace

Session::Session(Socket socket, IoThread &thread, bool rejected)
    : socket_(std::move(socket)), thread_(thread) {
  thread_.enter(*this);
  error_code ignored;  // of a connection that is gone already, which the first read will find
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (!rejected) return;
  wake();
  refuse(http::status::service_unavailable, "Too many connections");
}

asio::awaitable<void> Session::run() {
  for (;;) {
    const Next next = advance();
    if (next == Next::kClosed) co_return;
    waiting_ = true;
    if (next == Next::kAnswer) {
      deadline_ = kNoDeadline;
      co_await answer_later(*route_, thread_.app(), request_, *response_);
    } else {
      const auto type = next == Next::kReadable ? Socket::wait_read : Socket::wait_write;
      // An error here is the sweeper's cancellation, or shows itself again at the next read or write.
      co_await socket_.async_wait(type, asio::as_tuple(asio::use_awaitable));
    }
    waiting_ = false;
  }
}

void Session::expire_if_due(Clock::time_point now) {
  if (!waiting_ || now < deadline_) return;
  expired_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Session::drain(Clock::time_point idle_until) {
  draining_ = true;
  if (state_ == State::kWoken) deadline_ = std::min(deadline_, idle_until);
}

Session::Next Session::advance() {
  for (;;) {
    std::optional<Next> next;
    switch (state_) {
      case State::kIdle:
        begin_idle();
        state_ = State::kWoken;
        return wait_readable(thread_.idle_timeout(draining_));
      case State::kWoken:
        wake();
        break;
      case State::kReceive:
        next = receive();
        break;
      case State::kParse:
        next = parse();
        break;
      case State::kAnswered:
        answered();
        break;
      case State::kFlush:
        next = flush();
        break;
      case State::kLinger:
        next = linger();
        break;
      case State::kClosed:
        return Next::kClosed;
    }
    if (next) return *next;
  }
}

void Session::begin_idle() {
  parser_.reset();
  response_.reset();
  buffers_.reset();
}

void Session::wake() {
  buffers_ = thread_.lease_buffers();
  parser_.emplace(thread_.limits(), buffers_->path, buffers_->body);
  request_deadline_ = Clock::now() + thread_.request_timeout();
  state_ = State::kReceive;
}

Session::Next Session::wait_readable(Clock::duration from_now) {
  deadline_ = Clock::now() + from_now;
  return Next::kReadable;
}

std::optional<Session::Next> Session::receive() {
  std::size_t size = 0;
  char *const room = buffers_->room(size);
  error_code error;
  const std::size_t count = socket_.read_some(asio::buffer(room, size), error);
  if (!error) {
    buffers_->received(count);
    expired_ = false;
    state_ = State::kParse;
    return std::nullopt;
  }
  if (error != asio::error::would_block) {  // the client has closed or reset
    state_ = State::kClosed;
    return std::nullopt;
  }
  if (!is_mid_request()) {
    state_ = expired_ ? State::kClosed : State::kIdle;
    return std::nullopt;
  }
  if (expired_) {
    refuse(http::status::request_timeout, "The request took too long to arrive");
    return std::nullopt;
  }
  deadline_ = request_deadline_;
  return Next::kReadable;
}

std::optional<Session::Next> Session::parse() {
  std::size_t taken = 0;
  auto parsed = parser_->feed(buffers_->unread(), taken);
  buffers_->take(taken);
  if (parsed == RequestParser::State::kNeedMore && taken == 0 && buffers_->is_full()) {
    parser_->fail_for_length();
    parsed = RequestParser::State::kFailed;
  }

  switch (parsed) {
    case RequestParser::State::kNeedMore:
      if (parser_->take_continue() && buffers_->unread().empty())
        buffers_->output += "HTTP/1.1 100 Continue\r\n\r\n";
      state_ = buffers_->output.empty() ? State::kReceive : State::kFlush;
      return std::nullopt;
    case RequestParser::State::kFailed:
      refuse(parser_->error().status, parser_->error().text);
      return std::nullopt;
    case RequestParser::State::kDone:
      break;
  }

  request_ = parser_->request();
  buffers_->answer.clear();
  response_.emplace(Response{buffers_->answer});
  route_ = find_route(request_, *response_);
  state_ = State::kAnswered;
  if (route_ == nullptr) return std::nullopt;
  if (route_->answer == nullptr) return Next::kAnswer;
  answer(*route_, thread_.app(), request_, *response_);
  return std::nullopt;
}

// The response is complete: behind the others with it, and on to the next request.
void Session::answered() {
  closing_ = draining_ || !request_.keep_alive;
  append_response(*response_,
                  {.without_body = request_.method == http::verb::head,
                   .close = closing_,
                   .say_keep_alive = request_.is_http_1_0},
                  thread_.date(), buffers_->output);
  thread_.tally().finish(route_ == nullptr ? unrouted() : static_cast<std::size_t>(route_ - routes().data()));
  spdlog::debug("event=request method={} path={:?} status={} bytes={}",
                std::string_view(http::to_string(request_.method)), request_.path,
                static_cast<unsigned>(response_->status), response_->body.size());
  parser_.emplace(thread_.limits(), buffers_->path, buffers_->body);
  expired_ = false;
  const bool more = !closing_ && !buffers_->unread().empty() && buffers_->output.size() < kFlushAt;
  if (more) request_deadline_ = Clock::now() + thread_.request_timeout();
  state_ = more ? State::kParse : State::kFlush;
}

// An answer to something that is no request: nothing after it can be understood, so it is the last.
void Session::refuse(http::status status, std::string_view text) {
  buffers_->answer.clear();
  Response response{buffers_->answer};
  response.fail(status, text);
  append_response(response, {.close = true}, thread_.date(), buffers_->output);
  thread_.tally().finish(unrouted());
  spdlog::debug("event=refused status={} reason={:?}", static_cast<unsigned>(status), text);
  closing_ = true;
  expired_ = false;
  state_ = State::kFlush;
}

std::optional<Session::Next> Session::flush() {
  std::string &output = buffers_->output;
  std::size_t written = 0;
  error_code error;
  while (written < output.size() && !error)
    written += socket_.write_some(asio::buffer(output.data() + written, output.size() - written), error);
  if (error == asio::error::would_block && (written != 0 || !expired_)) {
    output.erase(0, written);
    expired_ = false;
    deadline_ = Clock::now() + thread_.request_timeout();
    return Next::kWritable;
  }
  if (error) {  // gone, or not reading for too long
    state_ = State::kClosed;
    return std::nullopt;
  }
  output.clear();
  if (closing_) {
    socket_.shutdown(Socket::shutdown_send, error);
    deadline_ = Clock::now() + kLingerTime;
    state_ = error ? State::kClosed : State::kLinger;
  } else if (!buffers_->unread().empty()) {
    state_ = State::kParse;
  } else {
    state_ = parser_->has_begun() ? State::kReceive : State::kIdle;
  }
  return std::nullopt;
}

std::optional<Session::Next> Session::linger() {
  std::array<char, 4096> waste;
  error_code error;
  while (!error && discarded_ < kLingerBytes) discarded_ += socket_.read_some(asio::buffer(waste), error);
  if (error == asio::error::would_block && !expired_) return Next::kReadable;
  state_ = State::kClosed;
  return std::nullopt;
}

}  // namespace demo
