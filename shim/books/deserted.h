// SPDX-License-Identifier: MIT
//
// Slots of threads that left without a word: by the bare exit system call, which runs no destructor of a
// thread's key, or having asked for their first block in the last round of those. When all slots that there
// are have an owner, the kernel is asked which of these threads are still there.
//
// Only who is a thread in libc's eyes, too, is asked for. A vfork child uses its parent's storage, which goes
// on using the slot when the child has gone; who was made by a bare clone may be no thread of this process.
#pragma once

#include "books/slot.h"

namespace heapmeter::deserted {

// By the owner of the slot, which has just got it, or is the only thread of a forked child.
void note_owner(Slot &slot) noexcept;

// By the same, then: takes back what is left, if it is time for that.
void look(const Slot &own) noexcept;

}  // namespace heapmeter::deserted
