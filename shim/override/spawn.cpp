// SPDX-License-Identifier: MIT
//
// posix_spawn executes within libc, so that `heapmeter run` is told of the program by its parent.
#include <spawn.h>

#include "base/compiler.h"
#include "override/real.h"
#include "service/notices.h"

namespace {

using namespace heapmeter;
using Strings = char *const *;
using Spawn = int(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                  Strings, Strings);
constinit Real<Spawn> real_spawn{"posix_spawn"}, real_spawnp{"posix_spawnp"};

int spawn(Real<Spawn> &real, pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
          const posix_spawnattr_t *attributes, Strings arguments, Strings environment) noexcept {
  const uint64_t before_ns = notices::now();
  pid_t child = 0;
  const int error = real(&child, path, actions, attributes, arguments, environment);
  if (error != 0) return error;
  if (pid != nullptr) *pid = child;
  notices::started(child, before_ns, path);
  return 0;
}

}  // namespace

extern "C" {

HEAPMETER_EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                                 const posix_spawnattr_t *attributes, Strings arguments,
                                 Strings environment) {
  return spawn(real_spawn, pid, path, actions, attributes, arguments, environment);
}
HEAPMETER_EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                                  const posix_spawnattr_t *attributes, Strings arguments,
                                  Strings environment) {
  return spawn(real_spawnp, pid, file, actions, attributes, arguments, environment);
}

}  // extern "C"
