// SPDX-License-Identifier: MIT
//
// Runs a few stories in every order there is of their steps, each on a stack of its own, one step at a time.
// A step ends at each call of pause(), which what is tested calls between two accesses to what threads share.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace heapmeter::testing {

class Interleaving {
 public:
  using Story = std::function<void()>;

  // Whoever is in no story does not pause.
  static void pause() {
    if (now_ != nullptr) now_->back_to_chooser();
  }

  // In a story: which of so many things that may happen here, in each order another.
  static size_t pick(size_t among) { return among < 2 ? 0 : now_->choose(among); }
  // The story that is being told, by its place among them; none outside.
  static constexpr size_t kNone = ~size_t{0};
  static size_t teller() { return now_ == nullptr ? kNone : now_->telling_->number; }

  // Each call of it that says true is to be followed by one of run(), with stories that begin anew.
  bool another() {
    if (orders_ == 0) return true;
    while (!choices_.empty() && ++choices_.back().taken == choices_.back().among) choices_.pop_back();
    return !choices_.empty();
  }

  void run(std::vector<Story> stories) {
    made_ = 0;
    std::vector<std::unique_ptr<Telling>> running;
    for (Story &story : stories)
      running.push_back(std::make_unique<Telling>(*this, std::move(story), running.size()));
    while (!running.empty()) {
      const size_t at = choose(running.size());
      Telling &telling = *running[at];
      telling_ = &telling;
      now_ = this;
      swapcontext(&chooser_, &telling.context);
      now_ = nullptr;
      if (telling.ended) running.erase(running.begin() + static_cast<std::ptrdiff_t>(at));
    }
    ++orders_;
  }

  size_t orders() const { return orders_; }

 private:
  struct Telling {
    static constexpr size_t kStack = 256 * 1024;

    Story story;
    size_t number;
    bool ended = false;
    ucontext_t context;

    Telling(Interleaving &order, Story told, size_t at) : story(std::move(told)), number(at) {
      getcontext(&context);
      context.uc_stack.ss_sp = order.stack(at);
      context.uc_stack.ss_size = kStack;
      context.uc_link = &order.chooser_;
      makecontext(&context, tell, 0);
    }
    static void tell() {
      Telling &mine = *now_->telling_;
      mine.story();
      mine.ended = true;
    }
  };
  struct Choice {
    size_t taken, among;
  };

  void back_to_chooser() {
    Telling &telling = *telling_;
    swapcontext(&telling.context, &chooser_);
  }
  // Each stands on the same in every order: to map them anew takes longer than the stories.
  char *stack(size_t at) {
    while (stacks_.size() <= at) stacks_.emplace_back(new char[Telling::kStack]);
    return stacks_[at].get();
  }
  size_t choose(size_t among) {
    if (made_ == choices_.size()) choices_.push_back({0, among});
    return choices_[made_++].taken;
  }

  static inline Interleaving *now_ = nullptr;

  ucontext_t chooser_;
  Telling *telling_ = nullptr;
  std::vector<std::unique_ptr<char[]>> stacks_;
  std::vector<Choice> choices_;
  size_t made_ = 0;
  size_t orders_ = 0;
};

}  // namespace heapmeter::testing
