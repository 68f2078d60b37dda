// SPDX-License-Identifier: MIT
#include "server/user_server.h"

int main(int argc, char **argv) {
  return demo::run_program(argc, argv,
                           {.name = "user_server",
                            .summary = "Serves users over HTTP until SIGTERM, and its own heap at /heap.",
                            .argument = "CONFIG",
                            .argument_help = "the configuration; without it localhost port 8080",
                            .run = demo::run_user_server});
}
