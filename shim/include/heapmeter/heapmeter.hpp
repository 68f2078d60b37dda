// SPDX-License-Identifier: MIT
//
// heapmeter for C++20, header-only: works with the library linked, preloaded, or absent. Absent, metered() is
// false and readings are empty, so a program can carry it into production unconditionally.
//
//   heapmeter::Scope scope;                                            // this thread, from here
//   std::vector<int> v(1000);
//   if (const auto spent = scope.spent()) use(spent->allocated_bytes);  // 4000
//
// A test need not look first: to read what is empty throws, so that EXPECT_LE(scope.spent()->allocated_bytes,
// 4000) fails without a meter. net_bytes() and net_blocks() are 0 then: ASSERT_TRUE(heapmeter::metered()).
//
// All functions may be called from any thread; a Scope belongs to the thread that made it.
#pragma once

#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

#include <heapmeter/heapmeter.h>

namespace heapmeter {

using Snapshot = heapmeter_snapshot;
using ThreadCounters = heapmeter_thread_counters;

// What was read, or nothing when not metered: a std::optional that says so, by std::bad_optional_access, when
// it is read all the same (without exceptions: it aborts).
template <typename Counters>
class Reading : public std::optional<Counters> {
 public:
  using std::optional<Counters>::optional;
  const Counters *operator->() const { return &this->value(); }
  const Counters &operator*() const & { return this->value(); }
  Counters operator*() const && { return this->value(); }
};

namespace detail {
template <typename Function>
inline Function *find(const char *name) noexcept {
  return reinterpret_cast<Function *>(dlsym(RTLD_DEFAULT, name));
}

template <typename Counters>
inline Reading<Counters> read(int (*reader)(Counters *, std::size_t)) noexcept {
  Counters counters{};
  if (reader == nullptr || reader(&counters, sizeof counters) != 0) return std::nullopt;
  return counters;
}

// Looked up once at load: dlsym may allocate, which a reading must not.
inline int (*const read_process)(heapmeter_snapshot *, std::size_t) =
    find<int(heapmeter_snapshot *, std::size_t)>("heapmeter_read_process");
inline int (*const look)(heapmeter_look *,
                         std::size_t) = find<int(heapmeter_look *, std::size_t)>("heapmeter_look_for_leaks");
inline int (*const read_thread)(heapmeter_thread_counters *, std::size_t) =
    find<int(heapmeter_thread_counters *, std::size_t)>("heapmeter_read_thread");
inline int (*const sites)(heapmeter_site_visitor,
                          void *) = find<int(heapmeter_site_visitor, void *)>("heapmeter_sites");
inline void (*const tag_push)(const char *) = find<void(const char *)>("heapmeter_tag_push");
inline void (*const tag_pop)() = find<void()>("heapmeter_tag_pop");
}  // namespace detail

// While it lives, what the calling thread allocates has a frame "[parser]" of its own in its call stack,
// inside the function that made the tag. The name is copied. Without effect where nothing is metered.
//
//   const heapmeter::Tag tag("parser");
class Tag {
 public:
  // Never a function of its own: the tag belongs to whoever makes it.
  [[gnu::always_inline]] explicit Tag(const char *name) noexcept {
    if (detail::tag_push != nullptr) detail::tag_push(name);
  }
  ~Tag() noexcept {
    if (detail::tag_pop != nullptr) detail::tag_pop();
  }
  Tag(const Tag &) = delete;
  Tag &operator=(const Tag &) = delete;
};

// A distinct call stack, and what it allocated: see heapmeter.h.
using Site = heapmeter_site;

// Calls visit(site) for each there is now; it must not throw. Whether all were visited: not where nothing is
// attributed, which HEAPMETER_SAMPLE asks for, or where that ended meanwhile. What the library is too old to
// know of a site is 0.
//
//   heapmeter::for_each_site([&](const heapmeter::Site &site) { live += site.live_bytes; });
template <typename Visit>
bool for_each_site(Visit &&visit) noexcept {
  if (detail::sites == nullptr) return false;
  const auto each = [](const heapmeter_site *site, void *context) noexcept {
    Site known{};
    std::memcpy(&known, site, std::min<std::size_t>(site->size, sizeof known));
    (*static_cast<std::remove_reference_t<Visit> *>(context))(std::as_const(known));
    return 0;
  };
  return detail::sites(each, const_cast<void *>(static_cast<const void *>(&visit))) == 0;
}

// The whole process since its start; empty when not metered.
inline Reading<Snapshot> process() noexcept { return detail::read(detail::read_process); }

// The calling thread since its start; empty when not metered.
inline Reading<ThreadCounters> thread() noexcept { return detail::read(detail::read_thread); }

// Whether this process is metered now.
inline bool metered() noexcept { return thread().has_value(); }

// What a look found; empty when there was none, and error() says why.
class Look : public Reading<heapmeter_look> {
 public:
  explicit Look(const char *why_not) noexcept : error_(why_not) {}
  explicit Look(const heapmeter_look &found) noexcept : Reading<heapmeter_look>(found) {}
  const char *error() const noexcept { return error_; }

 private:
  const char *error_ = "";
};

// Looks, now, for blocks that nothing in the process points at any more; the calling thread's registers and
// stack hold what they point at. Those of other threads, asleep, may hold what `perhaps_blocks` says. For the
// end of a test:
//
//   const auto look = heapmeter::look_for_leaks();
//   ASSERT_TRUE(look) << look.error();
//   EXPECT_EQ(look->lost_blocks + look->perhaps_blocks, 0u)
//       << look->lost_bytes << " bytes lost, perhaps " << look->perhaps_bytes << " more";
//
// What earlier tests lost is still lost: where that is no zero, compare with a look at the test's beginning.
// What a test left on the stack below may look like a pointer, and hide a block: look from a function of its
// own, not inlined, after another that wrote over a few KiB of its stack.
inline Look look_for_leaks() noexcept {
  heapmeter_look found{};
  if (detail::look == nullptr) return Look("the process is not metered");
  if (detail::look(&found, sizeof found) == 0) return Look(found);
  return Look(found.error != nullptr ? found.error : "the process is not metered");
}

// What the calling thread did between two readings of its own.
inline ThreadCounters operator-(const ThreadCounters &later, const ThreadCounters &earlier) noexcept {
  ThreadCounters spent = later;
  spent.allocations -= earlier.allocations;
  spent.frees -= earlier.frees;
  spent.reallocations -= earlier.reallocations;
  spent.allocated_bytes -= earlier.allocated_bytes;
  spent.freed_bytes -= earlier.freed_bytes;
  return spent;
}

// Measures what the calling thread allocates while it lives; exact, and it allocates nothing itself.
class Scope {
 public:
  Scope() noexcept : start_(thread()) {}

  // Since the scope began; empty when not metered.
  Reading<ThreadCounters> spent() const noexcept {
    const auto now = thread();
    if (!now || !start_) return std::nullopt;
    return *now - *start_;
  }

  // Requested bytes this thread holds more (or, negative, fewer) than when the scope began; 0 when not
  // metered.
  std::int64_t net_bytes() const noexcept {
    const auto spent_now = spent();
    return spent_now ? static_cast<std::int64_t>(spent_now->allocated_bytes - spent_now->freed_bytes) : 0;
  }

  // Blocks, likewise.
  std::int64_t net_blocks() const noexcept {
    const auto spent_now = spent();
    return spent_now ? static_cast<std::int64_t>(spent_now->allocations - spent_now->frees) : 0;
  }

 private:
  Reading<ThreadCounters> start_;
};

}  // namespace heapmeter
