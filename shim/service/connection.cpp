// SPDX-License-Identifier: MIT
#include "service/connection.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/sys.h"
#include "base/text_buffer.h"
#include "service/answer.h"
#include "service/http_request.h"
#include "service/pages/look.h"

namespace heapmeter {
namespace {

constexpr uint64_t kIdleNs = HEAPMETER_IDLE_DEADLINE_MS * uint64_t{1'000'000};
constexpr uint64_t kDeadlineNs = HEAPMETER_REQUEST_DEADLINE_MS * uint64_t{1'000'000};
// How long it keeps its place from others who wait.
constexpr uint64_t kMuteNs = 250'000'000;
constexpr uint64_t kStalledNs = 500'000'000;
// Who reads on, if only a megabyte a second, gets a long answer whole.
constexpr uint64_t kLongestNsForAByte = 1000;

long send_some(int fd, const char *bytes, size_t count) noexcept {
  return sys::call(SYS_sendto, fd, reinterpret_cast<long>(bytes), static_cast<long>(count),
                   MSG_DONTWAIT | MSG_NOSIGNAL);
}

long receive_some(int fd, char *bytes, size_t count) noexcept {
  return sys::call(SYS_recvfrom, fd, reinterpret_cast<long>(bytes), static_cast<long>(count), MSG_DONTWAIT);
}

bool not_now(long result) noexcept { return result == -EAGAIN || result == -EINTR; }

}  // namespace

void Connection::open(int accepted, Answers &answers, uint64_t now_ns) noexcept {
  fd = accepted;
  state = State::kReceiving;
  received = 0;
  keep = deaf = false;
  deadline_ns = now_ns + kDeadlineNs;
  if (peer_may_read()) return;
  answers.write_error(403, "this process answers its own user and root only");
  reply(answers.text(), now_ns);
}

void Connection::advance(Answers &answers, uint64_t now_ns) noexcept {
  if (state == State::kIdle) {
    state = State::kReceiving;
    keep = false;
    deadline_ns = now_ns + kDeadlineNs;
  }
  if (state == State::kReceiving) {
    receive(answers, now_ns);
  } else if (state == State::kLooking) {
    listen_while_looking();
  } else if (state == State::kSending) {
    send_rest(now_ns);
  } else if (state == State::kClosing) {
    // Read and thrown away until the reader hangs up: closing over unread bytes would cut the answer off.
    const long got = receive_some(fd, request, sizeof request);
    if (!not_now(got) && got <= 0) close();
  }
}

void Connection::expire(Answers &answers, uint64_t now_ns) noexcept {
  if (state != State::kReceiving) {
    close();
    return;
  }
  answers.write_error(408, "the request did not come within two seconds");
  reply(answers.text(), now_ns);
}

uint64_t Connection::yields_ns() const noexcept {
  if (state == State::kLooking) return UINT64_MAX;
  if (state == State::kIdle) return deadline_ns - kIdleNs;
  const uint64_t since_ns = deadline_ns - kDeadlineNs;
  if (state == State::kReceiving) return since_ns + kMuteNs;
  return state == State::kSending ? since_ns + kStalledNs : since_ns;
}

void Connection::give_way(Answers &answers, uint64_t now_ns) noexcept {
  if (state == State::kReceiving) {
    answers.write_error(408, "others waited, and the request did not come");
    reply(answers.text(), now_ns);
  }
  if (state != State::kFree) close();
}

bool Connection::peer_may_read() const noexcept {
  ucred peer{};
  socklen_t size = sizeof peer;
  const long result = sys::call(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, reinterpret_cast<long>(&peer),
                                reinterpret_cast<long>(&size));
  return result == 0 && (peer.uid == 0 || peer.uid == static_cast<uid_t>(sys::call(SYS_geteuid)));
}

void Connection::receive(Answers &answers, uint64_t now_ns) noexcept {
  const long got = receive_some(fd, request + received, sizeof request - received);
  if (not_now(got)) return;
  if (got <= 0) {
    close();
    return;
  }
  received += static_cast<size_t>(got);
  const http::Request parsed = http::parse(request, received, sizeof request);
  if (parsed.status == 0) return;
  // Who may read may also change, asked again: the process may be another user's by now.
  if (parsed.post && !peer_may_read()) {
    answers.write_error(403, "this process answers its own user and root only");
    return reply(answers.text(), now_ns);
  }
  if (answer::is_look(parsed) || answer::is_about_holders(parsed)) return begin_look(parsed, answers, now_ns);
  const size_t room = answer::room_for(parsed);
  if (room > answers.text().capacity()) return answer_large(parsed, room, now_ns);
  keep = answers.write(parsed, now_ns);
  reply(answers.text(), now_ns);
}

void Connection::begin_look(const http::Request &request, Answers &answers, uint64_t now_ns) noexcept {
  const pages::Refusal refusal = answer::is_look(request)
                                     ? pages::begin_look()
                                     : pages::begin_holders(request.query, request.query_length);
  if (refusal.status != 0) {
    answers.write_error(refusal.status, refusal.error);
    return reply(answers.text(), now_ns);
  }
  state = State::kLooking;
  keep = request.keep;
  deadline_ns = UINT64_MAX;
}

// What comes is thrown away. Who only says no more still gets his answer; for who has left no look is taken.
void Connection::listen_while_looking() noexcept {
  const long got = receive_some(fd, request, sizeof request);
  if (got > 0 || not_now(got)) return;
  const long refused = send_some(fd, request, 0);
  if (got < 0 || sys::failed(refused)) return close();
  deaf = true;
}

void Connection::answer_look(const char *failure, Answers &answers, uint64_t now_ns) noexcept {
  deaf = false;
  if (failure != nullptr) {
    keep = false;
    answers.write_error(409, failure);
    return reply(answers.text(), now_ns);
  }
  auto *memory = static_cast<char *>(sys::map(pages::kRoomForLook));
  if (memory == nullptr) return close();
  TextBuffer text(memory, pages::kRoomForLook);
  answer::write_look(text, keep);
  reply(text, now_ns);
  sys::unmap(memory, pages::kRoomForLook);
}

void Connection::answer_large(const http::Request &request, size_t room, uint64_t now_ns) noexcept {
  auto *memory = static_cast<char *>(sys::map(room));
  if (memory == nullptr) return close();
  TextBuffer text(memory, room);
  const uint64_t begun_ns = sys::monotonic_ns();
  keep = answer::write(text, request);
  // The reader's time begins when there is something to read: of a hundred thousand sites that is a while.
  reply(text, now_ns + (sys::monotonic_ns() - begun_ns));
  sys::unmap(memory, room);
}

void Connection::reply(const TextBuffer &text, uint64_t now_ns) noexcept {
  const long sent = send_some(fd, text.data(), text.size());
  if (sys::failed(sent) && !not_now(sent)) {
    close();
    return;
  }
  const size_t done = sent > 0 ? static_cast<size_t>(sent) : 0;
  deadline_ns = now_ns + kDeadlineNs;
  if (done == text.size()) {
    finish(now_ns);
    return;
  }
  unsent_mapped = text.size() - done;
  unsent = static_cast<char *>(sys::map(unsent_mapped));
  if (unsent == nullptr) {
    close();
    return;
  }
  unsent_bytes = unsent_mapped;
  last_ns = deadline_ns + unsent_bytes * kLongestNsForAByte;
  memcpy(unsent, text.data() + done, unsent_bytes);
  state = State::kSending;
}

void Connection::send_rest(uint64_t now_ns) noexcept {
  const char *at = unsent + (unsent_mapped - unsent_bytes);
  const long sent = send_some(fd, at, unsent_bytes);
  if (not_now(sent)) return;
  if (sent <= 0) {
    close();
    return;
  }
  unsent_bytes -= static_cast<size_t>(sent);
  if (unsent_bytes == 0) return finish(now_ns);
  deadline_ns = now_ns + kDeadlineNs < last_ns ? now_ns + kDeadlineNs : last_ns;
}

void Connection::finish(uint64_t now_ns) noexcept {
  if (keep) {
    drop_unsent();
    received = 0;
    state = State::kIdle;
    deadline_ns = now_ns + kIdleNs;
    return;
  }
  sys::call(SYS_shutdown, fd, SHUT_WR);
  state = State::kClosing;
  deadline_ns = now_ns + kDeadlineNs;
}

void Connection::close() noexcept {
  if (state == State::kLooking) pages::break_off_look();
  sys::call(SYS_close, fd);
  forget();
}

void Connection::forget() noexcept {
  fd = -1;
  state = State::kFree;
  drop_unsent();
}

void Connection::drop_unsent() noexcept {
  // Forgotten before it is unmapped: a fork between the two must not leave the child with an address to
  // unmap.
  char *mapped = unsent;
  const size_t bytes = unsent_mapped;
  unsent = nullptr;
  unsent_bytes = unsent_mapped = 0;
  if (mapped != nullptr) sys::unmap(mapped, bytes);
}

}  // namespace heapmeter
