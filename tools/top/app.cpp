// SPDX-License-Identifier: MIT
#include "top/app.h"

#include <array>
#include <cerrno>
#include <optional>

#include <poll.h>
#include <unistd.h>

#include "top/closer_look.h"
#include "top/code_look.h"
#include "top/collector.h"
#include "top/help_view.h"
#include "top/list_view.h"
#include "top/mouse.h"
#include "top/process_view.h"
#include "top/screen.h"
#include "top/signal_queue.h"

namespace heapmeter::cli::tui {
namespace {

class App {
 public:
  App(State state, Subject subject, bool ascii, bool mouse)
      : state_(std::move(state)),
        collector_(state_.interval, std::move(subject.opened), std::move(subject.group)),
        inspector_(state_.interval),
        code_reader_(state_.interval),
        screen_(mouse) {
    look_.utf8 = screen_.utf8() && !ascii;
  }

  int run();

 private:
  const Board &shown() const { return frozen_ ? *frozen_ : board_; }
  void draw();
  Canvas picture(int width, int height);
  // What the picture needs to be told when the state has changed.
  void follow(const State &before);
  void look_at(const std::optional<Member> &member);
  void take_readings();
  // True when the program is to end; `ending_` is by which signal.
  bool take_signals();
  bool take_keys();

  SignalQueue signals_;  // before any thread
  State state_;
  Look look_;
  Collector collector_;
  Follower<CloserLook> inspector_;
  Follower<CodeLook> code_reader_;
  Screen screen_;  // last to come, first to go: whatever the others do, the terminal is given back
  Board board_;
  std::optional<Board> frozen_;
  std::optional<Row> opened_;  // as last seen: it may have ended
  Inspection inspection_;
  std::optional<Code> code_;  // of that process
  int ending_ = 0;
};

Canvas App::picture(int width, int height) {
  if (width < kLeastWidth || height < kLeastHeight) {
    Canvas canvas(width, height);
    canvas.put(0, 0, "too small", Style::kWarn);
    return canvas;
  }
  if (state_.showing == Showing::kHelp) return draw_help(width, height, state_);
  if (state_.showing == Showing::kProcess)
    return draw_process(width, height, shown(), opened_ ? &*opened_ : nullptr, inspection_, state_, look_);
  const auto list = listed(shown(), state_, look_);
  settle(state_, list, list_rows(height));
  return draw_list(width, height, shown(), state_, list, look_);
}

void App::draw() { screen_.show(picture(screen_.width(), screen_.height())); }

void App::follow(const State &before) {
  if (state_.interval != before.interval) {
    collector_.set_interval(state_.interval);
    inspector_.set_interval(state_.interval);
    code_reader_.set_interval(state_.interval);
  }
  if (state_.paused != before.paused) {
    if (state_.paused) {
      frozen_ = board_;
    } else {
      frozen_.reset();
    }
  }
  if (state_.opened != before.opened || (opened_ && opened_->key() != state_.opened)) {
    opened_.reset();
    inspection_ = {};
    code_.reset();
    const Row *row = state_.opened.empty() ? nullptr : shown().find(state_.opened);
    if (row != nullptr) opened_ = *row;
    look_at(row != nullptr ? std::optional(row->member) : std::nullopt);
  } else if (state_.code != before.code) {
    code_.reset();
    look_at(opened_ && !opened_->ended ? std::optional(opened_->member) : std::nullopt);
  }
}

void App::look_at(const std::optional<Member> &member) {
  inspector_.look_at(member);
  code_reader_.look_at(state_.code ? member : std::nullopt);
}

void App::take_readings() {
  if (auto round = collector_.take()) {
    board_.update(std::move(round->members), round->seconds);
    board_.refused = std::move(round->refused);
    if (!state_.paused && !state_.opened.empty()) {
      if (const Row *row = board_.find(state_.opened)) {
        const bool first = !opened_;
        opened_ = *row;
        if (first) look_at(row->member);
      } else if (opened_) {
        opened_->ended = true;
        look_at(std::nullopt);
      }
    }
  }
  if (auto inspection = inspector_.take()) {
    // One that is opened in a pause is looked at once.
    const bool looked = inspection_.account || !inspection_.account_complaint.empty();
    if ((!state_.paused || !looked) && inspection->key == state_.opened) inspection_ = std::move(*inspection);
  }
  if (auto code = code_reader_.take()) {
    const bool named = code_ && code_->state != Code::State::kNaming;
    if ((!state_.paused || !named) && code->key == state_.opened && state_.code) code_ = std::move(*code);
  }
  inspection_.code = code_;
}

bool App::take_signals() {
  while (const auto number = signals_.next()) {
    switch (*number) {
      case SIGWINCH:
        screen_.take_size();
        break;
      case SIGCONT:
        screen_.draw_anew();
        break;
      case SIGTSTP:
        screen_.give_back();
        SignalQueue::obey(SIGTSTP);
        screen_.draw_anew();
        break;
      case SIGINT:
        return true;
      default:
        ending_ = *number;
        return true;
    }
  }
  return false;
}

bool App::take_keys() {
  while (const auto key = screen_.key()) {
    const State before = state_;
    if (key->kind == Key::Kind::kClick) {
      click(state_, key->x, key->y, shown(), screen_.width(), screen_.height());
    } else {
      press(state_, *key, shown(), list_rows(screen_.height()));
    }
    if (state_.leave) return true;
    follow(before);
  }
  return false;
}

int App::run() {
  for (;;) {
    draw();
    std::array<pollfd, 5> wanted{{{STDIN_FILENO, POLLIN, 0},
                                  {signals_.fd(), POLLIN, 0},
                                  {collector_.fd(), POLLIN, 0},
                                  {inspector_.fd(), POLLIN, 0},
                                  {code_reader_.fd(), POLLIN, 0}}};
    if (poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR) return 0;
    if (take_signals()) {
      if (ending_ != 0) screen_.forget_output();
      return ending_;
    }
    if ((wanted[0].revents & ~POLLIN) != 0) return SIGHUP;  // the terminal is gone
    if (wanted[0].revents != 0 && take_keys()) return 0;
    take_readings();
  }
}

}  // namespace

int run_app(State state, Subject subject, bool ascii, bool mouse) {
  return App(std::move(state), std::move(subject), ascii, mouse).run();
}

}  // namespace heapmeter::cli::tui
