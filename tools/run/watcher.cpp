// SPDX-License-Identifier: MIT
#include "run/watcher.h"

#include <heapmeter/protocol.h>

#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

using namespace std::chrono_literals;

// Soon after the socket may be there, then less and less often.
constexpr auto kFirst = std::chrono::milliseconds(HEAPMETER_BIND_DELAY_MS) + 20ms;
constexpr auto kSlowest = 1000ms;
constexpr auto kPatience = 500ms;

}  // namespace

Watcher::Watcher(int pid, bool follow)
    : pid_(pid), follow_(follow), thread_([this](std::stop_token stopped) { watch(stopped); }) {}

void Watcher::watch(std::stop_token stopped) {
  for (std::chrono::milliseconds pause = kFirst; !stopped.stop_requested();
       pause = std::min(2 * pause, kSlowest)) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stopped, pause, [] { return false; });
    lock.unlock();
    if (stopped.stop_requested()) return;
    read_once();
    follow_ ? uncounted_.look_at_family(pid_) : uncounted_.look_at(pid_);
  }
}

void Watcher::read_once() {
  try {
    if (!target_) {
      Target found;
      if (!find_endpoint(pid_, found)) return;
      target_ = found;
    }
    last_ = Last{take_reading(target_->endpoint, in(kPatience)), std::chrono::steady_clock::now()};
  } catch (const NoAnswer &silence) {
    // Too busy, stopped or just ending: the reading before stands, with its age. Gone may mean moved: setuid
    // takes it to another directory.
    if (silence.why() == Silence::kGone) target_.reset();
  } catch (const UserError &) {
    // No directory to be trusted: then there is no reading, and the summary says why.
  }
}

void Watcher::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace heapmeter::cli
