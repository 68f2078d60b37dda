// SPDX-License-Identifier: MIT
//
// Memory that mimalloc holds and the program no longer needs goes back to the kernel, when the heap has
// shrunk much: by a quarter of what it was and 32 MiB. mimalloc itself puts that off to some later call, and
// a program that is idle makes none.
//
// While it shrinks, mimalloc is told to give back soon, and to look through what it holds now and then;
// frees take the slow way meanwhile, which keeps errno. It ends when the program allocates again. A heap that
// keeps growing and shrinking is left alone more and more, since getting its pages back costs more than they
// are worth.
#pragma once

#include "books/slot.h"
#include "tracking/mode.h"

namespace heapmeter::surplus {

// Any thread may ask, while another changes it.
inline bool active() noexcept { return mode::is(mode::kGoingBack); }

// Once, before the first block.
void begin() noexcept;
// Live bytes changed by some tens of KiB, says the thread of this slot, or one block was allocated while
// surplus was going back. True when active() changed. errno is kept.
bool look(const Slot &slot) noexcept;
bool allocated() noexcept;
// In a forked child: another thread may have been at it.
void in_child() noexcept;
// All that can be had, now. Whether any came back.
bool give_back() noexcept;

}  // namespace heapmeter::surplus
