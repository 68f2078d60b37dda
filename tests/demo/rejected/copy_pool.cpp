// SPDX-License-Identifier: MIT
// A copy of a pool would leave its leases with two places to go back to.
// expect: use of deleted function|call to (implicitly-)?deleted (copy )?constructor
#include "pool/pool.h"

int main() {
  const demo::Pool<int> pool(1);
#ifdef MUST_NOT_COMPILE
  const demo::Pool<int> second = pool;
#endif
  return pool.available() == 1 ? 0 : 1;
}
