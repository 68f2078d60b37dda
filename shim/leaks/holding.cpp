// SPDX-License-Identifier: MIT
#include "leaks/holding.h"

#include "base/sys.h"
#include "leaks/heap_sort.h"

namespace heapmeter::leaks {
namespace {

constexpr int kLongestWay = 32;

}  // namespace

bool Holding::reserve() noexcept {
  most_ = blocks_.blocks() < kRegister ? blocks_.blocks() : kRegister;
  reached_ = static_cast<Reached *>(sys::map((most_ + 1) * sizeof *reached_));
  pointers_at_ = static_cast<uint32_t *>(sys::map(2 * kPlaces * sizeof *pointers_at_));
  ways_at_ = pointers_at_ == nullptr ? nullptr : pointers_at_ + kPlaces;
  return reached_ != nullptr && pointers_at_ != nullptr;
}

void Holding::note_wanted() noexcept {
  for (uintptr_t start = 0; (start = blocks_.first_from(start)) != 0; start += kGranule) {
    const auto *block = reinterpret_cast<const void *>(start);
    const uint64_t size = blocks_.size(start);
    if (!given_.wanted.has(given_.wanted.leaf_count == 0 ? 0 : given_.knowledge.site_of(block), size))
      continue;
    blocks_.note_pointed_at(start);
    ++findings_.wanted_blocks;
    findings_.wanted_bytes += size;
  }
}

Holder Holding::block_at(uintptr_t start, uintptr_t word) const noexcept {
  const uint64_t size = blocks_.size(start);
  Holder holder;
  holder.kind = Holder::Kind::kBlock;
  holder.leaf = given_.knowledge.site_of(reinterpret_cast<const void *>(start));
  holder.size = holder.leaf == 0 ? size : 0;
  holder.offset = size > Holder::kLargestWithOffset ? Holder::kAnywhere : word - start;
  return holder;
}

Holder Holding::root_at(uintptr_t word) const noexcept {
  const AddressSpace &space = given_.space;
  Holder holder;
  holder.kind = Holder::Kind::kMemory;
  const size_t at = space.first_behind(word);
  if (at == space.size() || space[at].start > word) return holder;
  const Mapping &mapping = space[at];
  holder.address = mapping.start;
  if (mapping.kind == Mapping::Kind::kStack) holder.thread = static_cast<uint32_t>(findings_.process);
  for (size_t one = 0; one < given_.threads.before_count && holder.thread == 0; ++one) {
    const Standing &thread = given_.threads.before[one];
    if (thread.asleep && thread.stack_pointer >= mapping.start && thread.stack_pointer < mapping.end)
      holder.thread = static_cast<uint32_t>(thread.tid);
  }
  const bool behind_a_files = at > 0 && space[at - 1].end == mapping.start && space[at - 1].inode != 0;
  if (holder.thread != 0) {
    holder.kind = Holder::Kind::kStack;
    holder.address = 0;
  } else if (!mapping.shared && (mapping.inode != 0 || behind_a_files)) {
    holder.kind = Holder::Kind::kData;
    holder.address = word;
  }
  return holder;
}

Holder Holding::holder_of(uint32_t through, uintptr_t from) const noexcept {
  if (through == kRoot) return root_at(from);
  if (through != kRegister) return block_at(reached_[through].start, from);
  Holder holder;
  holder.kind = from == 0 ? Holder::Kind::kMemory : Holder::Kind::kStack;
  holder.thread = static_cast<uint32_t>(from);
  return holder;
}

void Holding::count_pointer(const Holder &holder, uint32_t towards_leaf) noexcept {
  size_t place = (holder.hash() + towards_leaf * 0x9E3779B97F4A7C15u) % kPlaces;
  for (; pointers_at_[place] != 0; place = (place + 1) % kPlaces) {
    Pointers &known = findings_.holders[pointers_at_[place] - 1];
    if (known.towards_leaf != towards_leaf || !(known.holder == holder)) continue;
    ++known.pointers;
    return;
  }
  // The last ones, one for each that is asked about, are of all that there is no room for.
  const size_t last = given_.wanted.apart ? given_.wanted.leaf_count : 1;
  const bool full = findings_.holder_count + last >= Findings::kMostHolders;
  if (full && holder.kind != Holder::Kind::kOther) return count_pointer(Holder{}, towards_leaf);
  findings_.holders[findings_.holder_count] = {holder, 1, towards_leaf};
  pointers_at_[place] = static_cast<uint32_t>(++findings_.holder_count);
}

void Holding::found(uint64_t word, uint32_t through, uintptr_t from) noexcept {
  const uintptr_t start = blocks_.around(word);
  if (start == 0) return;
  if (blocks_.is_pointed_at(start))
    count_pointer(holder_of(through, from),
                  given_.wanted.apart ? given_.knowledge.site_of(reinterpret_cast<const void *>(start)) : 0);
  if (!blocks_.reach(start) || count_ == most_) return;
  reached_[count_] = {start, from, through, count_};
  if (through < count_ && block_at(start, start).same_kind_of_block(block_at(reached_[through].start, start)))
    reached_[count_].first = reached_[through].first;
  ++count_;
}

void Holding::root(const uint64_t *words, size_t count, uintptr_t at) noexcept {
  for (size_t word = 0; word < count; ++word) found(words[word], kRoot, at + word * sizeof *words);
}

void Holding::of_thread(uint64_t word, int tid) noexcept {
  found(word, kRegister, static_cast<uintptr_t>(tid));
}

void Holding::follow() noexcept {
  for (uint32_t at = 0; at < count_; ++at) {
    marking_.each_word_at(reached_[at].start, [&](uint64_t word, uintptr_t from) { found(word, at, from); });
  }
}

// The one towards that, which is held so; where there is no room for it, that itself.
uint32_t Holding::way(uint32_t towards, const Holder &holder) noexcept {
  size_t place = (holder.hash() + towards * 0xFF51AFD7ED558CCDu) % kPlaces;
  for (; ways_at_[place] != 0; place = (place + 1) % kPlaces) {
    const Way &known = findings_.ways[ways_at_[place]];
    if (known.towards == towards && known.holder == holder) return ways_at_[place];
  }
  if (findings_.way_count == Findings::kMostWays) return towards;
  const auto number = static_cast<uint32_t>(findings_.way_count++);
  findings_.ways[number] = {towards, holder, 0, 0};
  ways_at_[place] = number;
  return number;
}

// What is like the one before it on the way, as the links of a chain are, is no step of its own.
void Holding::note_way(uint32_t number) noexcept {
  const uint64_t bytes = blocks_.size(reached_[number].start);
  uint32_t at = 0;
  const int longest = given_.wanted.apart ? 0 : kLongestWay;
  for (int length = 0; length < longest; ++length) {
    findings_.ways[at].blocks += 1;
    findings_.ways[at].bytes += bytes;
    const Reached &last = reached_[reached_[number].first];
    const uint32_t next = way(at, holder_of(last.through, last.from));
    if (next == at) return;
    at = next;
    if (last.through >= count_) break;
    number = last.through;
  }
  findings_.ways[at].blocks += 1;
  findings_.ways[at].bytes += bytes;
}

void Holding::tell() noexcept {
  findings_.way_count = 1;
  findings_.ways[0] = {};
  for (uint32_t at = 0; at < count_; ++at) {
    if (blocks_.is_pointed_at(reached_[at].start)) note_way(at);
  }
  heap_sort(findings_.holders, findings_.holder_count,
            [](const Pointers &a, const Pointers &b) { return a.pointers > b.pointers; });
}

}  // namespace heapmeter::leaks
