// SPDX-License-Identifier: MIT
#include "sites/careful.h"

#include <ucontext.h>

#include "base/sys.h"
#include "sites/step.h"

namespace heapmeter::sites {
namespace {

constexpr uintptr_t kWord = sizeof(uintptr_t);
// Of a stack that is not the thread's own, above where the walk stands.
constexpr uintptr_t kFarthest = 1 << 20;
// As far as one call reaches: made code that calls made code.
constexpr uintptr_t kNear = uintptr_t{1} << 31;

class CarefulWalk {
 public:
  CarefulWalk(OwnStack &own, const Registers &from, uint32_t generation) noexcept
      : own_(own), at_(from), generation_(generation), on_own_(own.holds(from.sp)) {}

  Walked run(uintptr_t *ips, size_t most) noexcept {
    size_t frames = 0;
    while (frames < most && is_code(at_.ip) && !is_on_stack(at_.ip) && at_.sp % kWord == 0) {
      ips[frames++] = at_.ip;
      const Step taken = out();
      if (taken == Step::kEnd) return {frames, false};
      if (guessed_ && certain_ == 0) certain_ = frames;
      if (taken != Step::kOut) break;
    }
    return {guessed_ && frames < most ? certain_ : frames, true};
  }

 private:
  // Nothing returns there, even where a closure's code is: who says so reads what is none of a frame.
  bool is_on_stack(uintptr_t ip) const noexcept { return on_own_ && ip - at_.sp < own_.end() - at_.sp; }

  // The address behind a call, but the very one that a signal interrupted.
  uintptr_t behind() const noexcept { return interrupted_ ? at_.ip + 1 : at_.ip; }

  Step out() noexcept {
    Rule rule = the_rules.of(behind(), generation_).rule();
    // It may only not fit.
    if (rule.way == Way::kOdd) rule = rule_at(behind() - 1);
    interrupted_ = false;
    switch (rule.way) {
      case Way::kEnd:
        return Step::kEnd;
      case Way::kSignal:
        return out_of_signal();
      case Way::kNone:
        near_ = at_.ip;
        [[fallthrough]];
      case Way::kSilent:
        return is_at_end() || (!guessed_ && was_put_there()) ? Step::kEnd : by_frame_pointer();
      case Way::kFromSp:
        return to(at_.sp + static_cast<uintptr_t>(rule.offset), rule.saved_bp);
      case Way::kFromBp:
        return to(at_.bp + static_cast<uintptr_t>(rule.offset), rule.saved_bp);
      case Way::kAtBp: {
        uintptr_t cfa, bp;
        if (!read(at_.bp + static_cast<uintptr_t>(rule.offset), cfa) || !read(at_.bp, bp))
          return Step::kUnusual;
        at_.bp = bp;
        return to(cfa, 0);
      }
      default:
        return Step::kUnusual;
    }
  }

  Step to(uintptr_t cfa, int64_t saved_bp) noexcept {
    Registers next{0, cfa, at_.bp};
    if (cfa % kWord != 0 || !read(cfa - kWord, next.ip)) return Step::kUnusual;
    // What lies below sp was fetched: clang goes on telling where it was, up to a function's last
    // instruction.
    const uintptr_t saved = cfa + static_cast<uintptr_t>(saved_bp);
    if (saved_bp != 0 && saved >= at_.sp && !read(saved, next.bp)) return Step::kUnusual;
    at_ = next;
    return next.ip == 0 ? Step::kEnd : Step::kOut;
  }

  // Not behind a call, but where a function begins: a coroutine's first frame returns there.
  bool was_put_there() const noexcept {
    const FrameEntry entry = frame_entry_of(at_.ip);
    return entry.found == FrameEntry::Found::kYes && entry.start == at_.ip;
  }

  // The loader's first instructions, from where constructors are called, say nothing of themselves.
  bool is_at_end() const noexcept { return on_own_ && own_.end() - at_.sp <= 2 * kWord; }

  // What looks like a frame pointer is believed if it leads back to code that says of itself what it is. To
  // code that says nothing either, if the whole way from there to the outermost frame fits: an object's, or
  // what may have been made.
  Step by_frame_pointer() noexcept {
    Registers next{0, at_.bp + 2 * kWord, 0};
    if (!read(at_.bp, next.bp) || !read(at_.bp + kWord, next.ip) || !is_code(next.ip)) return Step::kUnusual;
    Way there = the_rules.of(next.ip, generation_).way();
    if (there == Way::kOdd) there = rule_at(next.ip - 1).way;
    if (there == Way::kOdd) return Step::kUnusual;
    if (there == Way::kNone && !may_be_made_code(next.ip)) return Step::kUnusual;
    if (there == Way::kNone || there == Way::kSilent) {
      if (next.bp <= at_.bp) return Step::kUnusual;
      guessed_ = true;
    }
    at_ = next;
    return Step::kOut;
  }

  bool may_be_made_code(uintptr_t ip) noexcept {
    return (near_ != 0 && ip - near_ + kNear < 2 * kNear) || (may_ask() && pages::is_readable(ip));
  }

#if defined(__x86_64__)
  // The handler returned into the kernel's frame: sp is at the interrupted context.
  Step out_of_signal() noexcept {
    constexpr size_t kRegisters = offsetof(ucontext_t, uc_mcontext.gregs);
    const auto place = [&](int which) { return at_.sp + kRegisters + static_cast<size_t>(which) * kWord; };
    Registers next{};
    if (!read(place(REG_RIP), next.ip) || !read(place(REG_RSP), next.sp) || !read(place(REG_RBP), next.bp))
      return Step::kUnusual;
    at_ = next;
    interrupted_ = true;
    known_low_ = known_high_ = 0;
    on_own_ = own_.holds(next.sp);
    return Step::kOut;
  }
#else
  Step out_of_signal() noexcept { return Step::kUnusual; }
#endif

  // Of the live part of the stack that the walk stands on.
  bool read(uintptr_t address, uintptr_t &word) noexcept {
    if (address < at_.sp || address % kWord != 0) return false;
    if (on_own_) {
      if (address > own_.end() - kWord) return false;
    } else if (!is_known(address)) {
      return false;
    }
    word = word_at(address);
    return true;
  }

  // All pages from the one that the walk stands on up to this address can be read.
  bool is_known(uintptr_t address) noexcept {
    if (address - at_.sp > kFarthest || !may_ask()) return false;
    if (known_low_ == 0) known_low_ = known_high_ = sys::page_of(at_.sp);
    for (; known_high_ <= address; known_high_ += sys::page_bytes()) {
      if (!pages::is_readable(known_high_)) return false;
    }
    return address >= known_low_;
  }

  bool may_ask() noexcept {
    if (!asked_) may_ask_ = pages::may_ask();
    asked_ = true;
    return may_ask_;
  }

  OwnStack &own_;
  Registers at_;
  const uint32_t generation_;
  bool on_own_;
  bool interrupted_ = false;
  bool guessed_ = false;  // a frame pointer was followed to code that says nothing of itself:
  size_t certain_ = 0;    // so many frames did not depend on it
  uintptr_t near_ = 0;    // made code that the walk came through last
  bool asked_ = false, may_ask_ = false;
  uintptr_t known_low_ = 0, known_high_ = 0;
};

}  // namespace

Walked walk_carefully(OwnStack &own, const Registers &from, uint32_t generation, uintptr_t *ips,
                      size_t most) noexcept {
  return CarefulWalk(own, from, generation).run(ips, most);
}

}  // namespace heapmeter::sites
