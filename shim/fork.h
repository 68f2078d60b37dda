// SPDX-License-Identifier: MIT
//
// fork: nothing of ours is locked, so the parent needs no preparation. The child keeps all counters, for it
// keeps the blocks; the slots of threads that do not exist in it become free, and it gets a service of its
// own. vfork and posix_spawn share the parent's memory: what their child allocates is the parent's, rightly.
// A child made by _Fork or a raw clone runs no handlers: it counts on, unserved.
#pragma once

namespace heapmeter::fork {

// At start, once.
void watch() noexcept;

}  // namespace heapmeter::fork
