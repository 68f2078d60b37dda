// SPDX-License-Identifier: MIT
#include "sites/samples.h"

#include "base/sys.h"
#include "sites/poisson.h"

namespace heapmeter::sites {
namespace {

// No block's address: the place is taken, what is in it is being written.
constexpr uint64_t kTaken = 1;

uint64_t number_of(const void *block) noexcept { return reinterpret_cast<uint64_t>(block); }

void write(Sample &to, const Sample &from) noexcept {
  store_whole(to.size, from.size);
  store_whole(to.usable, from.usable);
  store_whole(to.weight, from.weight);
  store_whole(to.born_ns, from.born_ns);
  store_whole(to.site, from.site);
  store_whole(to.epoch, from.epoch);
  store_whole(to.family, from.family);
  store_whole(to.mapped, from.mapped);
  store_whole(to.record, from.record);
  store_whole(to.turn, from.turn);
}

Sample read(const Sample &from) noexcept {
  return {load_whole(from.size),   load_whole(from.usable), load_whole(from.weight), load_whole(from.born_ns),
          load_whole(from.site),   load_whole(from.epoch),  load_whole(from.family), load_whole(from.mapped),
          load_whole(from.record), load_whole(from.turn)};
}

__extension__ using Wide = unsigned __int128;

uint64_t narrow(Wide number) noexcept {
  return number >> 64 != 0 ? ~uint64_t{0} : static_cast<uint64_t>(number);
}

}  // namespace

uint64_t stands_for(const Sample &sample) noexcept {
  constexpr uint64_t kHalf = uint64_t{1} << (poisson::kWeightBits - 1);
  return narrow((Wide{sample.size} * sample.weight + kHalf) >> poisson::kWeightBits);
}

uint64_t variance(const Sample &sample) noexcept {
  const uint64_t bytes = stands_for(sample);
  return narrow(Wide{bytes} * (bytes - sample.size));
}

size_t Samples::window(size_t table, uint64_t address) noexcept {
  return (address >> 4) * 0x9E3779B97F4A7C15u >> (64 - (kFirstBits + 2 * table));
}

// Two threads may map the same at once: the first one wins.
bool Samples::map(Budget &budget, size_t table) noexcept {
  const size_t charged = table > 0 ? bytes(table) : 0;
  if (charged != 0 && !budget.take(charged)) return false;
  auto *start = static_cast<uint64_t *>(sys::map(bytes(table)));
  if (start == nullptr) {
    budget.put_back(charged);
    return false;
  }
  sys::keep_out_of_core_dumps(start, bytes(table));
  sys::keep_pages_small(start, bytes(table));
  uint64_t *none = nullptr;
  if (!__atomic_compare_exchange_n(&tables_[table], &none, start, false, __ATOMIC_ACQ_REL,
                                   __ATOMIC_ACQUIRE)) {
    sys::unmap(start, bytes(table));
    budget.put_back(charged);
  }
  return true;
}

bool Samples::add(Budget &budget, const void *block, const Sample &sampled) noexcept {
  for (size_t table = 0; table < kTables; ++table) {
    if (addresses(table) == nullptr && !map(budget, table)) return false;
    uint64_t *all = addresses(table);
    const size_t first = window(table, number_of(block));
    for (size_t place = first; place < first + kWindow; ++place) {
      uint64_t none = 0;
      if (load_whole(all[place]) != none ||
          !__atomic_compare_exchange_n(&all[place], &none, kTaken, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED)) {
        continue;
      }
      write(sample(all, table, place), sampled);
      __atomic_store_n(&all[place], number_of(block), __ATOMIC_RELEASE);
      return true;
    }
  }
  return false;
}

Samples::Found Samples::look_for(uint64_t address) const noexcept {
  for (size_t table = 0; table < kTables; ++table) {
    uint64_t *all = addresses(table);
    if (all == nullptr) break;
    const size_t first = window(table, address);
    for (size_t place = first; place < first + kWindow; ++place) {
      if (__atomic_load_n(&all[place], __ATOMIC_ACQUIRE) == address)
        return {&all[place], &sample(all, table, place)};
    }
  }
  return {nullptr, nullptr};
}

bool Samples::find(const void *block, Sample &sampled) const noexcept {
  const Found found = look_for(number_of(block));
  if (found.address != nullptr) sampled = read(*found.sample);
  return found.address != nullptr;
}

bool Samples::take(const void *block, Sample &sampled) noexcept {
  const Found found = look_for(number_of(block));
  if (found.address == nullptr) return false;
  sampled = read(*found.sample);
  __atomic_store_n(found.address, uint64_t{0}, __ATOMIC_RELEASE);
  return true;
}

bool Samples::next(size_t &cursor, const void *&block, Sample &sampled) const noexcept {
  for (size_t table = 0, first = 0; table < kTables; first += places(table), ++table) {
    uint64_t *all = addresses(table);
    if (all == nullptr) return false;
    for (; cursor < first + places(table); ++cursor) {
      const size_t place = cursor - first;
      const uint64_t address = __atomic_load_n(&all[place], __ATOMIC_ACQUIRE);
      if (address <= kTaken) continue;
      sampled = read(sample(all, table, place));
      // Released meanwhile, its place may be another's: half of each is nobody's.
      if (load_whole(all[place]) != address) continue;
      block = reinterpret_cast<const void *>(address);
      ++cursor;
      return true;
    }
  }
  return false;
}

Memory Samples::memory(size_t table) const noexcept {
  return {addresses(table), addresses(table) != nullptr ? bytes(table) : 0};
}

size_t Samples::charged() const noexcept {
  size_t sum = 0;
  for (size_t table = 1; table < kTables; ++table) sum += memory(table).bytes;
  return sum;
}

void Samples::unmap() noexcept {
  for (size_t table = 0; table < kTables; ++table) {
    if (tables_[table] != nullptr) sys::unmap(tables_[table], bytes(table));
  }
}

}  // namespace heapmeter::sites
