// SPDX-License-Identifier: MIT
#include "service/readers.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>

#include "base/bare_thread.h"
#include "base/last_thread.h"
#include "base/sandbox.h"
#include "base/sys.h"
#include "base/task_limit.h"
#include "leaks/permit.h"
#include "service/answer.h"
#include "service/pages/look.h"
#include "tracking/address_limit.h"
#include "tracking/attribution.h"

namespace heapmeter {
namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr uint64_t kDeafNs = kNsPerSecond;  // after a failed accept, such as for want of descriptors

// Another process may have changed it.
void follow_address_limit() noexcept {
  address_limit::followed_by_ledger();
  if (attribution::may_come_back()) attribution::follow_limit();
}

}  // namespace

// A bit each: the thread has a table of its own, and they are the lowest in it.
struct Readers::Descriptors {
  static constexpr int kMost = 192;
  static_assert(kPlaces + 8 <= kMost,
                "the listener, the call, the socket's folder, what is open for a moment");
  struct Set {
    uint64_t words[kMost / 64] = {};

    void add(int fd) noexcept { words[fd / 64] |= uint64_t{1} << (fd % 64); }
    bool has(int fd) const noexcept { return (words[fd / 64] >> (fd % 64) & 1) != 0; }
  };

  Set to_read = {};
  Set to_write = {};

  bool has(int fd) const noexcept { return to_read.has(fd) || to_write.has(fd); }

  // Leaves those that are ready. Not by poll, which refuses more descriptors than the program's limit would
  // let it open by now.
  long wait(uint64_t nanoseconds) noexcept {
    timespec limit{static_cast<time_t>(nanoseconds / kNsPerSecond),
                   static_cast<long>(nanoseconds % kNsPerSecond)};
    const long count = sys::call(SYS_pselect6, kMost, reinterpret_cast<long>(&to_read),
                                 reinterpret_cast<long>(&to_write), 0, reinterpret_cast<long>(&limit), 0);
    if (count <= 0) to_read = to_write = {};
    return count;
  }
};

// With all others taken, the place of who yields first.
Connection *Readers::place_for_another() noexcept {
  Connection *first = nullptr;
  for (int i = 0; i < used_; ++i) {
    Connection &connection = places_[i];
    if (connection.state == Connection::State::kFree) return &connection;
    if (first == nullptr || connection.yields_ns() < first->yields_ns()) first = &connection;
  }
  return used_ < kPlaces ? &places_[used_] : first;
}

// From when on there is a place for another.
uint64_t Readers::open_from_ns() noexcept {
  const Connection *place = place_for_another();
  const uint64_t yields_ns = place->state == Connection::State::kFree ? 0 : place->yields_ns();
  return yields_ns > deaf_until_ns_ ? yields_ns : deaf_until_ns_;
}

// The program's limit on descriptors may be lower than there are places.
void Readers::make_room(Answers &answers, uint64_t now_ns) noexcept {
  Connection *first = nullptr;
  for (int i = 0; i < used_; ++i) {
    Connection &connection = places_[i];
    if (connection.state == Connection::State::kFree) continue;
    if (first == nullptr || connection.yields_ns() < first->yields_ns()) first = &connection;
  }
  deaf_until_ns_ = now_ns + kDeafNs;
  if (first == nullptr) return;
  if (first->yields_ns() < deaf_until_ns_) deaf_until_ns_ = first->yields_ns();
  if (first->yields_ns() <= now_ns) first->give_way(answers, now_ns);
}

// With no place for another new readers wait in the backlog. One at a time: those who have left meanwhile
// make room first, so that a reader who comes again and again takes one place, not all.
void Readers::accept_next(int listener, Answers &answers, uint64_t now_ns) noexcept {
  Connection *connection = place_for_another();
  const long fd = sys::call(SYS_accept4, listener, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd == -EINTR || fd == -ECONNABORTED || fd == -EAGAIN) return;
  if (sys::failed(fd)) {
    make_room(answers, now_ns);
    return;
  }
  if (connection == &places_[used_]) ++used_;
  if (connection->state != Connection::State::kFree) connection->give_way(answers, now_ns);
  connection->open(static_cast<int>(fd), answers, now_ns);
  connection->advance(answers, now_ns);  // most send their request at once
}

Readers::Descriptors Readers::to_wait_for(int listener, int call, uint64_t now_ns) noexcept {
  Descriptors wanted;
  wanted.to_read.add(call);
  for (int i = 0; i < used_; ++i) {
    const Connection &connection = places_[i];
    if (connection.sends()) wanted.to_write.add(connection.fd);
    if (connection.listens()) wanted.to_read.add(connection.fd);
  }
  if (now_ns >= open_from_ns()) wanted.to_read.add(listener);
  return wanted;
}

uint64_t Readers::next_deadline_ns(const last_thread::Watch &watch, uint64_t now_ns) noexcept {
  uint64_t nearest = watch.next_look_ns();
  if (attribution::due_ns() < nearest) nearest = attribution::due_ns();
  if (pages::look_due_ns() < nearest) nearest = pages::look_due_ns();
  const uint64_t open_ns = open_from_ns();
  if (now_ns < open_ns && open_ns < nearest) nearest = open_ns;
  for (int i = 0; i < used_; ++i) {
    const Connection &connection = places_[i];
    if (connection.state == Connection::State::kFree) continue;
    if (connection.deadline_ns < nearest) nearest = connection.deadline_ns;
  }
  return nearest;
}

// When someone knocks, also those of whose leaving the list may not tell yet: he may be one of them, come
// again.
void Readers::advance_all(const Descriptors &ready, bool knocks, Answers &answers, uint64_t now_ns) noexcept {
  for (int i = 0; i < used_; ++i) {
    Connection &connection = places_[i];
    if (connection.state == Connection::State::kFree) continue;
    const bool may_have_left = knocks && connection.state == Connection::State::kClosing;
    if (may_have_left || ready.has(connection.fd)) connection.advance(answers, now_ns);
    if (connection.state != Connection::State::kFree && now_ns >= connection.deadline_ns) {
      connection.expire(answers, now_ns);
    }
  }
}

void Readers::go_on_looking(Answers &answers, uint64_t now_ns) noexcept {
  const char *failure = nullptr;
  if (pages::look_due_ns() > now_ns || !pages::go_on_looking(failure)) return;
  for (int i = 0; i < used_; ++i) {
    if (places_[i].state == Connection::State::kLooking) places_[i].answer_look(failure, answers, now_ns);
  }
}

void Readers::serve(int listener, int call, const service::Ending &ending,
                    last_thread::Watch &watch) noexcept {
  leaks::permit::open();
  answer_all(listener, call, ending, watch);
  leaks::permit::close();
  // In a sandbox that has come up the kernel ends it with this thread.
  if (!sandbox::came_up()) pages::break_off_look();
}

void Readers::answer_all(int listener, int call, const service::Ending &ending,
                         last_thread::Watch &watch) noexcept {
  Answers answers(answer_, sizeof answer_);
  while (!ending.now()) {
    const uint64_t before_ns = sys::monotonic_ns(), deadline_ns = next_deadline_ns(watch, before_ns);
    Descriptors ready = to_wait_for(listener, call, before_ns);
    const long count = ready.wait(deadline_ns > before_ns ? deadline_ns - before_ns : 0);
    if (sandbox::came_up()) return;
    if (count < 0 && count != -EINTR) return;
    const uint64_t now_ns = sys::monotonic_ns();
    const bool due = watch.due(now_ns), knocks = ready.has(listener);
    if (due && (last_thread::program_is_gone() || task_limit::few())) return;
    if (due || knocks) follow_address_limit();
    // Anyone with the right to may have called.
    if (ready.has(call)) BareThread::take_calls(call);
    attribution::do_what_is_due(now_ns);
    advance_all(ready, knocks, answers, now_ns);
    go_on_looking(answers, now_ns);
    if (knocks) accept_next(listener, answers, now_ns);
  }
}

void Readers::forget() noexcept {
  leaks::permit::close();
  pages::forget_look();
  for (int i = 0; i < used_; ++i) places_[i].forget();
  // A page that is only read is not copied in a forked child.
  if (used_ != 0) used_ = 0;
  if (deaf_until_ns_ != 0) deaf_until_ns_ = 0;
}

}  // namespace heapmeter
