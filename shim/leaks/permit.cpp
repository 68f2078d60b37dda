// SPDX-License-Identifier: MIT
#include "leaks/permit.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/sandbox.h"
#include "base/sys.h"
#include "leaks/no_signals.h"

namespace heapmeter::leaks::permit {
namespace {

constexpr uint64_t kPauseNs = 1'000'000;
constexpr uint64_t kPatienceNs = 2'000'000'000;

constinit int looking_in = 0;
constinit int ending = 0;
constinit int open_in = 0;
constinit bool borrowed_sandbox = false;
constinit int looker = 0, image = 0;
// The process above, and how many of its threads are about to leave it below.
constinit uint64_t leaving = 0;

int load(const int &word) noexcept { return __atomic_load_n(&word, __ATOMIC_RELAXED); }
void store(int &word, int value) noexcept { __atomic_store_n(&word, value, __ATOMIC_RELAXED); }

// Ordered with taking: of two that come at once, one sees the other.
uint64_t leaving_now() noexcept { return __atomic_load_n(&leaving, __ATOMIC_SEQ_CST); }
uint64_t nobody_of(int process) noexcept { return static_cast<uint64_t>(process) << 32; }
void change_leaving(int process, int by) noexcept {
  const uint64_t nobody = nobody_of(process);
  uint64_t before = leaving_now(), after = 0;
  do {
    const uint64_t count = before >> 32 == nobody >> 32 ? before - nobody : 0;
    after = nobody + count + static_cast<uint64_t>(by);
  } while (!__atomic_compare_exchange_n(&leaving, &before, after, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
}

// By the thread whose look it is, interrupted in the middle of it, or where that one is not heard of.
void end_image() noexcept {
  if (load(image) == 0) return;
  const NoSignals none;
  const int claimed = claim_image();
  if (claimed == 0) return;
  sys::call(SYS_kill, claimed, SIGKILL);
  while (sys::call(SYS_wait4, claimed, 0, __WCLONE, 0) == -EINTR) {
  }
}

}  // namespace

bool is_leaving() noexcept {
  const uint64_t nobody = nobody_of(sys::pid()), now = leaving_now();
  return now > nobody && now >> 32 == nobody >> 32;
}

bool is_taken() noexcept { return __atomic_load_n(&looking_in, __ATOMIC_SEQ_CST) == sys::pid(); }

Answer take() noexcept {
  const int self = sys::pid();
  int now = load(looking_in);
  if (now == self ||
      !__atomic_compare_exchange_n(&looking_in, &now, self, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
    return Answer::kTaken;
  store(image, 0);
  store(looker, sys::tid());
  open();
  if (!is_leaving()) return Answer::kYours;
  give_back();
  return Answer::kLeaving;
}

void give_back() noexcept {
  store(image, 0);
  __atomic_store_n(&looking_in, 0, __ATOMIC_RELEASE);
}

int *image_place() noexcept { return &image; }
int claim_image() noexcept { return __atomic_exchange_n(&image, 0, __ATOMIC_RELAXED); }

void note_ending() noexcept { store(ending, sys::pid()); }
bool is_ending() noexcept { return load(ending) == sys::pid(); }

void open() noexcept { store(open_in, sys::pid()); }
void close() noexcept { store(open_in, 0); }
void note_borrowed_sandbox() noexcept { __atomic_store_n(&borrowed_sandbox, true, __ATOMIC_RELAXED); }

Leaving::Leaving() noexcept {
  if (load(open_in) == 0 || __atomic_load_n(&borrowed_sandbox, __ATOMIC_RELAXED)) return;
  const int self = sys::pid();
  if (load(open_in) != self) return;
  process_ = self;
  change_leaving(self, 1);
  if (!is_taken()) return;
  if (load(looker) == sys::tid()) {
    end_image();
    return;
  }
  const uint64_t give_up_ns = sys::monotonic_ns() + kPatienceNs;
  while (is_taken() && sys::monotonic_ns() < give_up_ns) sys::sleep_ns(kPauseNs);
  // Its thread gets no processor, it seems: left behind, an image that had none yet would not know that it
  // is to end. A sandbox may kill for this; there the image ends by itself.
  if (is_taken() && !sandbox::here()) end_image();
}

Leaving::~Leaving() {
  if (process_ == 0) return;
  change_leaving(process_, -1);
}

}  // namespace heapmeter::leaks::permit
