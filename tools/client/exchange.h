// SPDX-License-Identifier: MIT
//
// An HTTP request, over one unix socket after the other while it comes too late, that never waits: poll()
// what it asks for, then let it go on. Whatever the other end does, it is the owner who decides how long to
// be patient; to drop it closes the connection.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <poll.h>

#include "client/endpoint.h"

namespace heapmeter::cli {

enum class Silence {
  kGone,     // nobody listens there (any more), or it went away in the middle
  kLate,     // no complete answer by the deadline
  kRefused,  // it answered that we may not, or does not know the page
  kStrange,  // the answer is not the meter's
  kUnable,   // it answered that it cannot do what was asked
  kForged,   // the kernel says that it is not the process whose name the socket has
};

class NoAnswer : public std::runtime_error {
 public:
  NoAnswer(Silence why, const std::string &text) : std::runtime_error(text), why_(why) {}
  Silence why() const { return why_; }

 private:
  Silence why_;
};

// To read a page, or to change how the process is metered.
enum class Asking { kPage, kChange };

class Exchange {
 public:
  // Throws NoAnswer, as advance() does.
  Exchange(const Endpoint &endpoint, const std::string &path, Asking asking = Asking::kPage);
  ~Exchange();
  Exchange(Exchange &&) noexcept;
  Exchange &operator=(Exchange &&) noexcept;

  // True when the answer is complete; else wait for wanted() and call again.
  bool advance();
  // Of a listener whose queue is full there is nothing to wait for (fd -1): try again in kRetry.
  pollfd wanted() const;
  static constexpr int kRetryMs = 5;

  // The body of a 200 answer, once; throws NoAnswer for any other.
  std::string take_body();
  // Who began to listen there, in our pid namespace; 0 when unseen, or not yet connected.
  int peer_pid() const;
  bool is_connected() const;
  // Another user's, whom we may ask as root: what he says is his own affair, what it costs is ours.
  bool is_strangers() const;

 private:
  struct Talk;
  std::unique_ptr<Talk> talk_;
};

}  // namespace heapmeter::cli
