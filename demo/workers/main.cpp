// SPDX-License-Identifier: MIT
#include "workers/worker_demo.h"

int main(int argc, char **argv) {
  return demo::run_program(argc, argv,
                           {.name = "worker_pool",
                            .summary = "Deals tasks to workers over channels and shows what each cost.",
                            .argument = "",
                            .argument_help = "",
                            .run = demo::run_worker_demo});
}
