// SPDX-License-Identifier: MIT
#include "service/pages/site_threads.h"

#include "base/sys.h"
#include "books/meter.h"
#include "leaks/heap_sort.h"
#include "sites/poisson.h"

namespace heapmeter::pages {
namespace {

using sites::Owner;
using sites::Sample;
using sites::Sites;
using sites::the_sites;

// Of memory that is there while it is used.
template <typename Item>
class Mapped {
 public:
  explicit Mapped(size_t most) noexcept
      : most_(most), start_(static_cast<Item *>(sys::map(sys::whole_pages(most * sizeof(Item) + 1)))) {}
  ~Mapped() noexcept {
    if (start_ != nullptr) sys::unmap(start_, sys::whole_pages(most_ * sizeof(Item) + 1));
  }
  Mapped(const Mapped &) = delete;
  Mapped &operator=(const Mapped &) = delete;

  size_t most() const noexcept { return start_ == nullptr ? 0 : most_; }
  Item *begin() const noexcept { return start_; }

 private:
  const size_t most_;
  Item *const start_;
};

// The threads that live, by the number of their record.
class Living {
 public:
  Living() noexcept {
    size_t cursor = 0;
    while (Slot *slot = meter.slots.next(cursor)) {
      const Row row = meter.slots.row(*slot);
      const Owner owner = Sites::owner_of(*slot);
      if (row.owned && owner.is_known() && known_.most() != 0)
        known_.begin()[owner.record] = {owner, row.tid};
    }
  }
  // 0: of one that has ended, or not known.
  uint32_t tid(Owner owner) const noexcept {
    if (!owner.is_known() || known_.most() == 0) return 0;
    const Known &known = known_.begin()[owner.record];
    return known.owner == owner ? static_cast<uint32_t>(known.tid) : 0;
  }

 private:
  struct Known {
    Owner owner;
    int tid;
  };
  Mapped<Known> known_{size_t{1} << 16};
};

struct Held {
  uint32_t leaf, tid;
  uint64_t blocks, bytes, samples, variance;

  uint64_t place() const noexcept { return uint64_t{leaf} << 32 | tid; }
};

size_t count_samples() noexcept {
  size_t count = 0, cursor = 0;
  for (Sample sample; the_sites.next_sample(cursor, sample);) ++count;
  return count;
}

void add_row(TextBuffer &out, const Held &held) noexcept {
  const uint64_t row[] = {held.leaf, held.tid, rounded(held.blocks), held.bytes, held.samples, held.variance};
  out.open("[");
  for (const uint64_t number : row) {
    out.open("");
    out.add(number);
    out.close("");
  }
  out.close("]");
}

size_t gather(const Mapped<Held> &all, const SiteFigures &figures) noexcept {
  const Living living;
  const auto sites = static_cast<size_t>(figures.end() - figures.begin());
  size_t count = 0, cursor = 0;
  for (Sample sample; count < all.most() && the_sites.next_sample(cursor, sample);) {
    const size_t site = sample.site - size_t{sites::Table::kFirst};
    if (site >= sites || figures.begin()[site].leaf == 0) continue;
    all.begin()[count++] = {figures.of_node(figures.begin()[site].leaf),
                            living.tid({sample.turn, sample.record}),
                            sample.weight,
                            stands_for(sample),
                            1,
                            variance(sample)};
  }
  return count;
}

}  // namespace

void add_threads_of_sites(TextBuffer &out, const SiteFigures &figures) noexcept {
  const Mapped<Held> all(count_samples());
  const size_t count = gather(all, figures);
  leaks::heap_sort(all.begin(), count, [](const Held &a, const Held &b) { return a.place() < b.place(); });
  out.open_field("threads", "[");
  for (size_t at = 0; at < count;) {
    Held sum = all.begin()[at];
    while (++at < count && all.begin()[at].place() == sum.place()) {
      const Held &next = all.begin()[at];
      sum.blocks += next.blocks;
      sum.bytes += next.bytes;
      sum.samples += next.samples;
      if (__builtin_add_overflow(sum.variance, next.variance, &sum.variance)) sum.variance = ~uint64_t{0};
    }
    add_row(out, sum);
  }
  out.close("]");
}

size_t room_for_threads_of_sites() noexcept {
  constexpr size_t kRow = 2 * 11 + 4 * 21;
  const size_t now = count_samples() * kRow;
  return now + now / 4;
}

}  // namespace heapmeter::pages
