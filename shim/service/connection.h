// SPDX-License-Identifier: MIT
//
// One reader's connection: receives a request, sends its answer, waits for the next one if the reader asked
// for that, or for him to hang up. Never blocks; the service watches what each waits for, and ends those that
// take too long.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <heapmeter/protocol.h>

namespace heapmeter {

class Answers;
class TextBuffer;
namespace http {
struct Request;
}

struct Connection {
  enum class State : uint8_t { kFree, kReceiving, kLooking, kSending, kIdle, kClosing };

  State state = State::kFree;
  bool keep = false;  // it waits for another request when this one is answered
  bool deaf = false;  // nothing more will be heard of this one while the look goes on that it asked for
  int fd = -1;
  uint64_t deadline_ns = 0;
  uint64_t last_ns = 0;  // of an answer that goes in parts: until when, however the reader goes on
  size_t received = 0;
  char *unsent = nullptr;  // what the socket did not take at once, mapped
  size_t unsent_bytes = 0;
  size_t unsent_mapped = 0;
  char request[HEAPMETER_REQUEST_LIMIT];

  // Who may not read is told so at once, and listened to no more.
  void open(int accepted, Answers &answers, uint64_t now_ns) noexcept;
  // The descriptor is ready to be read, or written to if it sends.
  void advance(Answers &answers, uint64_t now_ns) noexcept;
  void expire(Answers &answers, uint64_t now_ns) noexcept;
  // The look that it asked for is over; null, or why there was none.
  void answer_look(const char *failure, Answers &answers, uint64_t now_ns) noexcept;
  // From when on its place may go to another: whoever was answered has had his turn, and who says nothing, or
  // does not read, is not waited for while others do.
  uint64_t yields_ns() const noexcept;
  // Its place goes to another.
  void give_way(Answers &answers, uint64_t now_ns) noexcept;
  bool sends() const noexcept { return state == State::kSending; }
  bool listens() const noexcept { return state != State::kFree && !sends() && !deaf; }
  void close() noexcept;
  // In a forked child: the descriptor is not ours, what was unsent stays unsent.
  void forget() noexcept;

 private:
  void receive(Answers &answers, uint64_t now_ns) noexcept;
  void begin_look(const http::Request &request, Answers &answers, uint64_t now_ns) noexcept;
  void listen_while_looking() noexcept;
  void answer_large(const http::Request &request, size_t room, uint64_t now_ns) noexcept;
  void reply(const TextBuffer &text, uint64_t now_ns) noexcept;
  void send_rest(uint64_t now_ns) noexcept;
  void finish(uint64_t now_ns) noexcept;
  void drop_unsent() noexcept;
  bool peer_may_read() const noexcept;
};

}  // namespace heapmeter
