// SPDX-License-Identifier: MIT
//
// Which code holds what: the one door of attribution, for the way of one call and for who reads.
//
// While every allocation is attributed, each block is counted at the site it comes from and noted beside the
// ledger; it leaves the same site when it goes, whoever releases it. What was born before, or where there was
// no memory to note it, is of no site. No function here locks, allocates or fails: what there is no room for
// counts at the site "other".
//
// Switching off gives the memory back once nobody is within: each thread says so by a word of its own.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/own_code.h"
#include "books/meter.h"
#include "sites/block_sites.h"
#include "sites/lifetimes.h"
#include "sites/modules.h"
#include "sites/samples.h"
#include "sites/shards.h"
#include "sites/table.h"
#include "sites/tags.h"
#include "sites/thread.h"

namespace heapmeter::sites {

enum class Mode : uint32_t { kOff, kEvery, kSampled };

// Of a site, or of all together: sums over the shards.
struct Sum {
  uint64_t live_blocks, live_bytes;
  uint64_t allocations, allocated_bytes;
  uint64_t reallocations;  // brought blocks here: no allocations
  uint64_t temporary;
  uint64_t samples;
  uint64_t peak_blocks, peak_bytes;
};

class Sites {
 public:
  // Of the process's live bytes, which are watched while anything is attributed.
  constexpr explicit Sites(Total &total) noexcept : total_(total) {}

  // Room for the tables, once; what they may take, all together, from now on. False where there is none.
  bool prepare(size_t limit) noexcept;
  // The same when the first sample falls, and not before: most processes end earlier. False where there is
  // room already, or is just being made.
  bool prepare_later(size_t limit) noexcept;
  // There was none when it was wanted: nothing is sampled.
  bool has_no_room() const noexcept { return load_whole(room_) == Room::kRefused; }
  void set(Mode mode) noexcept;
  Mode mode() const noexcept { return load_whole(mode_); }
  // After switching off: what was counted is forgotten and its memory given back. False while anybody may be
  // within. Not before some milliseconds after the switch: then who is not within stays out.
  bool clear() noexcept;

  // While every block is noted: of those that are gone. In any thread but the one that switches.
  void give_back() noexcept;

  bool is_clear() const noexcept { return !used_; }
  // Whether the tables take addresses; all but what threads have of their own. Of them all the table of sites
  // comes last.
  bool mapped() const noexcept { return table_.mapped(); }
  // After clear(), and by who alone reads: these addresses, too, are given back, until the next prepare().
  void unmap() noexcept;
  // Where samples fall, from now on: the first set() takes one that nobody knows, unless it is known by then.
  void seed(uint64_t number) noexcept { store_whole(random_, number); }
  // What lies between two samples, in the middle, from now on. Where every block is noted, the samples tell
  // how long blocks live, and no more.
  static constexpr uint64_t kMeanOfLifetimes = 64 << 10;
  void set_mean(uint64_t mean_bytes) noexcept { store_whole(mean_bytes_, mean_bytes); }

  // The caller's own thread has a block more, from the call that left the library's code with these
  // registers; `sampled` where born_sampled() noted it.
  void born(Slot &slot, const void *block, size_t bytes, bool sampled, const Registers &from) noexcept;
  // What was noted of it: see may_be_sampled().
  uint32_t died(Slot &slot, const void *block, size_t bytes) noexcept;
  static constexpr bool may_be_sampled(uint32_t noted) noexcept {
    return noted == 0 || (noted & BlockSites::kSampled) != 0;
  }
  // A block about to be resized, perhaps elsewhere: it is of no site until it has moved, or is put back.
  struct Taken {
    uint32_t noted = 0;
    uint32_t epoch = 0;

    uint32_t site() const noexcept { return BlockSites::site_of(noted); }
  };
  Taken take(Slot &slot, const void *block) noexcept;
  void put_back(Slot &slot, const void *block, Taken taken) noexcept;
  void moved(Slot &slot, Taken taken, size_t from_bytes, const void *block, size_t bytes, bool sampled,
             const Registers &from) noexcept;

  // It left the books instead.
  void left(Slot &slot, Taken taken, size_t from_bytes) noexcept;

  // Sampled: the block's slot ran out of bytes. False where it could not be noted: it is a block like others.
  struct Block {
    const void *start;
    size_t size, usable;
    Family family;
    bool mapped;
  };
  bool born_sampled(Slot &slot, const Block &block, bool moved, const Registers &from) noexcept;
  // What the ledger does not say of a sampled block; it is one until it is released.
  bool noted(const void *block, Sample &sample) const noexcept { return samples_.find(block, sample); }
  bool released(const void *block, Sample &sample) noexcept { return samples_.take(block, sample); }
  // It went, or moved to where it is another's or none. Before the process's live bytes change by it.
  enum class Going { kDied, kMoved };
  void went(Slot &slot, const Sample &sample, Going going) noexcept;
  bool put_back(const void *block, const Sample &sample) noexcept {
    return samples_.add(budget_, block, sample);
  }
  struct Took {
    bool any = false;
    Sample sample{};
  };
  // Which site a block is of, while it lives, and the one that a call from these registers would be of; 0
  // where that is not known. Good for this epoch.
  struct Origins {
    uint32_t made = 0, called = 0, epoch = 0;
  };
  Origins origins(Slot &slot, const void *block, const Registers &from) noexcept;
  // The leaf of the stack that a live block is from; 0 where none is known. For who looks at an image.
  uint32_t leaf_of(const void *block) const noexcept;
  bool any_samples() const noexcept { return samples_.memory(0).start != nullptr; }
  // After sampling::take() said so: whether one of these bytes is sampled, or it was only the first look.
  bool falls(Slot &slot, uint64_t bytes) noexcept;
  // How much the slot's thread may allocate before the next sample; never, where none are taken.
  uint64_t draw(Slot &slot) noexcept;
  // After a switch: each thread that has not yet heard of it. False while any had not; to be asked again.
  bool tell(Slots &slots) noexcept;

  // Before code is unmapped, and after.
  void code_goes() noexcept;
  void code_went() noexcept;
  // In a forked child: the other threads are gone, wherever they were.
  void in_child(Slot *own) noexcept;

  const Table &table() const noexcept { return table_; }
  const Modules &modules() const noexcept { return modules_; }
  const Budget &budget() const noexcept { return budget_; }
  // The highest moment since attribution began; what is asked of several sites is of the same.
  Total::Highest peak() const noexcept { return total_.highest(); }
  Sum sum(uint32_t site, uint32_t peak_moment) const noexcept;
  Sum sum(uint32_t site) const noexcept { return sum(site, peak().moment); }
  // Stacks taken, and how many of them ended early.
  struct Captures {
    uint64_t all, cut_short;
  };
  Captures captures() const noexcept;
  // Of what lives, by the samples: estimates, in the units of poisson.h, indexed by site. What is there is
  // added to.
  struct Estimate {
    uint64_t blocks, bytes, samples;
    uint64_t variance;        // of the bytes; as large as it can be told
    uint64_t pages, page_ms;  // likewise, and each times as long as it is there
    uint64_t oldest_ms;
    uint64_t age_ms() const noexcept { return pages == 0 ? 0 : page_ms / pages; }
  };
  void estimate(Estimate *by_site, uint32_t sites) const noexcept;
  const Lifetimes &lifetimes() const noexcept { return lifetimes_; }
  // Whom samples call the thread that owns the slot now; none where it has none.
  static Owner owner_of(const Slot &slot) noexcept;
  // Each sample that lives and counts, in no order; false ends.
  bool next_sample(size_t &cursor, Sample &sample) const noexcept;

  // The caller's own thread enters a region, and leaves the one it entered last; `from` is the function that
  // says so, as the call leaves it.
  void enter(Slot &slot, const char *name, const Registers &from) noexcept;
  void leave(Slot &slot) noexcept;
  const TagNames &tag_names() const noexcept { return tag_names_; }

  // Counts how often all was forgotten.
  uint32_t epoch() const noexcept { return load_whole(epoch_); }
  // In another thread than the one that switches and clears: while it lives, nothing is forgotten. For no
  // longer than the program cannot be asked to do anything.
  class Reader {
   public:
    explicit Reader(Sites &sites) noexcept : strangers_(sites.strangers_) {
      __atomic_fetch_add(&strangers_, 1, __ATOMIC_SEQ_CST);
    }
    // A child that a handler forked meanwhile has none.
    ~Reader() noexcept {
      uint32_t seen = load_whole(strangers_);
      while (seen != 0 && !__atomic_compare_exchange_n(&strangers_, &seen, seen - 1, false, __ATOMIC_RELEASE,
                                                       __ATOMIC_RELAXED)) {
      }
    }
    Reader(const Reader &) = delete;
    Reader &operator=(const Reader &) = delete;

   private:
    uint32_t &strangers_;
  };

  // All memory of the tables, one mapping after the other; false ends.
  bool next_memory(size_t &cursor, Memory &memory) const noexcept;

 private:
  // A hook at work, or none where the thread has no record or is at work already.
  class Within;
  struct Birth {
    const void *block;
    size_t bytes;
    bool sampled;
    const Registers &from;
    Place unwalked;
  };
  // Of the tables. Who finds it not yet there makes it; whoever comes meanwhile does without.
  enum class Room : uint32_t { kNone, kBeingMade, kThere, kRefused };
  bool map() noexcept;
  bool has_room(const Slot &slot) noexcept {
    return HEAPMETER_LIKELY(load_acquire(room_) == Room::kThere) || make_room(slot);
  }
  HEAPMETER_COLD bool make_room(const Slot &slot) noexcept;
  static bool is_idle(const Thread *thread) noexcept;
  uint32_t begin(Thread &thread, Slot &slot) noexcept;
  static void end(Thread &thread) noexcept;
  void note_birth(Thread *thread, uint32_t moment, const Birth &birth) noexcept;
  void born_otherwise(Slot &slot, Birth birth) noexcept;
  uint32_t note_death(Thread *thread, uint32_t moment, const void *block, size_t bytes) noexcept;
  uint32_t died_otherwise(Slot &slot, const void *block, size_t bytes) noexcept;

  Thread *first() const noexcept;
  HEAPMETER_COLD Thread *new_thread(Slot &slot) noexcept;
  Thread *thread_of(Slot &slot) noexcept;
  bool is_known(Taken taken) const noexcept { return taken.noted != 0 && taken.epoch == load_whole(epoch_); }
  uint32_t site_sought(Thread &thread, Captured captured) noexcept;
  uint32_t site_at_once(Thread &thread, const Registers &from) noexcept;
  uint32_t site_of(Thread &thread, const Registers &from) noexcept;
  uint32_t site_of(Thread *thread, const Registers &from, Place unwalked) noexcept {
    return HEAPMETER_LIKELY(thread != nullptr) ? site_of(*thread, from) : site_without_stack(unwalked);
  }
  uint32_t site_without_stack(Place mark) noexcept;
  HEAPMETER_COLD uint32_t tagged(Thread &thread, uint32_t untagged) noexcept;
  HEAPMETER_COLD uint32_t new_tagged_site(Thread &thread) noexcept;
  HEAPMETER_COLD uint32_t new_site(Thread &thread, uint64_t key, bool cut_short) noexcept;
  Counts *own_counts(Thread *thread, uint32_t site) noexcept;
  void add(Thread *thread, uint32_t moment, uint32_t site, Counter Counts::*blocks, Counter Counts::*bytes,
           size_t by) noexcept;
  void add_one(Thread *thread, uint32_t site, Counter Counts::*what) noexcept;

  Total &total_;
  Table table_;
  Modules modules_;
  Shards shards_;
  BlockSites blocks_;
  Samples samples_;
  Lifetimes lifetimes_;
  TagNames tag_names_;
  Budget budget_;
  Thread *threads_ = nullptr;
  uint16_t records_ = 0;
  Mode mode_ = Mode::kOff;
  Room room_ = Room::kNone;
  uint32_t refusals_ = 0;
  const Slot *room_maker_ = nullptr;
  uint64_t mean_bytes_ = 0;
  uint64_t random_ = 0;
  bool used_ = false;       // was set since it was cleared
  uint32_t epoch_ = 0;      // counts how often all was forgotten
  uint32_t strangers_ = 0;  // hooks at work in threads without a record
};

// From here until it goes the thread is within, unless attribution is off. A signal handler that comes when
// the thread is within already has no thread of its own to count by.
class Sites::Within {
  // By a jump out of a signal handler: the stack is no deeper now, or what was the call's frame does not
  // return into the library any more.
  static bool was_left(Thread &thread, uintptr_t here) noexcept {
    const uintptr_t busy = load_whole(thread.busy);
    if (!thread.stack.own.holds(here) || !thread.stack.own.holds(busy)) return false;
    if (here < busy && is_own_code(word_at(busy + sizeof(uintptr_t)))) return false;
    thread.stack.forget_capture();
    return true;
  }

 public:
  HEAPMETER_INLINE Within(Sites &sites, Slot &slot, Mode mode = Mode::kEvery) noexcept
      : sites_(sites), thread_(sites.thread_of(slot)), moment_(sites.total_.moment()) {
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    if (HEAPMETER_UNLIKELY(thread_ == nullptr)) {
      __atomic_fetch_add(&sites_.strangers_, 1, __ATOMIC_SEQ_CST);
      store_whole(slot.moment, moment_);
    } else if (HEAPMETER_UNLIKELY(load_whole(thread_->busy) != 0) && !was_left(*thread_, here)) {
      // What is interrupted keeps its moment, which is no later.
      nested_ = true;
      thread_ = nullptr;
    } else {
      store_whole(thread_->busy, here);
      store_whole(slot.moment, moment_);
    }
    // The word before the look at the mode: whoever clears waits much longer than a store may take to be
    // seen.
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    on_ = sites_.mode() == mode;
  }
  ~Within() noexcept {
    if (HEAPMETER_LIKELY(thread_ != nullptr)) {
      __atomic_store_n(&thread_->busy, uintptr_t{0}, __ATOMIC_RELEASE);
    } else if (!nested_) {
      __atomic_fetch_sub(&sites_.strangers_, 1, __ATOMIC_RELEASE);
    }
  }
  Within(const Within &) = delete;
  Within &operator=(const Within &) = delete;

  bool on() const noexcept { return on_; }
  Thread *thread() const noexcept { return thread_; }
  uint32_t moment() const noexcept { return moment_; }
  // Of what is born now, if there is no thread's stack for it.
  Place unwalked() const noexcept { return nested_ ? Place{kInHandler, kMark} : Place{}; }

 private:
  Sites &sites_;
  Thread *thread_;
  bool nested_ = false;
  uint32_t moment_;
  bool on_;
};

inline constinit HEAPMETER_HIDDEN Sites the_sites{meter.peak.total()};

}  // namespace heapmeter::sites
