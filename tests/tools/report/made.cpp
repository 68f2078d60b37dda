// SPDX-License-Identifier: MIT
//
// A recording of made.h, as a file: made_recording shop|crowd|sites [PROCESSES [SECONDS]] > FILE
#include "tools/report/made.h"

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace heapmeter::testing;

int main(int count, char **words) {
  if (count < 2) return 2;
  const std::string kind = words[1];
  const auto processes = static_cast<std::uint32_t>(count > 2 ? atoi(words[2]) : 50);
  const std::int64_t seconds = count > 3 ? atoll(words[3]) : 86'400;
  const Made made = kind == "shop"    ? shop()
                    : kind == "sites" ? with_sites(processes, seconds)
                                      : crowd(processes, seconds);
  return fwrite(made.text().data(), 1, made.text().size(), stdout) == made.text().size() ? 0 : 1;
}
