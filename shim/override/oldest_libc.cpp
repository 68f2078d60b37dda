// SPDX-License-Identifier: MIT
//
// A dynamic linker that finds a version missing in its libc ends the program. One older than what we are
// linked with must not come to that: up to glibc 2.35 it compares the kernel that a library asks for in this
// note with the one that runs, and leaves out a preloaded library that asks for more; later ones do not read
// it.
#include <features.h>

#if __GLIBC_PREREQ(2, 36)
__asm__(
    ".pushsection .note.ABI-tag, \"a\", %note\n"
    "  .balign 4\n"
    "  .long 4, 16, 1\n"  // the lengths of name and content, NT_GNU_ABI_TAG
    "  .asciz \"GNU\"\n"
    "  .long 0, 255, 0, 0\n"  // Linux 255.0.0
    ".popsection");
#endif
