// SPDX-License-Identifier: MIT
#include "pool/pool_demo.h"

int main(int argc, char **argv) {
  return demo::run_program(argc, argv,
                           {.name = "pool_allocator",
                            .summary = "Shows what a pool of objects saves, in allocations and in time.",
                            .argument = "",
                            .argument_help = "",
                            .run = demo::run_pool_demo});
}
