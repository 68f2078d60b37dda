// SPDX-License-Identifier: MIT
// What a library has so that a program can need it.
int library_function(void) { return 0; }
