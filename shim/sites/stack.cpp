// SPDX-License-Identifier: MIT
#include "sites/stack.h"

#include "sites/careful.h"
#include "sites/rules.h"

namespace heapmeter::sites {
namespace {

constexpr uint64_t kHashCutShort = 0xD6E8FEB86659FD93;

Memo &memo_of(Stack &stack, const Registers &from) noexcept {
  constexpr int kBits = 9;
  static_assert(Stack::kMemos == 1 << kBits);
  return stack.memos[(from.ip ^ from.sp << 7) * 0x9E3779B97F4A7C15 >> (64 - kBits)];
}

// What is in `unusual`, innermost first.
Captured took_unusual(Stack &stack, size_t frames, bool cut_short) noexcept {
  stack.memo = nullptr;
  stack.is_unusual = 1;
  stack.unusual_count = static_cast<uint32_t>(frames);
  uint64_t hash = cut_short ? kHashCutShort : 0;
  for (size_t i = frames; i-- > 0;) hash = hash_on(hash, stack.unusual[i]);
  return {hash, 0, cut_short ? 1u : 0u};
}

HEAPMETER_NOINLINE Captured capture_unusual(Stack &stack, const Registers &from,
                                            uint32_t generation) noexcept {
  const Walked walked = walk_carefully(stack.own, from, generation, stack.unusual, kMostFrames);
  return took_unusual(stack, walked.frames, walked.cut_short);
}

// The innermost frames: those that were passed, and those outside `old`, which are known.
HEAPMETER_NOINLINE Captured capture_innermost(Stack &stack, size_t passed, uint32_t old) noexcept {
  size_t frames = 0;
  while (frames < passed && frames < kFramesOfTooMany) {
    stack.unusual[frames] = stack.passed[frames].ip;
    ++frames;
  }
  for (; old > 0 && frames < kFramesOfTooMany; --old) stack.unusual[frames++] = stack.frames[old].ip;
  return took_unusual(stack, frames, true);
}

enum class Walk : uint8_t { kDone, kUnusual, kTooDeep };

// From the innermost frame outward until a frame of the stack before, from which all is as it was.
HEAPMETER_INLINE Walk walk(Stack &stack, Registers at, uint64_t generation, size_t &count,
                           uint32_t &joined) noexcept {
  Frames &frames = stack.frames;
  const uintptr_t end = stack.own.end();
  const uint64_t number = HEAPMETER_KEPT(Rules::numbered(generation));
  const Frame *old = &frames[frames.count()];
  bool is_known = false;  // what lies outside `old` is as it was
  Passed *passed = stack.passed;
  const Passed *const most = passed + (at.sp <= stack.deep_sp ? kFramesOfTooMany : kMostFrames);
  for (;;) {
    while (old->sp < at.sp) --old;
    if (old->sp == at.sp) {
      if (old->is(at)) {
        const auto number = static_cast<uint32_t>(old - &frames[0]);
        const uint32_t same = is_known ? number : frames.unchanged_before(number);
        is_known = true;
        if (same == number) break;
        old = &frames[same];
      } else {
        --old;
      }
    }
    const PackedRule rule = the_rules.of(at.ip, generation, number);
    store_whole(passed->sp, at.sp);
    passed->rule = rule;
    store_whole(passed->ip, at.ip);
    store_whole(passed->bp, at.bp);
    ++passed;
    const Step taken = step(at, rule, end);
    if (HEAPMETER_UNLIKELY(taken != Step::kOut)) {
      if (taken != Step::kEnd) return Walk::kUnusual;
      old = &frames[0];
      break;
    }
    if (HEAPMETER_UNLIKELY(passed == most)) {
      count = static_cast<size_t>(passed - stack.passed);
      joined = 0;
      return Walk::kTooDeep;
    }
  }
  count = static_cast<size_t>(passed - stack.passed);
  joined = static_cast<uint32_t>(old - &frames[0]);
  return HEAPMETER_LIKELY(joined + count <= kMostFrames) ? Walk::kDone : Walk::kTooDeep;
}

// A handler that came during a capture, and not one that was left by a jump.
HEAPMETER_COLD bool is_nested(Stack &stack, const Registers &from) noexcept {
  if (stack.own.holds(from.sp) && stack.own.holds(stack.busy) && from.sp >= stack.busy) {
    stack.frames.keep(0);
    return false;
  }
  return true;
}

HEAPMETER_INLINE Captured capture_usual(Stack &stack, const Registers &from, uint32_t generation) noexcept {
  Frames &frames = stack.frames;
  frames.begin(generation);
  const Memo &memo = memo_of(stack, from);
  if (memo.is(from, generation) && memo.holds(frames)) {
    stack.memo = &memo;
    return {0, memo.site, 0};
  }
  size_t count;
  uint32_t joined;
  const Walk walked = walk(stack, from, generation, count, joined);
  if (HEAPMETER_UNLIKELY(walked != Walk::kDone)) {
    if (walked == Walk::kUnusual) {
      frames.keep(0);
      return capture_unusual(stack, from, generation);
    }
    if (count == kMostFrames) stack.deep_sp = from.sp;
    frames.keep(joined);
    return capture_innermost(stack, count, joined);
  }
  stack.joined = joined;
  // From the same place as before, as in a loop, nothing is new.
  if (count == 0) {
    frames.keep(joined);
  } else {
    frames.put_below(joined, stack.passed, count);
  }
  stack.memo = nullptr;
  stack.is_unusual = 0;
  const Frame &innermost = frames[frames.count()];
  return {innermost.hash, innermost.site, 0};
}

}  // namespace

Captured capture(Stack &stack, const Registers &from) noexcept {
  if (HEAPMETER_UNLIKELY(load_whole(stack.busy) != 0) && is_nested(stack, from)) return {0, 0, 1};
  store_whole(stack.busy, from.sp);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  const uint32_t generation = the_rules.generation();
  const bool usual = (from.sp & 7) == 0 && is_code(from.ip) && stack.own.holds(from.sp);
  const Captured captured = HEAPMETER_LIKELY(usual) ? capture_usual(stack, from, generation)
                                                    : capture_unusual(stack, from, generation);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  store_whole(stack.busy, uintptr_t{0});
  return captured;
}

size_t depth(const Stack &stack) noexcept {
  if (stack.memo != nullptr) return stack.memo->outer + stack.memo->frames + 1;
  return stack.is_unusual != 0 ? stack.unusual_count : stack.frames.count();
}

uintptr_t frame(const Stack &stack, size_t outermost_first) noexcept {
  const auto number = static_cast<uint32_t>(outermost_first) + 1;
  if (const Memo *memo = stack.memo) {
    if (number <= memo->outer) return stack.frames[number].ip;
    const uint32_t between = number - memo->outer - 1;
    return between < memo->frames ? memo->read[between].is : memo->at.ip;
  }
  return stack.is_unusual != 0 ? stack.unusual[stack.unusual_count - number] : stack.frames[number].ip;
}

uintptr_t frame_sp(const Stack &stack, size_t outermost_first) noexcept {
  const auto number = static_cast<uint32_t>(outermost_first) + 1;
  if (const Memo *memo = stack.memo) {
    if (number <= memo->outer) return stack.frames[number].sp;
    const uint32_t between = number - memo->outer - 1;
    return between < memo->frames ? memo->read[between].at + sizeof(uintptr_t) : memo->at.sp;
  }
  return stack.is_unusual != 0 ? 0 : stack.frames[number].sp;
}

void remember_site(Stack &stack, uint32_t site, bool often) noexcept {
  if (stack.memo != nullptr || stack.is_unusual != 0 || stack.frames.count() == 0) return;
  Frame &innermost = stack.frames[stack.frames.count()];
  innermost.site = site;
  if (!often) return;
  const Registers at{innermost.ip, innermost.sp, innermost.bp};
  memo_of(stack, at).note(stack.frames, stack.joined, the_rules.generation());
}

bool step_out(Registers &at) noexcept {
  return is_code(at.ip) && step(at, the_rules.of(at.ip, the_rules.generation()), UINTPTR_MAX) == Step::kOut;
}

bool step_out_on(Stack &stack, Registers &at) noexcept {
  return is_code(at.ip) && (at.sp & 7) == 0 && stack.own.holds(at.sp) &&
         step(at, the_rules.of(at.ip, the_rules.generation()), stack.own.end()) == Step::kOut;
}

void invalidate() noexcept { the_rules.invalidate(); }

}  // namespace heapmeter::sites
