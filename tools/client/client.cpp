// SPDX-License-Identifier: MIT
#include "client/client.h"

#include <algorithm>

#include <errno.h>
#include <string.h>

#include "system/process.h"

namespace heapmeter::cli {
namespace {

// Returns when there is something to do, or nothing more to wait for.
void wait_for(pollfd wanted, Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) throw NoAnswer(Silence::kLate, "does not answer");
  const std::int64_t most = wanted.fd < 0 ? Exchange::kRetryMs : 60'000;
  if (poll(&wanted, 1, static_cast<int>(std::min<std::int64_t>(left.count(), most))) < 0 && errno != EINTR)
    throw NoAnswer(Silence::kGone, strerror(errno));
}

}  // namespace

std::string get(const Endpoint &endpoint, const std::string &path, Deadline deadline) {
  Exchange exchange(endpoint, path);
  while (!exchange.advance()) wait_for(exchange.wanted(), deadline);
  return exchange.take_body();
}

int listening_pid(const Endpoint &endpoint) {
  if (const int same = endpoint.local_pid()) return same;
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
