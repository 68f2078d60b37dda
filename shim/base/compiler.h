// SPDX-License-Identifier: MIT
//
// What the shim asks of the compiler: visibility, branch weights, placement of cold code, thread-local model.
#pragma once

#define HEAPMETER_EXPORT __attribute__((visibility("default")))
// For declarations of data: the flag -fvisibility covers definitions only, and the rest would go through the
// GOT.
#define HEAPMETER_HIDDEN __attribute__((visibility("hidden")))
#define HEAPMETER_COLD __attribute__((cold, noinline))
// For objects that start as zero, of more than some hundred bytes: behind the small ones, which so share the
// page that relocation writes anyway. Every process pays for each page that it touches at its start. Each has
// a name of its own: the compiler knows one section as of one sort.
#if defined(__x86_64__) && !defined(__clang__)
#define HEAPMETER_APART(name) __attribute__((section(".lbss." name)))
#else  // here a section of that name would be written to the file: apart.ld puts these behind
#define HEAPMETER_APART(name) __attribute__((section(".bss.apart." name)))
#endif
#define HEAPMETER_NOINLINE __attribute__((noinline))
#define HEAPMETER_INLINE inline __attribute__((always_inline))
// glibc's dynamic TLS calls malloc on first use: the shim's must be initial-exec.
#define HEAPMETER_TLS __attribute__((tls_model("initial-exec")))
#define HEAPMETER_LIKELY(x) __builtin_expect(!!(x), 1)
#define HEAPMETER_UNLIKELY(x) __builtin_expect(!!(x), 0)

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define HEAPMETER_SANITIZED 1
#endif

// A note that any thread reads and writes: whole each time, and in no order with others.
// Not by __atomic_load_n and its kin, of which clang has none for enumerations.
template <typename T>
inline T load_whole(const T &note) noexcept {
  T value;
  __atomic_load(&note, &value, __ATOMIC_RELAXED);
  return value;
}
template <typename T>
inline void store_whole(T &note, T value) noexcept {
  __atomic_store(&note, &value, __ATOMIC_RELAXED);
}
// Likewise, and whoever loads it so sees what was stored before it.
template <typename T>
inline T load_acquire(const T &note) noexcept {
  T value;
  __atomic_load(&note, &value, __ATOMIC_ACQUIRE);
  return value;
}
template <typename T>
inline void store_release(T &note, T value) noexcept {
  __atomic_store(&note, &value, __ATOMIC_RELEASE);
}
// Likewise, of those who change it from the same the first. The others are told what it is.
template <typename T>
inline bool change_whole(T &note, T &from, T to) noexcept {
  return __atomic_compare_exchange(&note, &from, &to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
