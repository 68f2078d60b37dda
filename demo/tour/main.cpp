// SPDX-License-Identifier: MIT
#include "tour/tracking_tour.h"

int main(int argc, char **argv) {
  return demo::run_program(argc, argv,
                           {.name = "tracking_tour",
                            .summary = "Live bytes and blocks before, during and after the life of a vector.",
                            .argument = "",
                            .argument_help = "",
                            .run = demo::run_tracking_tour});
}
