// SPDX-License-Identifier: MIT
#include "books/total.h"

#include "base/coarse_clock.h"

namespace heapmeter {

Total::State Total::apart(Wide word) noexcept {
  const uint64_t upper = word.low & ((1u << kHighestBits) - 1);
  return {static_cast<int64_t>(word.low) >> kHighestBits, static_cast<int64_t>(upper << 32 | word.high >> 32),
          static_cast<uint32_t>(word.high)};
}

Wide Total::together(State state) noexcept {
  const auto highest = static_cast<uint64_t>(state.highest);
  return {static_cast<uint64_t>(state.bytes) << kHighestBits | highest >> 32, highest << 32 | state.moment};
}

void Total::reach(State &state, int64_t live) noexcept {
  if (live <= state.highest) return;
  state.highest = live;
  if (++state.moment == kNoMoment) ++state.moment;
}

int64_t Total::add(int64_t more, uint32_t since) noexcept {
  if (HEAPMETER_LIKELY(!watched())) {
    const uint64_t by = static_cast<uint64_t>(more) << kHighestBits;
    return static_cast<int64_t>(__atomic_add_fetch(&word_.low, by, __ATOMIC_RELAXED)) >> kHighestBits;
  }
  Wide word = halves_of(word_);
  State before{}, after{};
  do {
    before = after = apart(word);
    after.bytes += more;
    if (before.moment != kNoMoment) reach(after, after.bytes);
  } while (!change_as_one(word_, word, together(after)));
  if (after.moment != before.moment) {
    store_whole(highest_seen_, after.highest);
    reached();
  } else if (since != kNoMoment && since != before.moment && load_whole(doubts_)) {
    doubt(before.moment, static_cast<uint64_t>(more < 0 ? -more : more));
  }
  return after.bytes;
}

void Total::set(int64_t bytes) noexcept {
  State state = apart(word_);
  state.bytes = bytes;
  word_ = together(state);
}

void Total::watch(bool doubts) noexcept {
  store_whole(doubts_, doubts);
  store_whole(doubt_, uint64_t{0});
  Wide word = halves_of(word_);
  State state{};
  do {
    state = apart(word);
    state.highest = state.bytes > 0 ? state.bytes : 0;
    state.moment = kNoMoment + 1;
  } while (!change_as_one(word_, word, together(state)));
  store_whole(highest_seen_, state.highest);
  store_whole(reached_ns_, coarse_clock::ns());
}

void Total::watch_no_more() noexcept {
  store_whole(highest_seen_, INT64_MAX);
  Wide word = halves_of(word_);
  State state{};
  do {
    state = apart(word);
    state.highest = 0;
    state.moment = kNoMoment;
  } while (!change_as_one(word_, word, together(state)));
}

void Total::rose(int64_t live) noexcept {
  Wide word = halves_of(word_);
  State state{};
  do {
    state = apart(word);
    if (state.moment == kNoMoment) return;
    reach(state, live);
  } while (!change_as_one(word_, word, together(state)));
  store_whole(highest_seen_, state.highest);
  reached();
}

// Nearly always within the same tick of the clock as the one before, and then nothing is to be stored. Who
// comes late with an earlier tick leaves the later one.
void Total::reached() noexcept {
  const uint64_t now = coarse_clock::ns();
  uint64_t known = load_whole(reached_ns_);
  while (known < now && !change_whole(reached_ns_, known, now)) {
  }
}

// Those of an older moment are of no interest any more.
void Total::doubt(uint32_t moment, uint64_t bytes) noexcept {
  const uint64_t kib = (bytes + 1023) / 1024;
  uint64_t known = load_whole(doubt_), now = 0;
  do {
    if (static_cast<int32_t>(moment - static_cast<uint32_t>(known >> 32)) < 0) return;
    const uint64_t before = known >> 32 == moment ? known & UINT32_MAX : 0;
    const uint64_t sum = before + kib < UINT32_MAX ? before + kib : UINT32_MAX;
    now = uint64_t{moment} << 32 | sum;
  } while (!__atomic_compare_exchange_n(&doubt_, &known, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

Total::Highest Total::highest() noexcept {
  const State state = apart(as_one(word_));
  const uint64_t doubt = load_whole(doubt_);
  return {static_cast<uint64_t>(state.highest), state.moment,
          doubt >> 32 == state.moment ? (doubt & UINT32_MAX) * 1024 : 0, load_whole(reached_ns_)};
}

}  // namespace heapmeter
