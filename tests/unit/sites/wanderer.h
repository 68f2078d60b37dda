// SPDX-License-Identifier: MIT
//
// Calls of every shape, as chance has it, and captures between them.
#pragma once

#include <setjmp.h>

#include <cstdint>
#include <random>
#include <stdexcept>

#include "unwound.h"

namespace heapmeter::testing {

inline void keep(void *what) { __asm__ volatile("" : : "r"(what) : "memory"); }

class Wanderer {
 public:
  Wanderer(Witness &witness, uint32_t seed) : witness_(witness), random_(seed) {}

  __attribute__((noinline)) void wander(int depth) {
    if (depth == 0) return look();
    switch (random_() % 8) {
      case 0:
        plain(depth);
        break;
      case 1:
        with_alloca(depth);
        break;
      case 2:
        aligned_anew(depth);
        break;
      case 3:
        large(depth);
        break;
      case 4:
        throws(depth);
        break;
      case 5:
        jumps_back(depth);
        break;
      case 6:
        return wander(depth - 1);
      default:
        look();
        plain(depth);
        look();
    }
    if (random_() % 2 == 0) look();
  }

 private:
  __attribute__((noinline)) void look() { witness_.look(); }

  __attribute__((noinline)) void plain(int depth) {
    volatile char some[40];
    some[0] = 1;
    wander(depth - 1);
    some[1] = some[0];
  }

  __attribute__((noinline)) void with_alloca(int depth) {
    keep(__builtin_alloca(random_() % 500 + 1));
    wander(depth - 1);
    look();
  }

  __attribute__((noinline)) void aligned_anew(int depth) {
    alignas(128) char wide[256];
    keep(wide);
    wander(depth - 1);
    keep(__builtin_alloca(random_() % 100 + 1));
    look();
  }

  __attribute__((noinline)) void large(int depth) {
    char much[20'000];
    keep(much);
    wander(depth - 1);
    look();
  }

  __attribute__((noinline)) void throws(int depth) {
    try {
      wander(depth - 1);
      throw std::runtime_error("back");
    } catch (const std::runtime_error &) {
      look();
    }
  }

  __attribute__((noinline)) void jumps_back(int depth) {
    jmp_buf here;
    if (setjmp(here) == 0) {
      wander(depth - 1);
      jump(here);
    }
    look();
  }
  __attribute__((noinline)) void jump(jmp_buf &where) {
    look();
    longjmp(where, 1);
  }

  Witness &witness_;
  std::minstd_rand random_;
};

}  // namespace heapmeter::testing
