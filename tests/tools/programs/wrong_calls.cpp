// SPDX-License-Identifier: MIT
//
// Releases a new[] of 40 bytes by free, three times over.
#include <cstdlib>

int main() {
  for (int round = 0; round < 3; ++round) std::free(new char[40]);
}
