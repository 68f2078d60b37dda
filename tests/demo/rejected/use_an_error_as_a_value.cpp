// SPDX-License-Identifier: MIT
// A result must be opened before it is a configuration.
// expect: has no member named .port|no member named .port
#include "config/config.h"

int main() {
  const auto config = demo::Config::parse("");
#ifdef MUST_NOT_COMPILE
  return config.port == 8080 ? 0 : 1;
#else
  return config->port == 8080 ? 0 : 1;
#endif
}
