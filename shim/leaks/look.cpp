// SPDX-License-Identifier: MIT
#include "leaks/look.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/sandbox.h"
#include "base/search_order.h"
#include "base/sys.h"
#include "leaks/image.h"
#include "leaks/turns.h"

namespace heapmeter::leaks {
namespace {

constexpr size_t kStackBytes = 256 << 10;

// What a look works with in the process itself.
struct Workshop {
  char stack[kStackBytes];
  Standing before[Findings::kMostThreads];
  AddressSpace space;
  image::Given given;
};

// The process in which one is under way, or 0. By its number: a child that was forked meanwhile, however it
// was made, has none.
constinit int looking_in = 0;

bool begin() noexcept {
  const int self = sys::pid();
  int now = __atomic_load_n(&looking_in, __ATOMIC_RELAXED);
  return now != self &&
         __atomic_compare_exchange_n(&looking_in, &now, self, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
void end() noexcept { __atomic_store_n(&looking_in, 0, __ATOMIC_RELEASE); }

int run(void *given) { image::look(*static_cast<const image::Given *>(given)); }

bool is_gone(int child) noexcept {
  siginfo_t info = {};
  // Looks without taking: it is taken once, at the end.
  const long result = sys::call(SYS_waitid, P_PID, child, reinterpret_cast<long>(&info),
                                WEXITED | WNOHANG | WNOWAIT | __WCLONE, 0);
  return result < 0 || info.si_pid != 0;
}

void see_off(int child, bool done) noexcept {
  if (!done) sys::call(SYS_kill, child, SIGKILL);
  while (sys::call(SYS_wait4, child, 0, __WCLONE, 0) == -EINTR) {
  }
}

// Words of memory that the image has not got.
void look_at_hidden(Findings &findings) noexcept {
  Memory memory;
  for (size_t at = 0; at < findings.hidden_count; ++at) {
    const auto [start, end] = findings.hidden[at];
    findings.unread_bytes +=
        memory.words(start, end, Memory::Way::kAskWritten, [&](const uint64_t *words, size_t count) {
          for (size_t word = 0; word < count; ++word) {
            const uint64_t address = words[word] & ((uint64_t{1} << 48) - 1);
            if (address - findings.heap_start >= findings.heap_end - findings.heap_start) continue;
            if (findings.words_count < Findings::kMostWords)
              findings.words[findings.words_count++] = words[word];
            else
              findings.unread_bytes += sizeof words[word];
          }
        });
  }
}

// Nobody's handler may run in the image, and nothing may come between it and those who stand still.
class NoSignals {
 public:
  NoSignals() noexcept { mask(&kAll, &before_); }
  ~NoSignals() { mask(&before_, nullptr); }
  NoSignals(const NoSignals &) = delete;
  NoSignals &operator=(const NoSignals &) = delete;

 private:
  static void mask(const uint64_t *set, uint64_t *old) noexcept {
    sys::call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(set), reinterpret_cast<long>(old),
              sizeof *set);
  }
  static constexpr uint64_t kAll = ~uint64_t{0};
  uint64_t before_ = 0;
};

const char *look_in(Workshop &shop, Findings &findings, uint32_t patience_ms) noexcept {
  shop.given.before_count = standings(shop.before, Findings::kMostThreads);
  auto *libcs = reinterpret_cast<decltype(clone) *>(search_order::in_libc("clone"));
  if (libcs == nullptr) libcs = clone;
  const NoSignals none;
  // A process of its own, of which no call of the program's tells: it sends no signal when it ends. The
  // descriptors are not copied: no end of a pipe is held open.
  const int child = libcs(run, shop.stack + kStackBytes, CLONE_FILES, &shop.given);
  if (child < 0) return "the kernel makes no copy of the process";
  findings.after_count = standings(findings.after, Findings::kMostThreads);
  turns::give(findings, Findings::State::kThreadsKnown);
  if (turns::wait(findings, Findings::State::kHiddenKnown, patience_ms, is_gone, child) &&
      findings.state == Findings::State::kHiddenKnown) {
    look_at_hidden(findings);
    turns::give(findings, Findings::State::kHiddenSeen);
  }
  const bool done = turns::wait(findings, Findings::State::kDone, patience_ms, is_gone, child);
  see_off(child, done);
  if (!done) return "the look did not come to an end";
  return words(findings.failure);
}

}  // namespace

const char *words(Failure failure) noexcept {
  switch (failure) {
    case Failure::kNone:
      return nullptr;
    case Failure::kNoMemory:
      return "there is no memory for a look";
    case Failure::kNoMaps:
      return "/proc does not tell what is mapped";
    case Failure::kWalkDiffers:
      return "a call of the program was half-way: try again";
  }
  return "the look failed";
}

void Look::forget() noexcept {
  if (findings_ != nullptr) sys::unmap(findings_, sizeof *findings_);
  findings_ = nullptr;
}

const char *Look::take_one(uintptr_t stack_pointer, const Knowledge &knowledge,
                           uint32_t patience_ms) noexcept {
  if (sandbox::here()) return "the process is in a sandbox (seccomp)";
  if (!begin()) return "another look is under way";
  forget();
  const char *failure = "there is no memory for a look";
  auto *shop = static_cast<Workshop *>(sys::map(sizeof(Workshop)));
  findings_ = static_cast<Findings *>(sys::map_shared(sizeof(Findings)));
  if (shop != nullptr && findings_ != nullptr) {
    const auto start = reinterpret_cast<uintptr_t>(shop);
    shop->given = {findings_, &shop->space, shop->before, 0, stack_pointer, {start, start + sizeof *shop},
                   knowledge, patience_ms};
    failure = shop->space.read("/proc/self/maps") ? look_in(*shop, *findings_, patience_ms)
                                                  : words(Failure::kNoMaps);
    shop->space.forget();
  }
  if (shop != nullptr) sys::unmap(shop, sizeof *shop);
  end();
  return failure;
}

const char *Look::take(uintptr_t stack_pointer, const Knowledge &knowledge, uint32_t patience_ms) noexcept {
  constexpr uint64_t kEnoughNs = 2'000'000'000;
  const uint64_t began_ns = sys::monotonic_ns();
  const char *failure = nullptr;
  do {
    failure = take_one(stack_pointer, knowledge, patience_ms);
  } while (failure == words(Failure::kWalkDiffers) && sys::monotonic_ns() - began_ns < kEnoughNs);
  return failure;
}

}  // namespace heapmeter::leaks
