// SPDX-License-Identifier: MIT
//
// Looks at one process again and again, on a thread of its own: whatever a process does, and however long its
// names take, keys are answered and pictures drawn.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "readings/census.h"
#include "top/worker.h"

namespace heapmeter::cli::tui {

// Takes what is known by now, more than once where the rest lasts; whether the rest is still wanted.
template <typename Result>
using Publish = std::function<bool(const Result &)>;

// A Look is what is known of one process, from its first look on: its `Result`, the `key()` of the process,
// `go_on(Publish<Result>)`, and how long it `rest()`s until the next, at least.
template <typename Look>
class Follower {
 public:
  using Result = typename Look::Result;
  using Clock = std::chrono::steady_clock;

  explicit Follower(double interval)
      : wish_(std::make_shared<Wish>(interval)),
        worker_([wish = wish_](typename Worker<Result>::Shared &shared) { work(shared, *wish); }) {}

  int fd() const { return worker_.fd(); }
  std::optional<Result> take() { return worker_.take(); }

  // Nobody, when there is none.
  void look_at(std::optional<Member> member) {
    {
      const std::lock_guard lock(wish_->mutex);
      wish_->member = std::move(member);
    }
    worker_.wake();
  }

  void set_interval(double seconds) {
    {
      const std::lock_guard lock(wish_->mutex);
      wish_->interval = seconds;
    }
    worker_.wake();
  }

 private:
  struct Wish {
    explicit Wish(double seconds) : interval(seconds) {}
    std::mutex mutex;
    std::optional<Member> member;
    double interval;
  };

  static void work(typename Worker<Result>::Shared &shared, Wish &wish) {
    const auto publish = [&shared](const Result &result) {
      shared.publish(result);
      return !shared.stop;
    };
    std::optional<Look> look;
    while (!shared.stop) {
      std::optional<Member> member;
      double interval = 0;
      {
        const std::lock_guard lock(wish.mutex);
        member = wish.member;
        interval = wish.interval;
      }
      auto next = Clock::now() + std::chrono::hours(1);
      if (member) {
        if (!look || look->key() != member->endpoint.path()) look.emplace(*member);
        const auto begin = Clock::now();
        look->go_on(publish);
        next = begin +
               std::max(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(interval)),
                        look->rest());
      }
      if (shared.wake_bell.wait(next)) shared.wake_bell.silence();
    }
  }

  std::shared_ptr<Wish> wish_;
  Worker<Result> worker_;
};

}  // namespace heapmeter::cli::tui
