// SPDX-License-Identifier: MIT
// The sending half of a one-shot cannot be copied, so two cannot answer one question.
// expect: use of deleted function|call to (implicitly-)?deleted (copy )?constructor
#include "workers/one_shot.h"

int main() {
  demo::OneShot<int>::Sender sender;
#ifdef MUST_NOT_COMPILE
  const demo::OneShot<int>::Sender second = sender;
#else
  const demo::OneShot<int>::Sender second = std::move(sender);
#endif
  return 0;
}
