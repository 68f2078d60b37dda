// SPDX-License-Identifier: MIT
#include "base/rights.h"

#include <linux/capability.h>

#include "base/sys.h"

namespace heapmeter {
namespace {

void ask(long call, uint32_t (&ids)[3]) noexcept {
  sys::call(call, reinterpret_cast<long>(&ids[0]), reinterpret_cast<long>(&ids[1]),
            reinterpret_cast<long>(&ids[2]));
}

bool has_all(const uint32_t (&ids)[3], const uint32_t (&wanted)[3]) noexcept {
  for (const uint32_t id : wanted) {
    if (id != ids[0] && id != ids[1] && id != ids[2]) return false;
  }
  return true;
}

bool may_choose_groups() noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3]{};
  sys::call(SYS_capget, reinterpret_cast<long>(&header), reinterpret_cast<long>(sets));
  return (sets[CAP_TO_INDEX(CAP_SETGID)].permitted & CAP_TO_MASK(CAP_SETGID)) != 0;
}

}  // namespace

Rights Rights::of_this_thread() noexcept {
  Rights rights{};
  ask(SYS_getresuid, rights.users);
  ask(SYS_getresgid, rights.groups);
  return rights;
}

bool Rights::regained_by_this_thread(Ids changed) const noexcept {
  uint32_t ids[3] = {};
  if (changed == Ids::kUsers) {
    ask(SYS_getresuid, ids);
    return has_all(ids, users);
  }
  ask(SYS_getresgid, ids);
  return has_all(ids, groups) || may_choose_groups();
}

}  // namespace heapmeter
