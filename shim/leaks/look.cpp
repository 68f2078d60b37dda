// SPDX-License-Identifier: MIT
#include "leaks/look.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <heapmeter/protocol.h>

#include "base/sandbox.h"
#include "base/sys.h"
#include "base/valgrind.h"
#include "leaks/image.h"
#include "leaks/no_signals.h"
#include "leaks/permit.h"
#include "leaks/released.h"
#include "leaks/room.h"
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

constexpr uint64_t kNsPerMs = 1'000'000;
constexpr uint64_t kLeastPauseNs = kNsPerMs / 4;
constexpr uint64_t kFirstStepNs = kNsPerMs;
constexpr uint64_t kStepNs = 10 * kNsPerMs;
// Where a call was half-way it is tried again: so often at least, however long that takes in a crowd of
// threads, and for so long. In a crowd there is always one: after these, and that while, what calls of all
// its threads explain is taken. From kCrowd threads on that while alone is enough, however few tries it took:
// each waits for its turn among them longer than it takes.
constexpr uint32_t kLeastTries = 40;
constexpr uint32_t kWholeTries = 3;
constexpr size_t kCrowd = 16;
constexpr uint64_t kEnoughTriesNs = 2000 * kNsPerMs;
// Where memory that no image has was new; and looking at what is new since that was begun.
constexpr uint32_t kMostUnseen = 10, kMostPasses = 4;
constexpr uint64_t kMostOfLastNs = 10'000 * kNsPerMs;  // an exit waits for it
constexpr uint64_t kBreakingOffNs = 2000 * kNsPerMs;

const char *words(permit::Answer answer) noexcept {
  switch (answer) {
    case permit::Answer::kYours:
      return nullptr;
    case permit::Answer::kTaken:
      return HEAPMETER_LOOK_UNDER_WAY;
    case permit::Answer::kLeaving:
      return "the process becomes another program";
  }
  return "the look failed";
}

void run(void *given) { image::look(*static_cast<const image::Given *>(given)); }

bool is_gone(int child) noexcept {
  siginfo_t info = {};
  // Looks without taking: it is taken once, at the end.
  const long result = sys::call(SYS_waitid, P_PID, child, reinterpret_cast<long>(&info),
                                WEXITED | WNOHANG | WNOWAIT | __WCLONE, 0);
  return result < 0 || info.si_pid != 0;
}

// Unless a thread that executes another program has.
void see_off(int child, bool done) noexcept {
  if (child == 0) return;  // that would be all of the process's group
  const NoSignals none;
  if (permit::claim_image() == 0) return;
  if (!done) sys::call(SYS_kill, child, SIGKILL);
  while (sys::call(SYS_wait4, child, 0, __WCLONE, 0) == -EINTR) {
  }
}

// Of no use to whoever reads a core dump.
template <typename Thing>
Thing *undumped(void *mapped) noexcept {
  if (mapped != nullptr) sys::keep_out_of_core_dumps(mapped, sizeof(Thing));
  return static_cast<Thing *>(mapped);
}

bool is_same_link(const char *one, const char *other) noexcept {
  char names[2][64] = {};
  const char *paths[] = {one, other};
  for (int at = 0; at < 2; ++at) {
    const long bytes = sys::call(SYS_readlinkat, AT_FDCWD, reinterpret_cast<long>(paths[at]),
                                 reinterpret_cast<long>(names[at]), sizeof names[at] - 1);
    // Of a namespace that has had no process yet there is no name, and of none where /proc is not.
    if (sys::failed(bytes)) return at == 0;
  }
  return strcmp(names[0], names[1]) == 0;
}

// After unshare(CLONE_NEWPID) the next child is process 1 of a namespace, which ends with it: that is not for
// an image to be.
bool children_live_here() noexcept {
  return is_same_link("/proc/thread-self/ns/pid", "/proc/thread-self/ns/pid_for_children");
}

// A process of its own, of which no call of the program's tells: it sends no signal when it ends. The
// descriptors are not copied: no end of a pipe is held open. Or minus the error.
long make_image(Workshop &shop, Findings &findings, KernelHeld &kernel_held, uint32_t tries) noexcept {
  shop.given.before_count = standings(shop.before, Findings::kMostThreads);
  if (tries <= kWholeTries && shop.given.before_count < kCrowd) shop.given.half_told_from_ns = UINT64_MAX;
  const NoSignals none;
  const uint64_t began_ns = sys::monotonic_ns();
  const long image = sys::clone({.flags = CLONE_FILES | CLONE_PARENT_SETTID,
                                 .stack_end = shop.stack + kStackBytes,
                                 .run = run,
                                 .argument = &shop.given,
                                 .parents_word = permit::image_place()});
  if (sys::failed(image)) return image;
  findings.copying_ns = sys::monotonic_ns() - began_ns;
  findings.after_count = standings(findings.after, Findings::kMostThreads);
  findings.heap.add(the_ledger);
  // Mostly little: then the image need not wait for it.
  findings.kernel_seen = kernel_held.look(findings, kFirstStepNs);
  turns::give(findings, Findings::State::kThreadsKnown);
  return image;
}

// Where a look has never been seen to be right, none is taken.
#if defined(__x86_64__)
constexpr bool kTried = true;
#else
constexpr bool kTried = false;
#endif

}  // namespace

void Look::forget() noexcept {
  // Forgotten before it is unmapped: a fork between the two must not leave the child with what to unmap.
  Findings *findings = findings_;
  findings_ = nullptr;
  if (findings != nullptr) sys::unmap(findings, sizeof *findings);
}

void Look::in_child() noexcept {
  image_ = 0;
  stage_ = Stage::kNone;
  forget();
}

// What the image before had not got is known, and what is new since may be hidden, too.
const char *Look::prepare() noexcept {
  AddressSpace space;
  if (!space.read("/proc/self/maps")) {
    space.forget();
    return words(Failure::kNoMaps);
  }
  auto *findings = undumped<Findings>(sys::map_shared(sizeof(Findings)));
  if (findings != nullptr) {
    findings->prepared = findings_ != nullptr || asks_who_holds_;
    if (findings_ != nullptr && findings_->hidden_count != 0) {
      findings->copied_count = findings_->copied_count;
      memcpy(findings->copied, findings_->copied, findings->copied_count * sizeof(Area));
      add_new(*findings, space);
    }
    add_shared(*findings, space, findings_);
  }
  space.forget();
  forget();
  findings_ = findings;
  if (findings == nullptr) return words(Failure::kNoMemory);
  findings->heap.add(the_ledger);
  before_ = Hidden(Hidden::When::kBefore);
  after_ = Hidden(Hidden::When::kAfter);
  held_before_ = held_after_ = {};
  passes_ = 0;
  stage_ = Stage::kBefore;
  return nullptr;
}

Look::Step Look::look_before() noexcept {
  due_ns_ = sys::monotonic_ns();
  if (!held_before_.look(*findings_, kStepNs) || !before_.look(*findings_, kStepNs)) return {false, nullptr};
  // That takes a while: what is new since.
  AddressSpace space;
  const bool may_be_new = findings_->copied_count != 0 && passes_++ < kMostPasses;
  const bool more = may_be_new && space.read("/proc/self/maps") && add_new(*findings_, space);
  space.forget();
  if (more) return {false, nullptr};
  const char *failure = make_image();
  if (failure == nullptr) return {false, nullptr};
  leave();
  return {true, failure};
}

const char *Look::make_image() noexcept {
  ++tries_;
  auto *shop = undumped<Workshop>(sys::map(sizeof(Workshop)));
  if (shop == nullptr) return words(Failure::kNoMemory);
  const auto start = reinterpret_cast<uintptr_t>(shop);
  shop->given = {findings_,  &shop->space,   shop->before,
                 0,          stack_pointer_, {start, start + sizeof *shop},
                 knowledge_, patience_ms_,   began_ns_ + kEnoughTriesNs,
                 sys::pid(), sys::tid(),     asks_who_holds_ ? &wanted_ : nullptr};
  const char *failure = words(Failure::kNoMaps);
  if (shop->space.read("/proc/self/maps")) {
    drop_gone(*findings_, shop->space, shop->given.workshop);
    const long image = leaks::make_image(*shop, *findings_, held_after_, tries_);
    image_ = sys::failed(image) ? 0 : static_cast<int>(image);
    failure = sys::failed(image) ? words(failure_of_copy(image)) : nullptr;
  }
  // The image has its own.
  shop->space.forget();
  sys::unmap(shop, sizeof *shop);
  if (failure == nullptr) stage_ = Stage::kImage;
  due_ns_ = sys::monotonic_ns();
  return failure;
}

// A part at a time.
void Look::look_after() noexcept {
  due_ns_ = sys::monotonic_ns();
  if (!after_.look(*findings_, kStepNs)) return;
  if (!findings_->kernel_seen && !held_after_.look(*findings_, kStepNs)) return;
  turns::answer(*findings_, Findings::State::kHiddenKnown, Findings::State::kHiddenSeen);
}

void Look::leave() noexcept {
  stage_ = Stage::kNone;
  permit::give_back();
}

const char *Look::begin_one() noexcept {
  if (!kTried) return "looks have not been tried on this kind of processor, only on x86-64";
  if (sandbox::here()) return "the process is in a sandbox (seccomp)";
  if (valgrind::runs_us()) return "valgrind runs the process: it makes no copy";
  if (!children_live_here()) return "its children live in another process namespace";
  if (!room::has("/proc/self/cgroup", "/sys/fs/cgroup", room::bytes_of_copy()))
    return "its control group has no room for a copy, and ends all in it together (memory.oom.group)";
  if (const char *refusal = words(permit::take()); refusal != nullptr) return refusal;
  began_ns_ = sys::monotonic_ns();
  tries_ = unprepared_ = unseen_ = 0;
  forget();
  if (const char *failure = prepare(); failure != nullptr) {
    leave();
    return failure;
  }
  return look_before().failure;
}

const char *Look::begin(uintptr_t stack_pointer, const Knowledge &knowledge, uint32_t patience_ms) noexcept {
  if (under_way()) return HEAPMETER_LOOK_UNDER_WAY;
  stack_pointer_ = stack_pointer;
  knowledge_ = knowledge;
  patience_ms_ = patience_ms;
  asks_who_holds_ = false;
  return begin_one();
}

const char *Look::begin_holders(const Wanted &wanted, const Knowledge &knowledge,
                                uint32_t patience_ms) noexcept {
  if (under_way()) return HEAPMETER_LOOK_UNDER_WAY;
  stack_pointer_ = 0;
  knowledge_ = knowledge;
  patience_ms_ = patience_ms;
  wanted_ = wanted;
  asks_who_holds_ = true;
  return begin_one();
}

bool Look::may_try_again() const noexcept {
  const uint64_t taken_ns = sys::monotonic_ns() - began_ns_;
  const uint64_t most_ns = is_last_ ? kMostOfLastNs : patience_ms_ * kNsPerMs;
  if (taken_ns >= most_ns) return false;
  switch (findings_->failure) {
    case Failure::kNotPrepared:
      return true;
    case Failure::kUnseen:
      return unseen_ < kMostUnseen;
    case Failure::kWalkDiffers:
      return !findings_->takes_half_told || tries_ < kLeastTries;
    default:
      return false;
  }
}

Look::Step Look::end(bool done) noexcept {
  see_off(image_, done);
  image_ = 0;
  if (done) return conclude();
  leave();
  return {true, "the look did not come to an end"};
}

// Nothing that the image may find counts.
Look::Step Look::end_void() noexcept {
  see_off(image_, false);
  image_ = 0;
  ++unseen_;
  findings_->failure = Failure::kUnseen;
  return conclude();
}

Look::Step Look::conclude() noexcept {
  const char *failure = words(findings_->failure);
  unprepared_ += findings_->failure == Failure::kNotPrepared ? 1 : 0;
  if (may_try_again()) {
    failure = prepare();
    if (failure == nullptr) return {false, nullptr};
  } else if (findings_->failure == Failure::kNone && !asks_who_holds_) {
    failure = words(drop_released(*findings_, knowledge_.behind));
  }
  leave();
  return {true, failure};
}

Look::Step Look::step() noexcept {
  if (!under_way()) return {true, "no look is under way"};
  const uint64_t now_ns = sys::monotonic_ns();
  const char *reason = permit::is_leaving()               ? words(permit::Answer::kLeaving)
                       : !is_last_ && permit::is_ending() ? "the process ends"
                                                          : nullptr;
  if (reason != nullptr) {
    break_off();
    return {true, reason};
  }
  const bool late = now_ns - began_ns_ >= uint64_t{patience_ms_} * kNsPerMs;
  if (stage_ == Stage::kBefore) {
    if (!late) return look_before();
    leave();
    return {true, "the look did not come to an end"};
  }
  const bool gone = is_gone(image_);
  const auto state = turns::now(*findings_);
  if (gone) return end(state == Findings::State::kDone);
  if (late) return end(false);
  if (state == Findings::State::kHiddenKnown) {
    if (!asks_who_holds_ && unseen_bytes(*findings_) != 0) return end_void();
    look_after();
    return {false, nullptr};
  }
  // More seldom the longer it takes; at its end at once, the kernel only tidies up.
  const uint64_t pause_ns = state == Findings::State::kDone ? 0 : (now_ns - began_ns_) / 16;
  due_ns_ = now_ns + (pause_ns < kLeastPauseNs ? kLeastPauseNs : pause_ns > kStepNs ? kStepNs : pause_ns);
  return {false, nullptr};
}

void Look::break_off() noexcept {
  see_off(image_, false);
  image_ = 0;
  if (under_way()) leave();
  forget();
}

const char *Look::go_through() noexcept {
  while (true) {
    // Nothing else to do: the kernel tells of its end, and what comes amid the step ends the wait, too.
    const auto seen = turns::now(*findings_);
    const auto [ended, failure] =
        stage_ == Stage::kImage && seen == Findings::State::kDone ? end(true) : step();
    if (ended) return failure;
    if (stage_ == Stage::kImage) turns::wait_since(*findings_, seen, due_ns_);
  }
}

const char *Look::take(uintptr_t stack_pointer, const Knowledge &knowledge, uint32_t patience_ms) noexcept {
  const char *failure = begin(stack_pointer, knowledge, patience_ms);
  return failure != nullptr ? failure : go_through();
}

const char *Look::take_last(uintptr_t stack_pointer, const Knowledge &knowledge,
                            uint32_t patience_ms) noexcept {
  is_last_ = true;
  permit::note_ending();
  const uint64_t give_up_ns = sys::monotonic_ns() + kBreakingOffNs;
  const char *failure = begin(stack_pointer, knowledge, patience_ms);
  while (failure != nullptr && permit::is_taken() && sys::monotonic_ns() < give_up_ns) {
    sys::sleep_ns(kLeastPauseNs);
    failure = begin(stack_pointer, knowledge, patience_ms);
  }
  return failure != nullptr ? failure : go_through();
}

}  // namespace heapmeter::leaks
