// SPDX-License-Identifier: MIT
// What is leased from a pool has one holder, so it comes back once.
// expect: use of deleted function|call to (implicitly-)?deleted (copy )?constructor
#include "pool/pool.h"

int main() {
  demo::Pool<int> pool(1);
  const auto lease = pool.lease();
#ifdef MUST_NOT_COMPILE
  const auto second = lease;
#endif
  return lease == nullptr ? 1 : 0;
}
