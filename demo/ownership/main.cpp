// SPDX-License-Identifier: MIT
#include "ownership/ownership.h"

int main(int argc, char **argv) {
  return demo::run_program(
      argc, argv,
      {.name = "ownership",
       .summary = "Moves, borrows, copies and shared ownership, and what each costs on the heap.",
       .argument = "",
       .argument_help = "",
       .run = demo::run_ownership});
}
