// SPDX-License-Identifier: MIT
//
// Root as somebody else for a moment, and this thread alone: glibc's own seteuid would change all of them.
#pragma once

#include <optional>

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace heapmeter::cli {

class EffectiveUser {
 public:
  // Nobody else when there is none.
  explicit EffectiveUser(std::optional<uid_t> user) : before_(geteuid()), changed_(user && become(*user)) {}
  ~EffectiveUser() {
    if (changed_) become(before_);
  }
  EffectiveUser(const EffectiveUser &) = delete;
  EffectiveUser &operator=(const EffectiveUser &) = delete;

 private:
  static bool become(uid_t user) { return syscall(SYS_setresuid, -1, user, -1) == 0; }

  uid_t before_;
  bool changed_;
};

}  // namespace heapmeter::cli
