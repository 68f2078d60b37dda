// SPDX-License-Identifier: MIT
#include "leaks/image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <heapmeter/protocol.h>

#include "base/memory_use.h"
#include "base/sys.h"
#include "books/ledger_walk.h"
#include "books/own_memory.h"
#include "books/snapshot.h"
#include "books/sums.h"
#include "leaks/agreement.h"
#include "leaks/groups.h"
#include "leaks/heap_areas.h"
#include "leaks/heap_sort.h"
#include "leaks/hidden.h"
#include "leaks/holding.h"
#include "leaks/marking.h"
#include "leaks/turns.h"

namespace heapmeter::leaks::image {
namespace {

constexpr size_t kMostAreas = size_t{1} << 20;

[[noreturn]] void end() noexcept {
  sys::call(SYS_exit_group, 0);
  __builtin_unreachable();
}

void make_ready(int process, int maker) noexcept {
  // Whoever began it is the one it is for; who ended before this was said sends no signal any more. It is the
  // first to go where memory runs out, and leaves no core.
  sys::call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
  if (sys::call(SYS_getppid) != process || sys::call(SYS_tgkill, process, maker, 0) == -ESRCH) end();
  sys::call(SYS_close_range, 0, ~0U, CLOSE_RANGE_UNSHARE);
  const rlimit none = {0, 0};
  sys::call(SYS_prlimit64, 0, RLIMIT_CORE, reinterpret_cast<long>(&none), 0);
  const long score = sys::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/oom_score_adj"),
                               O_WRONLY | O_CLOEXEC);
  if (sys::failed(score)) return;
  sys::write_all(static_cast<int>(score), "1000", 4);
  sys::call(SYS_close, score);
}

uint64_t hash_of(Marking &marking, uintptr_t start, uint64_t size) noexcept {
  uint64_t hash = size * 0x9E3779B97F4A7C15u;
  marking.each_word(start, [&](uint64_t word) {
    hash = (hash ^ word) * 0xFF51AFD7ED558CCDu;
    hash ^= hash >> 32;
  });
  return hash;
}

class Look {
 public:
  explicit Look(const Given &given) noexcept : given_(given), findings_(*given.findings) {}

  Failure run() noexcept {
    findings_.began_ns = sys::monotonic_ns();
    if (!here_.read("/proc/self/maps")) return Failure::kNoMaps;
    for (size_t at = 0; at < here_.size(); ++at) findings_.copied[at] = {here_[at].start, here_[at].end};
    findings_.copied_count = here_.size();
    if (!add_absent(*given_.space, findings_, findings_.hidden, findings_.hidden_count))
      return Failure::kTooManyWords;
    if (findings_.hidden_count != 0 && !findings_.prepared) return Failure::kNotPrepared;
    // Not before: whoever holds the threads lets them go by it. They must stand where they were seen to stand
    // until they have been seen again, and until there is an image that counts.
    sys::call(SYS_prctl, PR_SET_NAME, reinterpret_cast<long>(HEAPMETER_IMAGE_NAME));
    tell_hidden();
    heapmeter_snapshot now;
    snapshot::take_counts(now);
    // At worst no block has a neighbour.
    if (!skipped_.reserve(kMostAreas + now.live_blocks) || !unreadable_.reserve(kMostAreas))
      return Failure::kNoMemory;
    blocks_.expect(now.live_blocks);
    const auto note_area = [&](uintptr_t start, const entry::Decoded &noted) {
      heap_areas::add_block(start, noted, skipped_);
    };
    if (!blocks_.take(the_ledger, given_.knowledge.behind, note_area)) return Failure::kNoMemory;
    if (!LedgerWalk::reaches_all(the_ledger)) return Failure::kTooManyParts;
    if (!count(now)) return Failure::kWalkDiffers;
    note_areas();
    if (!skipped_.complete() || !unreadable_.complete() || !marking_.reserve()) return Failure::kNoMemory;
    findings_.indexed_ns = sys::monotonic_ns();
    if (!has_seen_hidden()) return Failure::kNoMaps;
    if (given_.wanted != nullptr) return hold();
    if (findings_.words_missed) return Failure::kTooManyWords;
    reach();
    findings_.marked_ns = sys::monotonic_ns();
    return list();
  }

 private:
  // The process looks there at once, while the blocks are gone through here.
  void tell_hidden() noexcept {
    told_ = findings_.hidden_count != 0 || !findings_.kernel_seen;
    if (told_) turns::give(findings_, Findings::State::kHiddenKnown);
  }
  // By the process; false when it has not done so in time.
  bool has_seen_hidden() noexcept {
    return !told_ || turns::wait(findings_, Findings::State::kHiddenSeen, given_.patience_ms);
  }

  bool count(const heapmeter_snapshot &now) noexcept {
    findings_.live_blocks = blocks_.blocks();
    findings_.live_bytes = blocks_.bytes();
    findings_.counted_blocks = now.live_blocks;
    findings_.counted_bytes = now.live_bytes;
    if (findings_.live_blocks == now.live_blocks && findings_.live_bytes == now.live_bytes) return true;
    findings_.takes_half_told = sys::monotonic_ns() >= given_.half_told_from_ns;
    return findings_.takes_half_told && is_told_by_half();
  }

  // What differs, differs by calls of the threads that ran, one each.
  bool is_told_by_half() noexcept {
    Bins counted;
    snapshot::take_bins(counted);
    findings_.told_by_half = told_by_half(blocks_, counted);
    return explained(findings_.told_by_half, threads());
  }

  void note_areas() noexcept {
    heap_areas::add_all(the_ledger, skipped_);
    skipped_.add(given_.workshop.start, given_.workshop.end);
    here_.add_own(skipped_);
    given_.space->add_own(skipped_);
    size_t cursor = 0;
    for (own_memory::Mapping own; own_memory::next(cursor, own);) {
      const auto start = reinterpret_cast<uintptr_t>(own.start);
      skipped_.add(start, start + own.bytes);
    }
    const auto findings = reinterpret_cast<uintptr_t>(&findings_);
    skipped_.add(findings, findings + sizeof findings_);
    skipped_.sort();
    for (size_t at = 0; at < here_.size(); ++at) {
      if (!here_[at].readable || here_[at].kind > Mapping::Kind::kStack || here_[at].shared)
        unreadable_.add(here_[at].start, here_[at].end);
    }
    unreadable_.sort();
  }

  Roots::Threads standing() const noexcept {
    return {given_.before, given_.before_count, findings_.after, findings_.after_count,
            given_.own_stack_pointer};
  }

  Failure hold() noexcept {
    findings_.process = given_.process;
    const Roots::Threads threads = standing();
    Holding holding({here_, threads, *given_.wanted, given_.knowledge}, marking_, findings_);
    if (!holding.reserve()) return Failure::kNoMemory;
    holding.note_wanted();
    Roots roots(here_, skipped_, threads);
    roots.words(memory_,
                [&](const uint64_t *words, size_t count, uintptr_t at) { holding.root(words, count, at); });
    for (size_t word = 0; word < findings_.words_count; ++word) holding.of_thread(findings_.words[word], 0);
    for (size_t at = 0; at < given_.before_count; ++at) {
      for (const uint64_t word : given_.before[at].arguments) holding.of_thread(word, given_.before[at].tid);
    }
    holding.follow();
    holding.tell();
    findings_.root_bytes = memory_.read_bytes();
    findings_.unread_bytes += roots.unread_bytes() + marking_.unread_bytes();
    findings_.done_ns = sys::monotonic_ns();
    return Failure::kNone;
  }

  void reach() noexcept {
    Roots roots(here_, skipped_, standing());
    roots.words(memory_,
                [&](const uint64_t *words, size_t count, uintptr_t) { marking_.words(words, count); });
    findings_.root_bytes = memory_.read_bytes();
    roots.shared_again(memory_,
                       [&](const uint64_t *words, size_t count, uintptr_t) { marking_.words(words, count); });
    marking_.words(findings_.words, findings_.words_count);
    for (size_t at = 0; at < given_.before_count; ++at)
      marking_.words(given_.before[at].arguments, Standing::kArguments);
    for (size_t at = 0; at < findings_.after_count; ++at)
      marking_.words(findings_.after[at].arguments, Standing::kArguments);
    marking_.follow();
    findings_.unread_bytes += roots.unread_bytes() + marking_.unread_bytes();
  }

  static int services() noexcept { return static_cast<int>(memory_use::service_tid()); }
  // But for the service's, which is none of the program's.
  uint64_t threads() const noexcept {
    uint64_t count = 0;
    for (size_t at = 0; at < given_.before_count; ++at) count += given_.before[at].tid != services() ? 1 : 0;
    return count;
  }

  void add(uintptr_t start, bool indirectly) noexcept {
    const entry::Decoded noted = blocks_.noted(start);
    if (findings_.lost_count == Findings::kMostLost) {
      ++findings_.unlisted_blocks;
      findings_.unlisted_bytes += noted.size;
      return;
    }
    const auto *block = reinterpret_cast<const void *>(start);
    findings_.lost[findings_.lost_count++] = {.address = start,
                                              .size = noted.size,
                                              .hash = hash_of(marking_, start, noted.size),
                                              .site = given_.knowledge.site_of(block),
                                              .family = noted.family,
                                              .indirectly = indirectly};
  }

  // First those at which no other lost one points, with all that follows from them; what is left are circles.
  Failure list() noexcept {
    for (uintptr_t start = 0; (start = blocks_.first_unreached_from(start)) != 0; start += kGranule) {
      marking_.each_word(start, [&](uint64_t word) {
        const uintptr_t other = blocks_.around(word);
        if (other != 0 && other != start && !blocks_.is_reached(other)) blocks_.note_pointed_at(other);
      });
    }
    for (int pass = 0; pass < 2; ++pass) {
      const bool circles = pass == 1;
      for (uintptr_t start = 0; (start = blocks_.first_unreached_from(start)) != 0; start += kGranule) {
        if (!circles && blocks_.is_pointed_at(start)) continue;
        const uint64_t itself = start;
        marking_.words(&itself, 1);
        add(start, false);
        marking_.follow([&](uintptr_t reached) { add(reached, true); });
      }
    }
    heap_sort(findings_.lost, findings_.lost_count,
              [](const Lost &a, const Lost &b) { return a.address < b.address; });
    findings_.registers =
        registers_of(given_.before, given_.before_count, findings_.after, findings_.after_count, services());
    const bool grouped =
        doubt_largest_groups(findings_.lost, findings_.lost_count, findings_.registers, marking_);
    findings_.done_ns = sys::monotonic_ns();
    return grouped ? Failure::kNone : Failure::kNoMemory;
  }

  const Given &given_;
  Findings &findings_;
  AddressSpace here_;
  Blocks blocks_;
  Areas skipped_, unreadable_;
  bool told_ = false;
  Memory memory_;
  Marking marking_{blocks_, memory_, unreadable_};
};

}  // namespace

void look(const Given &given) noexcept {
  make_ready(given.process, given.maker);
  Findings &findings = *given.findings;
  Failure failure = Failure::kNoMaps;
  if (turns::wait(findings, Findings::State::kThreadsKnown, given.patience_ms)) {
    Look one(given);
    failure = one.run();
  }
  findings.failure = failure;
  turns::give(findings, Findings::State::kDone);
  end();
}

}  // namespace heapmeter::leaks::image
