// SPDX-License-Identifier: MIT
#include <malloc.h>

#include <new>

#include "churn.h"

namespace churn {
namespace {

void raise_to(std::atomic<std::int64_t> &peak, std::int64_t value) {
  std::int64_t seen = peak.load();
  while (seen < value && !peak.compare_exchange_weak(seen, value)) {
  }
}

void soon_live(std::size_t size) {
  if (follow_peak) raise_to(perhaps_peak, perhaps_live += static_cast<std::int64_t>(size));
}
void now_live(std::size_t size) {
  if (follow_peak) raise_to(surely_peak, surely_live += static_cast<std::int64_t>(size));
}
void soon_dead(std::size_t size) {
  if (follow_peak) surely_live -= static_cast<std::int64_t>(size);
}
void now_dead(std::size_t size) {
  if (follow_peak) perhaps_live -= static_cast<std::int64_t>(size);
}

constexpr std::align_val_t kAlign{128};

// First and last byte belong to the block alone.
void sign(const Block &block) {
  if (block.size > 0) block.address[0] = block.address[block.size - 1] = static_cast<char>(block.size * 7);
}
void check_signature(const Block &block) {
  if (block.size > 0 && (block.address[0] != static_cast<char>(block.size * 7) ||
                         block.address[block.size - 1] != static_cast<char>(block.size * 7))) {
    std::puts("a block changed under its owner");
    std::abort();
  }
}

void release_unsized(const Block &block) {
  switch (block.family) {
    case Family::kMalloc:
      return std::free(block.address);
    case Family::kNew:
      return ::operator delete(block.address);
    case Family::kNewArray:
      return ::operator delete[](block.address);
    case Family::kNewAligned:
      return ::operator delete(block.address, kAlign);
  }
}
void release_sized(const Block &block) {
  switch (block.family) {
    case Family::kMalloc:
      return std::free(block.address);
    case Family::kNew:
      return ::operator delete(block.address, block.size);
    case Family::kNewArray:
      return ::operator delete[](block.address, block.size);
    case Family::kNewAligned:
      return ::operator delete(block.address, block.size, kAlign);
  }
}

}  // namespace

std::size_t Worker::random_size() {
  const auto draw = random_() % 1000;
  if (draw < 800) return random_() % 256;
  if (draw < 980) return random_() % 8192;
  if (draw < 999) return random_() % 200000;
  return random_() % 2000000;
}

Block Worker::allocate() {
  Block block;
  block.size = random_size();
  soon_live(block.size);
  void *p = nullptr;
  switch (random_() % 8) {
    case 0:
      p = may_calloc ? std::calloc(1, block.size) : std::malloc(block.size);
      break;
    case 1:
      p = memalign(std::size_t{16} << random_() % 8, block.size);
      break;
    case 2:
      p = std::realloc(nullptr, block.size);
      break;
    case 3:
      p = ::operator new(block.size), block.family = Family::kNew;
      break;
    case 4:
      p = ::operator new[](block.size), block.family = Family::kNewArray;
      break;
    case 5:
      p = ::operator new(block.size, kAlign), block.family = Family::kNewAligned;
      break;
    default:
      p = std::malloc(block.size);
  }
  if (p == nullptr) std::abort();
  now_live(block.size);
  block.address = static_cast<char *>(p);
  sign(block);
  ++tally.allocations;
  tally.allocated += block.size;
  return block;
}

void Worker::release(Block &block) {
  if (block.address == nullptr) return;
  check_signature(block);
  soon_dead(block.size);
  // With the operators as operands of ?: clang, from 14 to 22, calls both.
  if (random_() % 2 == 0) {
    release_sized(block);
  } else {
    release_unsized(block);
  }
  now_dead(block.size);
  ++tally.frees;
  tally.freed += block.size;
  block = Block{};
}

void Worker::resize(Block &block) {
  check_signature(block);
  const std::size_t size = random_size() + 1;  // realloc to 0 would be a free
  soon_live(size);
  soon_dead(block.size);
  void *p = std::realloc(block.address, size);
  if (p == nullptr) std::abort();
  now_live(size);
  now_dead(block.size);
  ++tally.reallocations;
  tally.allocated += size;
  tally.freed += block.size;
  block.address = static_cast<char *>(p);
  block.size = size;
  sign(block);
}

void Worker::work(std::uint64_t operations) {
  for (std::uint64_t i = 0; i < operations; ++i) {
    Block &block = table_[random_() % table_.size()];
    ++tally.operations;
    if (block.address == nullptr) {
      block = allocate();
    } else if (block.family == Family::kMalloc && random_() % 4 == 0) {
      resize(block);
    } else if (!alone && random_() % 4 == 0 && mailboxes[random_() % mailboxes.size()]->put(block)) {
      block = mailboxes[random_() % mailboxes.size()]->take();
    } else {
      release(block);
    }
  }
}

void Worker::release_all() {
  for (auto &block : table_) release(block);
}

std::uint64_t Worker::usable() const {
  std::uint64_t sum = 0;
  for (const auto &block : table_) sum += malloc_usable_size(block.address);
  return sum;
}

std::uint64_t Mailbox::usable() const {
  std::uint64_t sum = 0;
  for (int i = 0; i < count_; ++i) sum += malloc_usable_size(blocks_[i].address);
  return sum;
}

bool Mailbox::put(const Block &block) {
  const std::lock_guard lock(mutex_);
  if (count_ == kRoom) return false;
  blocks_[count_++] = block;
  return true;
}

Block Mailbox::take() {
  const std::lock_guard lock(mutex_);
  return count_ == 0 ? Block{} : blocks_[--count_];
}

void Mailbox::release_all() {
  for (; count_ > 0; --count_) release_unsized(blocks_[count_ - 1]);
}

}  // namespace churn
