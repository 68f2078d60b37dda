// SPDX-License-Identifier: MIT
#include "cli/dispatch.h"

int main(int argc, char **argv) { return heapmeter::cli::dispatch(argc, argv); }
