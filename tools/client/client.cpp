// SPDX-License-Identifier: MIT
#include "client/client.h"

#include <algorithm>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "system/process.h"

namespace heapmeter::cli {
namespace {

int milliseconds_until(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

// Returns when there is something to do, or nothing more to wait for.
void wait_for(pollfd wanted, Deadline deadline) {
  const int left = milliseconds_until(deadline);
  if (left == 0) throw NoAnswer(Silence::kLate, "does not answer");
  if (poll(&wanted, 1, wanted.fd < 0 ? std::min(left, Exchange::kRetryMs) : left) < 0 && errno != EINTR)
    throw NoAnswer(Silence::kGone, strerror(errno));
}

std::string finish(Exchange exchange, Deadline deadline) {
  while (!exchange.advance()) wait_for(exchange.wanted(), deadline);
  return exchange.take_body();
}

}  // namespace

std::string get(const Endpoint &endpoint, const std::string &path, Deadline deadline) {
  return finish({endpoint, path}, deadline);
}

std::string change(const Endpoint &endpoint, const std::string &path, Deadline deadline) {
  return finish({endpoint, path, Asking::kChange}, deadline);
}

std::vector<std::optional<Silence>> ask_all(const std::vector<Endpoint> &endpoints, const std::string &path,
                                            Deadline deadline) {
  std::vector<std::optional<Silence>> silences(endpoints.size(), Silence::kLate);
  std::vector<std::optional<Exchange>> talks(endpoints.size());
  const auto advance = [&](std::size_t at) {
    try {
      if (!talks[at]) talks[at].emplace(endpoints[at], path);
      if (!talks[at]->advance()) return true;
      talks[at]->take_body();
      silences[at].reset();
    } catch (const NoAnswer &silence) {
      silences[at] = silence.why();
    }
    talks[at].reset();
    return false;
  };
  std::vector<std::size_t> waiting;
  for (std::size_t at = 0; at < endpoints.size(); ++at) {
    if (advance(at)) waiting.push_back(at);
  }
  while (!waiting.empty() && std::chrono::steady_clock::now() < deadline) {
    std::vector<pollfd> wanted;
    int most = milliseconds_until(deadline);
    for (const std::size_t at : waiting) {
      wanted.push_back(talks[at]->wanted());
      if (wanted.back().fd < 0) most = std::min(most, Exchange::kRetryMs);
    }
    poll(wanted.data(), wanted.size(), most);
    std::vector<std::size_t> still;
    for (std::size_t each = 0; each < waiting.size(); ++each) {
      const bool ready = wanted[each].revents != 0 || wanted[each].fd < 0;
      if (!ready || advance(waiting[each])) still.push_back(waiting[each]);
    }
    waiting = std::move(still);
  }
  return silences;
}

int listening_pid(const Endpoint &endpoint) {
  // Of another user's socket it is the kernel that says so.
  const auto owner = endpoint.directory->owner();
  const int same = owner && *owner != geteuid() ? 0 : endpoint.local_pid();
  if (same != 0) return same;
  try {
    Exchange exchange(endpoint, "/");
    exchange.advance();
    const int pid = exchange.peer_pid();
    return pid != 0 && process::innermost_pid(pid) == endpoint.pid ? pid : 0;
  } catch (const NoAnswer &) {
    return 0;
  }
}

}  // namespace heapmeter::cli
