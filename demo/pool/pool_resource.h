// SPDX-License-Identifier: MIT
//
// A std::pmr::memory_resource over a pool of equal blocks, so that the standard's containers can draw from
// it. What does not fit a block goes to the upstream resource; whether it fits is decided by size and
// alignment alone, so that deallocate decides as allocate did. For one thread or for many, as its pool.
#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>

#include "pool/pool.h"

namespace demo {

template <std::size_t kSize, typename Mutex = NoMutex>
class PoolResource : public std::pmr::memory_resource {
 public:
  explicit PoolResource(std::size_t blocks,
                        std::pmr::memory_resource *upstream = std::pmr::get_default_resource())
      : pool_(blocks), upstream_(upstream) {}

  std::size_t available() const noexcept { return pool_.available(); }

 private:
  struct Block {
    alignas(std::max_align_t) std::byte bytes[kSize];
  };

  static bool fits(std::size_t bytes, std::size_t alignment) noexcept {
    return bytes <= kSize && alignment <= alignof(Block);
  }

  void *do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (!fits(bytes, alignment)) return upstream_->allocate(bytes, alignment);
    return pool_.lease().release();
  }

  void do_deallocate(void *place, std::size_t bytes, std::size_t alignment) override {
    if (!fits(bytes, alignment)) return upstream_->deallocate(place, bytes, alignment);
    pool_.release(std::unique_ptr<Block>(static_cast<Block *>(place)));
  }

  bool do_is_equal(const std::pmr::memory_resource &other) const noexcept override { return this == &other; }

  BasicPool<Block, Mutex> pool_;
  std::pmr::memory_resource *upstream_;
};

}  // namespace demo
