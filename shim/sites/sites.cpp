// SPDX-License-Identifier: MIT
#include "sites/sites.h"

#include <string.h>
#include <sys/auxv.h>

#include "base/sys.h"
#include "books/sampling.h"
#include "sites/high_water.h"

namespace heapmeter::sites {
namespace {

void forget_all_of(Thread &thread) noexcept {
  sys::forget(static_cast<ThreadsSites *>(&thread),
              sizeof(sys::WithRestOfPage<ThreadsSites>) + sizeof(sys::WithRestOfPage<ThreadsStack>));
  thread.last_born = nullptr;
  store_whole(thread.captures, uint64_t{0});
  store_whole(thread.cut_short, uint64_t{0});
}

// What the kernel gave the process for such a use, which costs no system call.
uint64_t number_nobody_knows() noexcept {
  uint64_t words[2];
  if (const auto *given = reinterpret_cast<const void *>(getauxval(AT_RANDOM))) {
    memcpy(words, given, sizeof words);
  } else {
    words[0] = sys::monotonic_ns();
    words[1] = static_cast<uint64_t>(sys::pid());
  }
  return words[0] ^ words[1] * 0x9E3779B97F4A7C15u;
}

}  // namespace

// The first time says how much address space is reserved.
bool Sites::map() noexcept {
  const size_t limit = budget_.limit();
  const uint32_t most_sites = Table::most_sites(limit);
  return modules_.map() && shards_.map(limit, most_sites) && blocks_.map() &&
         lifetimes_.map(limit, most_sites) && table_.map(limit);
}

bool Sites::prepare(size_t limit) noexcept {
  budget_.start(limit);
  budget_.take(samples_.charged());  // of blocks that live
  const bool there = map();
  store_release(room_, there ? Room::kThere : Room::kNone);
  return there;
}

bool Sites::prepare_later(size_t limit) noexcept {
  Room none = Room::kNone;
  if (!change_whole(room_, none, Room::kBeingMade)) return false;
  budget_.start(limit);
  store_release(room_, Room::kNone);
  return true;
}

bool Sites::make_room(const Slot &slot) noexcept {
  Room none = Room::kNone;
  if (!change_whole(room_, none, Room::kBeingMade)) {
    // There may be some again, after a while.
    constexpr uint32_t kTryAgain = 64;
    const bool again =
        none == Room::kRefused && __atomic_add_fetch(&refusals_, 1, __ATOMIC_RELAXED) % kTryAgain == 0;
    if (!again || !change_whole(room_, none, Room::kBeingMade)) return none == Room::kThere;
  }
  store_whole(room_maker_, &slot);
  const bool there = map();
  store_release(room_, there ? Room::kThere : Room::kRefused);
  return there;
}

void Sites::set(Mode mode) noexcept {
  if (mode != Mode::kOff && !used_) {
    table_.expect(mode == Mode::kSampled);
    used_ = true;
  }
  if (load_whole(random_) == 0) seed(number_nobody_knows());
  if (mode != Mode::kOff && !total_.watched()) total_.watch(mode == Mode::kEvery);
  __atomic_store(&mode_, &mode, __ATOMIC_SEQ_CST);
}

bool Sites::clear() noexcept {
  if (__atomic_load_n(&strangers_, __ATOMIC_ACQUIRE) != 0) return false;
  for (Thread *thread = first(); thread != nullptr; thread = thread->next) {
    if (__atomic_load_n(&thread->busy, __ATOMIC_ACQUIRE) != 0) return false;
  }
  for (Thread *thread = first(); thread != nullptr; thread = thread->next) forget_all_of(*thread);
  blocks_.clear();
  shards_.clear();
  total_.watch_no_more();
  lifetimes_.clear();
  table_.clear();
  modules_.clear();
  __atomic_add_fetch(&epoch_, 1, __ATOMIC_RELAXED);
  used_ = false;
  return true;
}

void Sites::unmap() noexcept {
  if (!mapped()) return;
  lifetimes_.unmap();
  blocks_.unmap();
  shards_.unmap();
  table_.unmap();
  store_whole(room_, Room::kNone);
}

void Sites::give_back() noexcept {
  const Reader reader(*this);
  if (mode() == Mode::kEvery) blocks_.give_back();
}

Thread *Sites::first() const noexcept { return __atomic_load_n(&threads_, __ATOMIC_ACQUIRE); }

Thread *Sites::new_thread(Slot &slot) noexcept {
  auto *thread = static_cast<Thread *>(sys::map(sizeof(Thread)));
  if (thread == nullptr) return nullptr;
  sys::keep_out_of_core_dumps(thread, sizeof(Thread));
  sys::keep_pages_small(thread, sizeof(Thread));
  thread->record = __atomic_add_fetch(&records_, 1, __ATOMIC_RELAXED);
  // In the list before anybody counts in it. If a signal handler was here meanwhile, its record is the one.
  thread->next = first();
  while (!__atomic_compare_exchange_n(&threads_, &thread->next, thread, false, __ATOMIC_RELEASE,
                                      __ATOMIC_ACQUIRE)) {
  }
  void *none = nullptr;
  const bool ours = __atomic_compare_exchange_n(&slot.attribution, &none, thread, false, __ATOMIC_ACQ_REL,
                                                __ATOMIC_ACQUIRE);
  return ours ? thread : static_cast<Thread *>(none);
}

Thread *Sites::thread_of(Slot &slot) noexcept {
  if (HEAPMETER_UNLIKELY(!slot.own)) return nullptr;
  auto *thread = static_cast<Thread *>(__atomic_load_n(&slot.attribution, __ATOMIC_ACQUIRE));
  if (HEAPMETER_UNLIKELY(thread == nullptr)) {
    thread = new_thread(slot);
    if (thread == nullptr) return nullptr;
  }
  if (HEAPMETER_UNLIKELY(thread->turn != slot.turn)) {
    if (thread->turn != 0) sys::forget(&thread->stack, sizeof thread->stack);
    thread->turn = slot.turn;
    thread->tags.depth = 0;
    thread->last_born = nullptr;
  }
  return thread;
}

uint32_t Sites::new_site(Thread &thread, uint64_t key, bool cut_short) noexcept {
  uint32_t leaf = cut_short ? table_.node(budget_, 0, {kCutShort, kMark}) : 0;
  const size_t frames = depth(thread.stack);
  for (size_t i = 0; i < frames; ++i) {
    const uint64_t address = frame(thread.stack, i);
    leaf = table_.node(budget_, leaf, {address, modules_.of(budget_, address)});
    if (leaf == 0) return Table::kOther;
  }
  return leaf == 0 ? Table::kOther : table_.add(budget_, key, leaf);
}

HEAPMETER_COLD uint32_t Sites::site_without_stack(Place mark) noexcept {
  if (mark.module != kMark) return Table::kOther;
  const uint64_t key = modules_.salt() ^ mark.address * 0xD6E8FEB86659FD93u;
  if (const uint32_t known = table_.find(key)) return known;
  const uint32_t leaf = table_.node(budget_, 0, mark);
  return leaf == 0 ? Table::kOther : table_.add(budget_, key, leaf);
}

HEAPMETER_NOINLINE uint32_t Sites::site_sought(Thread &thread, Captured captured) noexcept {
  if (captured.cut_short != 0) bump(thread.cut_short, 1);
  uint32_t site = captured.site;
  if (site == 0) {
    const uint64_t key = captured.hash ^ modules_.salt();
    site = table_.find(key);
    if (site == Table::kNone) site = new_site(thread, key, captured.cut_short != 0);
    remember_site(thread.stack, site, mode() == Mode::kEvery);
  }
  return HEAPMETER_LIKELY(thread.tags.depth == 0) ? site : tagged(thread, site);
}

// Remembered beside a stack, which then is not cut short.
HEAPMETER_INLINE uint32_t Sites::site_at_once(Thread &thread, const Registers &from) noexcept {
  const Captured captured = capture(thread.stack, from);
  bump(thread.captures, 1);
  if (HEAPMETER_LIKELY(captured.site != 0 && thread.tags.depth == 0)) return captured.site;
  return site_sought(thread, captured);
}

uint32_t Sites::site_of(Thread &thread, const Registers &from) noexcept { return site_at_once(thread, from); }

HEAPMETER_INLINE Counts *Sites::own_counts(Thread *thread, uint32_t site) noexcept {
  if (thread == nullptr) return nullptr;
  Counts *counts = thread->shard.at(site);
  return HEAPMETER_LIKELY(counts != nullptr) ? counts : shards_.take(budget_, thread->shard, site);
}

HEAPMETER_INLINE void Sites::add(Thread *thread, uint32_t moment, uint32_t site, Counter Counts::*blocks,
                                 Counter Counts::*bytes, size_t by) noexcept {
  if (Counts *own = own_counts(thread, site)) {
    HighWater::before_change(*own, moment);
    bump(own->*bytes, by);
    bump(own->*blocks, 1);
  } else {
    Counts &shared = shards_.shared(site);
    HighWater::before_change_of_shared(shared, moment, 0);
    bump_shared(shared.*bytes, by);
    bump_shared(shared.*blocks, 1);
  }
}

void Sites::add_one(Thread *thread, uint32_t site, Counter Counts::*what) noexcept {
  if (Counts *own = own_counts(thread, site)) {
    bump(own->*what, 1);
  } else {
    bump_shared(shards_.shared(site).*what, 1);
  }
}

// As nearly always: a thread with a record, which is not within already. All else is Within's.
HEAPMETER_INLINE bool Sites::is_idle(const Thread *thread) noexcept {
  return HEAPMETER_LIKELY(thread != nullptr && load_whole(thread->busy) == 0);
}

HEAPMETER_INLINE uint32_t Sites::begin(Thread &thread, Slot &slot) noexcept {
  const uint32_t moment = total_.moment();
  store_whole(thread.busy, reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
  store_whole(slot.moment, moment);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  return moment;
}

HEAPMETER_INLINE void Sites::end(Thread &thread) noexcept {
  __atomic_store_n(&thread.busy, uintptr_t{0}, __ATOMIC_RELEASE);
}

HEAPMETER_INLINE void Sites::note_birth(Thread *thread, uint32_t moment, const Birth &birth) noexcept {
  uint32_t *place = blocks_.find(birth.block);
  if (HEAPMETER_UNLIKELY(place == nullptr)) place = blocks_.born(birth.block);
  if (HEAPMETER_UNLIKELY(place == nullptr)) return;
  const uint32_t site = HEAPMETER_LIKELY(thread != nullptr) ? site_at_once(*thread, birth.from)
                                                            : site_without_stack(birth.unwalked);
  add(thread, moment, site, &Counts::blocks_in, &Counts::bytes_in, birth.bytes);
  *place = site | (birth.sampled ? BlockSites::kSampled : 0);
  if (thread != nullptr) thread->last_born = birth.block;
}

HEAPMETER_COLD void Sites::born_otherwise(Slot &slot, Birth birth) noexcept {
  const Within within(*this, slot);
  birth.unwalked = within.unwalked();
  if (within.on()) note_birth(within.thread(), within.moment(), birth);
}

void Sites::born(Slot &slot, const void *block, size_t bytes, bool sampled, const Registers &from) noexcept {
  Thread *thread = thread_of(slot);
  if (!is_idle(thread)) return born_otherwise(slot, {block, bytes, sampled, from, {}});
  const uint32_t moment = begin(*thread, slot);
  if (HEAPMETER_LIKELY(mode() == Mode::kEvery)) note_birth(thread, moment, {block, bytes, sampled, from, {}});
  end(*thread);
}

HEAPMETER_INLINE uint32_t Sites::note_death(Thread *thread, uint32_t moment, const void *block,
                                            size_t bytes) noexcept {
  const bool at_once = thread != nullptr && thread->last_born == block;
  if (thread != nullptr) thread->last_born = nullptr;
  uint32_t *place = blocks_.find(block);
  if (place == nullptr) return 0;
  const uint32_t noted = blocks_.read(place), site = BlockSites::site_of(noted);
  if (noted == 0) return 0;
  *place = BlockSites::kGone;
  add(thread, moment, site, &Counts::blocks_out, &Counts::bytes_out, bytes);
  if (HEAPMETER_UNLIKELY(at_once)) add_one(thread, site, &Counts::temporary);
  return noted;
}

HEAPMETER_COLD uint32_t Sites::died_otherwise(Slot &slot, const void *block, size_t bytes) noexcept {
  const Within within(*this, slot);
  return within.on() ? note_death(within.thread(), within.moment(), block, bytes) : 0;
}

uint32_t Sites::died(Slot &slot, const void *block, size_t bytes) noexcept {
  Thread *thread = thread_of(slot);
  if (!is_idle(thread)) return died_otherwise(slot, block, bytes);
  const uint32_t moment = begin(*thread, slot);
  const uint32_t noted =
      HEAPMETER_LIKELY(mode() == Mode::kEvery) ? note_death(thread, moment, block, bytes) : 0;
  end(*thread);
  return noted;
}

Sites::Taken Sites::take(Slot &slot, const void *block) noexcept {
  const Within within(*this, slot);
  uint32_t *place = within.on() ? blocks_.find(block) : nullptr;
  if (place == nullptr) return {};
  const Taken taken{blocks_.read(place), load_whole(epoch_)};
  if (taken.noted != 0) *place = BlockSites::kGone;
  return taken;
}

void Sites::put_back(Slot &slot, const void *block, Taken taken) noexcept {
  const Within within(*this, slot);
  if (!within.on() || !is_known(taken)) return;
  if (uint32_t *noted = blocks_.find(block)) *noted = taken.noted;
}

void Sites::moved(Slot &slot, Taken taken, size_t from_bytes, const void *block, size_t bytes, bool sampled,
                  const Registers &from) noexcept {
  const Within within(*this, slot);
  Thread *thread = within.thread();
  if (!within.on()) return;
  if (thread != nullptr) thread->last_born = nullptr;
  if (uint32_t *noted = blocks_.born(block)) {
    const uint32_t site = site_of(thread, from, within.unwalked());
    add(thread, within.moment(), site, &Counts::blocks_in, &Counts::bytes_in, bytes);
    add_one(thread, site, &Counts::moved_in);
    *noted = site | (sampled ? BlockSites::kSampled : 0);
  }
  if (is_known(taken))
    add(within.thread(), within.moment(), taken.site(), &Counts::blocks_out, &Counts::bytes_out, from_bytes);
}

void Sites::left(Slot &slot, Taken taken, size_t from_bytes) noexcept {
  const Within within(*this, slot);
  if (!within.on() || !is_known(taken)) return;
  add(within.thread(), within.moment(), taken.site(), &Counts::blocks_out, &Counts::bytes_out, from_bytes);
}

Sites::Origins Sites::origins(Slot &slot, const void *block, const Registers &from) noexcept {
  const Mode now = mode();
  if (now == Mode::kOff) return {};
  const Within within(*this, slot, now);
  if (!within.on() || !has_room(slot)) return {};
  Origins found{0, site_of(within.thread(), from, within.unwalked()), load_whole(epoch_)};
  uint32_t *noted = now == Mode::kEvery ? blocks_.find(block) : nullptr;
  Sample sample;
  if (noted != nullptr) {
    found.made = BlockSites::site_of(blocks_.read(noted));
  } else if (samples_.find(block, sample) && sample.epoch == found.epoch) {
    found.made = sample.site;
  }
  return found;
}

void Sites::code_goes() noexcept {
  if (table_.mapped()) invalidate();
}

// Where nothing was ever attributed nothing was found out about code.
void Sites::code_went() noexcept {
  if (!table_.mapped()) return;
  invalidate();
  modules_.code_went();
}

void Sites::in_child(Slot *own) noexcept {
  store_whole(strangers_, 0u);
  blocks_.in_child();
  if (load_whole(room_) == Room::kBeingMade && (own == nullptr || load_whole(room_maker_) != own))
    store_whole(room_, Room::kNone);
  // Another sequence than the parent's; the clock may be what a sandbox kills for.
  store_whole(random_, load_whole(random_) ^ static_cast<uint64_t>(sys::pid()) * 0x9E3779B97F4A7C15u);
  if (own != nullptr) sampling::set(*own, draw(*own));
  for (Thread *thread = first(); thread != nullptr; thread = thread->next) {
    if (own == nullptr || thread != own->attribution) store_whole(thread->busy, uintptr_t{0});
  }
}

}  // namespace heapmeter::sites
