// SPDX-License-Identifier: MIT
#include "tracking/attribution.h"

#include "base/identity.h"
#include "base/memory_use.h"
#include "base/options.h"
#include "base/quantity.h"
#include "base/sys.h"
#include "base/turn.h"
#include "books/meter.h"
#include "books/sampling.h"
#include "books/thread_state.h"
#include "tracking/address_limit.h"
#include "tracking/caller.h"
#include "tracking/mode.h"

namespace heapmeter::attribution {
namespace {

using sites::Mode;
using sites::the_sites;
using Going = sites::Sites::Going;

constexpr uint64_t kSecondNs = 1'000'000'000;
// Far longer than a store takes to be seen, and than most calls take.
constexpr uint32_t kSettleNs = 20'000'000;
constexpr uint32_t kMomentNs = 100'000;
constexpr int kTries = 10;

constexpr const char *kNoMemory = "there is no memory for the tables";
constexpr const char *kNoStacks = "call stacks have not been tried on this kind of processor, only on x86-64";
constexpr uint64_t kUsualMean = 512 << 10;
constexpr uint64_t kPartOfAddresses = 64;
// Of fewer not even that can be spared.
constexpr uint64_t kLeastAddresses = uint64_t{1} << 30;

// Stands for when counting began, until somebody asks.
constexpr uint64_t kFromTheStart = UINT64_MAX;

constinit Status now = {};
// What it goes back to when its time is over, as a wish says it.
constinit uint64_t mean_after = quantity::kNoSamples;
constinit uint64_t next_ns = UINT64_MAX;

// What few addresses, or no memory for it, stand in the way of, while now.instead says so.
struct Wanted {
  uint64_t mean_bytes, until, mean_after;
};
constinit Wanted wanted = {};
// Where it was no memory, not at each look.
constinit uint64_t not_before_ns = 0;
constinit Turn::Word following = 0;

// With `every`: when to look next whether the tables have pages to give back, and the most that was live
// since they last did, at such looks and at the highest moment.
constexpr uint64_t kLookNs = kSecondNs, kRestNs = 10 * kSecondNs;
constexpr int64_t kLeastFall = 4 << 20;
constinit uint64_t look_ns = UINT64_MAX;
constinit int64_t highest_live = 0;
constinit uint32_t highest_moment = 0;

uint64_t seconds_since_1970() noexcept { return thousandths_since_1970() / 1000; }

bool is_forgetting() noexcept { return now.mode == Mode::kOff && next_ns != UINT64_MAX; }
bool waits() noexcept { return address_limit::is_reason(now.instead) || now.instead == kNoMemory; }

// What the tables may take; of few addresses a small part.
size_t limit() noexcept {
  const uint64_t part = address_limit::now() / kPartOfAddresses;
  return options::get().sites_limit < part ? options::get().sites_limit : part;
}

bool next_memory(size_t &cursor, memory_use::Mapping &mapping) noexcept {
  return the_sites.next_memory(cursor, mapping);
}

// For tables beside what there is, which is kept if not.
bool there_is_memory() noexcept {
  const size_t bytes = limit();
  void *const memory = sys::map(bytes);
  if (memory != nullptr) sys::unmap(memory, bytes);
  return memory != nullptr;
}

// False while a call that began before is still at it.
bool forget() noexcept {
  for (int i = 0; i < kTries; ++i) {
    sys::sleep_ns(kSettleNs);
    if (!the_sites.clear()) continue;
    if (address_limit::now() != UINT64_MAX) the_sites.unmap();
    next_ns = UINT64_MAX;
    return true;
  }
  next_ns = sys::monotonic_ns() + kSecondNs;
  return false;
}

// A number may be lost to a thread that was just taking from it; the next try is a moment later.
void tell_threads() noexcept {
  for (int i = 0; i < kTries && !the_sites.tell(meter.slots); ++i) sys::sleep_ns(kMomentNs);
}

// Who swings between much and little has it for some time.
void give_back_after_a_fall(uint64_t now_ns) noexcept {
  const int64_t live = meter.peak.live();
  const Total::Highest peak = the_sites.peak();
  if (peak.moment != highest_moment && static_cast<int64_t>(peak.bytes) > highest_live)
    highest_live = static_cast<int64_t>(peak.bytes);
  highest_moment = peak.moment;
  const bool fell = live < highest_live / 2 && highest_live - live >= kLeastFall;
  look_ns = now_ns + (fell ? kRestNs : kLookNs);
  if (fell) the_sites.give_back();
  if (fell || live > highest_live) highest_live = live;
}

bool stop() noexcept {
  if (now.mode == Mode::kOff) return the_sites.is_clear() || forget();
  mode::remove(mode::kEverySite);
  the_sites.set(Mode::kOff);
  look_ns = UINT64_MAX;
  tell_threads();
  now = {Mode::kOff, 0, seconds_since_1970(), 0, nullptr};
  return forget();
}

void set(Mode mode, uint64_t mean_bytes) noexcept {
  the_sites.set_mean(mean_bytes);
  the_sites.set(mode);
  if (mode == Mode::kEvery) mode::add(mode::kEverySite);
  the_sites.tell(meter.slots);
}

void start(Mode mode, Wish wish) noexcept {
  now = {mode, mode == Mode::kSampled ? wish.mean_bytes : 0, seconds_since_1970(), 0, nullptr};
  next_ns = UINT64_MAX;
  if (wish.seconds != 0) {
    now.until = now.since + wish.seconds;
    next_ns = sys::monotonic_ns() + wish.seconds * kSecondNs;
  }
  look_ns = mode == Mode::kEvery ? sys::monotonic_ns() + kLookNs : UINT64_MAX;
  highest_live = 0;
  set(mode, mode == Mode::kEvery ? sites::Sites::kMeanOfLifetimes : now.mean_bytes);
}

// What a change that ends by itself goes back to; amid another one, or while that is being forgotten, what
// that would have gone back to.
uint64_t mean_before() noexcept {
  if (now.until != 0 || is_forgetting()) return mean_after;
  return now.mode == Mode::kEvery     ? uint64_t{quantity::kEvery}
         : now.mode == Mode::kSampled ? now.mean_bytes
                                      : uint64_t{quantity::kNoSamples};
}

// All but waiting for threads that have not yet heard of it.
const char *try_change(Wish wish) noexcept {
  const bool every = wish.mean_bytes == quantity::kEvery;
  const bool any = wish.mean_bytes != quantity::kNoSamples;
  if (any && impossible() != nullptr) return impossible();
  if (any && (address_limit::now() < kLeastAddresses || (every && address_limit::now() != UINT64_MAX)))
    return address_limit::reason();
  mean_after = wish.seconds != 0 ? mean_before() : uint64_t{quantity::kNoSamples};
  if (!stop()) return "what was attributed before is still being forgotten: try again";
  if (wish.mean_bytes == quantity::kNoSamples) return nullptr;
  if (!the_sites.prepare(limit())) return kNoMemory;
  memory_use::next_of_sites = next_memory;
  start(every ? Mode::kEvery : Mode::kSampled, wish);
  return nullptr;
}

// From the start, at the cost of no system call but these two: nothing is mapped before the first sample
// falls. False where addresses are few.
bool begin_sampling(uint64_t mean_bytes) noexcept {
  if (!sites::kCanWalk || address_limit::now() != UINT64_MAX) return false;
  if (!the_sites.prepare_later(options::get().sites_limit)) return false;
  memory_use::next_of_sites = next_memory;
  set(Mode::kSampled, mean_bytes);
  now = {Mode::kSampled, mean_bytes, kFromTheStart, 0, nullptr};
  return true;
}

// Where there are few addresses it is sampled instead, if they allow that. What waits already still does.
void change_as_addresses_allow(Wish wish, uint64_t after = quantity::kNoSamples) noexcept {
  const uint64_t until = wish.seconds != 0 ? seconds_since_1970() + wish.seconds : 0;
  if (!waits()) wanted = {wish.mean_bytes, until, after};
  const char *refusal = try_change(wish);
  if (address_limit::is_reason(refusal) && wish.mean_bytes == quantity::kEvery) {
    wish.mean_bytes = kUsualMean;
    try_change(wish);
  }
  now.instead = refusal;
}

uint32_t seconds_left(const Status &status) noexcept {
  if (status.until == 0) return 0;
  const uint64_t past = seconds_since_1970();
  return status.until > past ? static_cast<uint32_t>(status.until - past) : 1;
}

}  // namespace

const char *change(Wish wish) noexcept {
  const char *refusal = try_change(wish);
  if (refusal == nullptr) tell_threads();
  // To switch off what is not on is a last word, too.
  if (refusal == nullptr || wish.mean_bytes == quantity::kNoSamples) now.instead = nullptr;
  return refusal;
}

// Its threads, if there are any, begin with it as they are.
void begin() noexcept {
  const uint64_t mean_bytes = options::get().sample;
  if (mean_bytes == quantity::kNoSamples) return;
  if (mean_bytes == quantity::kEvery || !begin_sampling(mean_bytes))
    change_as_addresses_allow({mean_bytes, 0});
}

bool is_in_the_way() noexcept {
  if (!(the_sites.mapped() || now.mode == Mode::kSampled) || address_limit::now() == UINT64_MAX) return false;
  return now.mode != Mode::kSampled || the_sites.budget().limit() > limit();
}

static void make_way() noexcept {
  const Status before = now;
  // What is not mapped need not make way.
  const bool enough = address_limit::now() >= kLeastAddresses;
  if (before.mode == Mode::kSampled && enough && the_sites.prepare_later(limit())) return;
  if (before.mode == Mode::kOff) {
    if (the_sites.is_clear()) the_sites.unmap();
    return;
  }
  const uint64_t mean_bytes = before.mode == Mode::kEvery ? quantity::kEvery : before.mean_bytes;
  const uint64_t after = mean_after;
  if (!stop()) {  // forgotten later, and unmapped then
    if (before.instead == nullptr) wanted = {mean_bytes, before.until, after};
    mean_after = quantity::kNoSamples;
    now.instead = address_limit::reason();
    return;
  }
  now.instead = before.instead;
  change_as_addresses_allow({mean_bytes, seconds_left(before)}, after);
  // What it was instead of is still waited for.
  if (now.instead == nullptr) now.instead = before.instead;
  if (now.until != 0) mean_after = after;
  tell_threads();
}

bool may_come_back() noexcept {
  if (!waits() || (now.instead == kNoMemory && sys::monotonic_ns() < not_before_ns)) return false;
  if (is_forgetting() && sys::monotonic_ns() < next_ns) return false;
  const uint64_t allowed = address_limit::now();
  return now.mode == Mode::kOff ? allowed >= kLeastAddresses : allowed == UINT64_MAX;
}

static void come_back() noexcept {
  const char *const before = now.instead;
  if (wanted.until != 0 && wanted.until <= seconds_since_1970())
    wanted = {wanted.mean_after, 0, quantity::kNoSamples};
  if (wanted.mean_bytes == quantity::kNoSamples) {
    stop();
    now.instead = nullptr;
    return;
  }
  const Wanted then = wanted;
  not_before_ns = sys::monotonic_ns() + kRestNs;
  if (!there_is_memory()) return static_cast<void>(now.instead = kNoMemory);
  change_as_addresses_allow({then.mean_bytes, seconds_left({Mode::kOff, 0, 0, then.until, nullptr})});
  // Not yet, if what was attributed before is still being forgotten.
  if (now.instead != nullptr && !waits()) now.instead = before;
  if (now.until != 0) mean_after = then.mean_after;
  tell_threads();
}

void follow_limit() noexcept {
  const Turn turn(following);
  if (may_come_back()) return come_back();
  if (is_in_the_way()) make_way();
  if (address_limit::is_reason(now.instead)) now.instead = address_limit::reason();
}

uint64_t due_ns() noexcept { return look_ns < next_ns ? look_ns : next_ns; }

// Its time is over, or what was not forgotten then is to be forgotten.
static void go_back(uint64_t now_ns) noexcept {
  const uint64_t after = mean_after;
  const bool goes_on = after != quantity::kNoSamples;
  const char *const refusal = goes_on ? change({after, 0}) : nullptr;
  if (goes_on && refusal == nullptr) return;
  const bool forgetting = next_ns > now_ns;
  if (goes_on && forgetting && next_ns != UINT64_MAX) {
    mean_after = after;  // again, when that is done
    return;
  }
  // It may not be what it was any more, until that may be again.
  mean_after = quantity::kNoSamples;
  if (forgetting && refusal == nullptr) return;
  stop();
  if (!goes_on) return;
  wanted = {after, 0, quantity::kNoSamples};
  now.instead = refusal;
}

void do_what_is_due(uint64_t now_ns) noexcept {
  if (now_ns >= next_ns) go_back(now_ns);
  if (now_ns >= look_ns) give_back_after_a_fall(now_ns);
}

namespace {

entry::Decoded decoded(const sites::Sample &sample) noexcept {
  const entry::Form form = sample.usable == 0 ? entry::Form::kRegular : entry::Form::kWide;
  return {form, sample.family, sample.size, sample.usable, sample.mapped};
}

// By its entry's form.
bool may_go_fast(const Block &block) noexcept {
  return !block.mapped && block.size <= (block.usable == 0 ? kFineLimit : entry::kIrregularLimit);
}

bool ran_out(Slot &slot, size_t bytes) noexcept { return slot.own && sampling::take(slot, bytes); }

HEAPMETER_NOINLINE bool look_for_sample(Slot &slot, const Block &block, bool moved) noexcept {
  if (!the_sites.falls(slot, block.size)) return false;
  counted(slot);
  return the_sites.born_sampled(slot, block, moved, caller::here());
}

// The sample was among those at the peak if that is now.
void went(Slot &slot, const sites::Sample &sample, Going going) noexcept {
  counted(slot);
  the_sites.went(slot, sample, going);
}

}  // namespace

void look_behind(const void *block, entry::Decoded &noted) noexcept {
  if (noted.form != entry::Form::kSampled) return;
  sites::Sample sample;
  noted = the_sites.noted(block, sample) ? decoded(sample) : entry::Decoded{};
}

HEAPMETER_NOINLINE bool born(Slot &slot, const Block &block, bool looked_at) noexcept {
  const bool may_be = looked_at || ran_out(slot, block.size);
  const bool sampled = may_be && look_for_sample(slot, block, false);
  if (has_every()) the_sites.born(slot, block.start, block.size, sampled, caller::here());
  return sampled && may_go_fast(block);
}

void died(Slot &slot, const Block &block) noexcept {
  const uint32_t noted = has_every() ? the_sites.died(slot, block.start, block.size) : 0;
  sites::Sample sample;
  if (the_sites.may_be_sampled(noted) && the_sites.any_samples() && the_sites.released(block.start, sample))
    went(slot, sample, Going::kDied);
}

Trace leaves(Slot &slot, const Block &block) noexcept {
  Trace trace;
  if (has_every()) trace.taken = the_sites.take(slot, block.start);
  if (the_sites.may_be_sampled(trace.taken.noted) && the_sites.any_samples())
    trace.sample.any = the_sites.released(block.start, trace.sample.sample);
  return trace;
}

bool stays(Slot &slot, const Block &block, const Trace &trace) noexcept {
  if (has_every()) the_sites.put_back(slot, block.start, trace.taken);
  return trace.sample.any && the_sites.put_back(block.start, trace.sample.sample) && may_go_fast(block);
}

HEAPMETER_NOINLINE bool moved(Slot &slot, const Trace &trace, size_t from_bytes,
                              const Block &block) noexcept {
  if (trace.sample.any) went(slot, trace.sample.sample, Going::kMoved);
  const bool sampled = ran_out(slot, block.size) && look_for_sample(slot, block, true);
  if (has_every())
    the_sites.moved(slot, trace.taken, from_bytes, block.start, block.size, sampled, caller::here());
  return sampled && may_go_fast(block);
}

void left(Slot &slot, const Trace &trace, size_t from_bytes) noexcept {
  if (has_every()) the_sites.left(slot, trace.taken, from_bytes);
  if (trace.sample.any) went(slot, trace.sample.sample, Going::kMoved);
}

void in_child() noexcept {
  following = 0;
  the_sites.in_child(threads::own_slot());
}

const char *impossible() noexcept { return sites::kCanWalk ? nullptr : kNoStacks; }

// The first answer stays, so that readings can be told to be of the same time.
Status status() noexcept {
  if (load_whole(now.since) == kFromTheStart) {
    uint64_t unknown = kFromTheStart;
    __atomic_compare_exchange_n(&now.since, &unknown, counting_since_1970(), false, __ATOMIC_RELAXED,
                                __ATOMIC_RELAXED);
  }
  if (the_sites.has_no_room()) return {Mode::kOff, 0, now.since, 0, kNoMemory};
  return now;
}

}  // namespace heapmeter::attribution
