// SPDX-License-Identifier: MIT
//
// Workload: nothing but malloc and free, random sizes up to MAXIMUM in LIVE places. For instruction counts,
// the difference between two runs of different length leaves the start out.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char **argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s LIVE PAIRS MAXIMUM\n", argv[0]);
    return 2;
  }
  std::vector<void *> live(std::strtoul(argv[1], nullptr, 10));
  const uint64_t pairs = std::strtoul(argv[2], nullptr, 10);
  const uint64_t maximum = std::strtoul(argv[3], nullptr, 10);
  uint64_t random = 88172645463325252u;
  for (uint64_t i = 0; i < pairs; ++i) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    void *&place = live[(random >> 20) % live.size()];
    std::free(place);
    place = std::malloc(1 + (random >> 40) % maximum);
    *static_cast<volatile char *>(place) = 1;
  }
  for (void *block : live) std::free(block);
}
