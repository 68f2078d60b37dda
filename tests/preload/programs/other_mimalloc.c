/* SPDX-License-Identifier: MIT
 * Preloaded: a libmimalloc of another series than the library was built with, as far as one asks. */
int mi_version(void) { return 217; }
