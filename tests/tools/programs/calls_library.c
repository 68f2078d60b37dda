// SPDX-License-Identifier: MIT
#include "wait.h"

int library_function(void);
#ifdef ALSO
int ALSO(void);
#else
#define ALSO() 0
#endif

// Of the tests' libraries; with an argument it stays.
int main(int argc, char **argv) {
  (void)argv;
  return argc > 1 ? wait_for_the_test() : library_function() + ALSO();
}
