// SPDX-License-Identifier: MIT
#include "config/config_demo.h"

int main(int argc, char **argv) {
  return demo::run_program(
      argc, argv,
      {.name = "config",
       .summary = "Saves, loads and checks the user server's configuration.",
       .argument = "FILE",
       .argument_help = "a configuration to load and print; without it a sample is saved and loaded",
       .run = demo::run_config_demo});
}
