// SPDX-License-Identifier: MIT
#include "override/copies.h"

#include <sys/types.h>

#include "base/compiler.h"
#include "override/real.h"

namespace {

using namespace heapmeter;
using Function = int(void *);

constinit Real<pid_t()> real_fork{"_Fork"};
constinit Real<int(Function *, void *, int, void *, void *, void *, void *)> real_clone{"clone"};

}  // namespace

namespace heapmeter::copies {

void resolve() noexcept {
  real_fork.find();
  real_clone.find();
}

}  // namespace heapmeter::copies

// clone is variadic in libc's headers, and declared as it is here by its own name only: all arguments are
// passed on, as the kernel would have them.
extern "C" {

HEAPMETER_EXPORT pid_t _Fork() noexcept {
  return copies::made([] { return real_fork(); }, [] { return uint64_t{0}; });
}

HEAPMETER_EXPORT int heapmeter_clone(Function *function, void *stack, int flags, void *argument,
                                     void *parent_id, void *storage, void *child_id) noexcept
    __asm__("clone");
int heapmeter_clone(Function *function, void *stack, int flags, void *argument, void *parent_id,
                    void *storage, void *child_id) noexcept {
  return copies::made(
      [=] { return real_clone(function, stack, flags, argument, parent_id, storage, child_id); },
      [=] { return static_cast<uint64_t>(flags); });
}

}  // extern "C"
