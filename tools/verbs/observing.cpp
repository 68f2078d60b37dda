// SPDX-License-Identifier: MIT
#include "verbs/observing.h"

#include <heapmeter/protocol.h>

#include "doctor/memory_owners.h"
#include "system/limits.h"
#include "verdicts/rules.h"

namespace heapmeter::cli {

verdicts::Observed observe(const Target &target, const Reading &reading, const Account &account,
                           std::chrono::milliseconds patience) {
  verdicts::Observed observed;
  observed.reading = reading;
  observed.account = account;
  observed.classes = ask_target(target, HEAPMETER_PATH_SIZES, patience, parse_size_classes);
  observed.limits = memory_limits(target.local_pid);
  if (verdicts::not_mallocs(observed)) observed.owners = memory_owners(target.local_pid);
  return observed;
}

}  // namespace heapmeter::cli
