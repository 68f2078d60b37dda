// SPDX-License-Identifier: MIT
//
// One reader's connection: receives a request, sends its answer, waits for the reader to hang up. Never
// blocks; the service polls what each waits for, and ends those that take too long.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <heapmeter/protocol.h>

namespace heapmeter {

class TextBuffer;

struct Connection {
  enum class State : uint8_t { kFree, kReceiving, kSending, kClosing };

  State state = State::kFree;
  int fd = -1;
  uint64_t deadline_ns = 0;
  size_t received = 0;
  char *unsent = nullptr;  // what the socket did not take at once, mapped
  size_t unsent_bytes = 0;
  size_t unsent_mapped = 0;
  char request[HEAPMETER_REQUEST_LIMIT];

  void open(int accepted, uint64_t now_ns) noexcept;
  // The descriptor is ready for what poll_events() asked.
  void advance(TextBuffer &answer, uint64_t now_ns) noexcept;
  void expire(TextBuffer &answer, uint64_t now_ns) noexcept;
  short poll_events() const noexcept;
  void close() noexcept;
  // In a forked child: the descriptor is not ours, what was unsent stays unsent.
  void forget() noexcept;

 private:
  void receive(TextBuffer &answer, uint64_t now_ns) noexcept;
  void reply(TextBuffer &answer, uint64_t now_ns) noexcept;
  void send_rest(uint64_t now_ns) noexcept;
  void finish(uint64_t now_ns) noexcept;
  bool peer_may_read() const noexcept;
};

}  // namespace heapmeter
