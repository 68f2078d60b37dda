// SPDX-License-Identifier: MIT
//
// A pool keeps up to `capacity` objects ready, so that taking and giving back one allocates nothing.
//
//   Pool<T>        for one thread       SharedPool<T>  for any number of threads
//
// Two ways to use it: acquire/release, where an empty pool answers null, and lease, which makes a new object
// when the pool is empty and gives it back by itself. An object given back to a full pool is destroyed.
// Objects come out in the state they went in: the user clears what must not be seen again. The pool must
// outlive its leases.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace demo {

// Stands in for a mutex where there is one thread.
struct NoMutex {
  void lock() noexcept {}
  void unlock() noexcept {}
};

template <typename T, typename Mutex>
class BasicPool {
 public:
  struct GiveBack {
    BasicPool *pool = nullptr;
    void operator()(T *item) const noexcept { pool->release(std::unique_ptr<T>(item)); }
  };
  using Lease = std::unique_ptr<T, GiveBack>;

  // Makes all of them now: later allocations are the exception, not the warm-up.
  explicit BasicPool(std::size_t capacity) : capacity_(capacity) {
    items_.reserve(capacity);
    while (items_.size() < capacity) items_.push_back(std::make_unique_for_overwrite<T>());
  }
  BasicPool(const BasicPool &) = delete;
  BasicPool &operator=(const BasicPool &) = delete;

  // Null when the pool is empty.
  std::unique_ptr<T> acquire() noexcept {
    const std::lock_guard lock(mutex_);
    if (items_.empty()) return nullptr;
    auto item = std::move(items_.back());
    items_.pop_back();
    return item;
  }

  // Destroys the item when the pool is full; null is ignored.
  void release(std::unique_ptr<T> item) noexcept {
    if (item == nullptr) return;
    const std::lock_guard lock(mutex_);
    // Room was reserved for all, so this cannot allocate. A surplus item is destroyed with the parameter, by
    // the caller and after the lock is gone.
    if (items_.size() < capacity_) items_.push_back(std::move(item));
  }

  // Never null: makes a new object when the pool is empty.
  Lease lease() {
    auto item = acquire();
    if (item == nullptr) item = std::make_unique_for_overwrite<T>();
    return Lease(item.release(), GiveBack{this});
  }

  std::size_t capacity() const noexcept { return capacity_; }
  std::size_t available() const noexcept {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  const std::size_t capacity_;
  [[no_unique_address]] mutable Mutex mutex_;
  std::vector<std::unique_ptr<T>> items_;
};

template <typename T>
using Pool = BasicPool<T, NoMutex>;
template <typename T>
using SharedPool = BasicPool<T, std::mutex>;

}  // namespace demo
