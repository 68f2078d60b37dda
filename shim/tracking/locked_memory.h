// SPDX-License-Identifier: MIT
//
// mlockall without the meter's own emptiness: the ledger has an entry for each 16 bytes of address space,
// most of which nobody uses, and stays out of what the kernel is told to make resident. Of mimalloc's
// segments the blocks become resident, and what is free is locked when it is used, unless the future is asked
// for, too. Everything else is locked as it would be.
//
// A limit (RLIMIT_MEMLOCK) that the program keeps without the meter and would break with it, since the kernel
// compares it with the addresses in use, is compared with what is the program's: the meter's ledger, and what
// mimalloc holds beyond the pages in use, do not count.
#pragma once

namespace heapmeter::locked_memory {

// The answer of the kernel: 0, or minus the error number.
long lock_all(int flags) noexcept;

}  // namespace heapmeter::locked_memory
