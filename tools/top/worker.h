// SPDX-License-Identifier: MIT
//
// A thread that works apart from the picture and leaves results to be fetched: `fd` can be read when there is
// one. It is told to stop, and not waited for longer than it is worth.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace heapmeter::cli::tui {

// An eventfd.
class Bell {
 public:
  Bell();
  ~Bell();
  Bell(const Bell &) = delete;
  Bell &operator=(const Bell &) = delete;
  int fd() const { return fd_; }
  void ring() const;
  void silence() const;
  bool rung() const;
  // True when it rang before the time was up.
  bool wait(std::chrono::steady_clock::time_point until) const;

 private:
  int fd_;
};

template <typename Result>
class Worker {
 public:
  // What both sides see; the thread may outlive its owner, when it hangs in the kernel.
  struct Shared {
    Bell result_bell, wake_bell;
    std::atomic<bool> stop = false;
    std::mutex mutex;
    std::optional<Result> result;
    std::exception_ptr failure;
    std::condition_variable ended_condition;
    bool ended = false;

    void publish(Result fresh) {
      const std::lock_guard lock(mutex);
      result = std::move(fresh);
      result_bell.ring();
    }
  };
  using Work = std::function<void(Shared &)>;  // until stop; looks at it whenever wake_bell rings

  explicit Worker(Work work) : shared_(std::make_shared<Shared>()) {
    thread_ = std::thread([shared = shared_, work = std::move(work)] {
      try {
        work(*shared);
      } catch (...) {
        const std::lock_guard lock(shared->mutex);
        shared->failure = std::current_exception();
        shared->result_bell.ring();
      }
      const std::lock_guard lock(shared->mutex);
      shared->ended = true;
      shared->ended_condition.notify_all();
    });
  }
  ~Worker() {
    shared_->stop = true;
    shared_->wake_bell.ring();
    std::unique_lock lock(shared_->mutex);
    const bool ended =
        shared_->ended_condition.wait_for(lock, std::chrono::seconds(1), [&] { return shared_->ended; });
    lock.unlock();
    if (ended) {
      thread_.join();
    } else {
      thread_.detach();
    }
  }
  Worker(const Worker &) = delete;
  Worker &operator=(const Worker &) = delete;

  int fd() const { return shared_->result_bell.fd(); }
  void wake() const { shared_->wake_bell.ring(); }
  // The newest result, once; throws what the work threw.
  std::optional<Result> take() {
    const std::lock_guard lock(shared_->mutex);
    shared_->result_bell.silence();
    if (shared_->failure) std::rethrow_exception(std::exchange(shared_->failure, nullptr));
    return std::exchange(shared_->result, std::nullopt);
  }

 private:
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace heapmeter::cli::tui
