// SPDX-License-Identifier: MIT
//
// A channel for exactly one answer. The sending half travels with the question; when it is destroyed
// unanswered, the waiting side wakes with an error, so a question lost anywhere on its way never leaves
// anybody waiting.
#pragma once

#include <expected>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace demo {

template <typename T>
class OneShot {
  using Channel = boost::asio::experimental::concurrent_channel<void(boost::system::error_code, T)>;

 public:
  class Sender {
   public:
    Sender() = default;
    explicit Sender(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
    Sender(Sender &&other) noexcept = default;
    Sender &operator=(Sender &&other) noexcept {
      Sender old(std::move(*this));
      channel_ = std::move(other.channel_);
      return *this;
    }
    // The one place is free while the channel is still ours, so try_send cannot refuse.
    ~Sender() {
      if (channel_ != nullptr) channel_->try_send(boost::asio::error::broken_pipe, T{});
    }

    void send(T value) {
      std::exchange(channel_, nullptr)->try_send(boost::system::error_code{}, std::move(value));
    }

   private:
    std::shared_ptr<Channel> channel_;
  };

  explicit OneShot(const boost::asio::any_io_executor &executor)
      : channel_(std::make_shared<Channel>(executor, 1)) {}

  // Call once.
  Sender sender() { return Sender(channel_); }

  // The answer, or the error when the sender went away without one.
  boost::asio::awaitable<std::expected<T, boost::system::error_code>> receive() {
    auto [error, value] = co_await channel_->async_receive(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (error) co_return std::unexpected(error);
    co_return std::move(value);
  }

 private:
  std::shared_ptr<Channel> channel_;
};

}  // namespace demo
