// SPDX-License-Identifier: MIT
//
// The allocator's first turn, in which it asks the kernel this and that and takes a segment. Not at start:
// many a program ends without a block, and that turn is a tenth of such a program's time. Until it was made
// all calls take the slow way, which comes by here; so does the program before it forbids itself what that
// turn needs. Any thread; errno is kept.
#pragma once

namespace heapmeter::first_touch {

// Before counting begins.
void expect() noexcept;
// Unless it was made.
void make() noexcept;

}  // namespace heapmeter::first_touch
