// SPDX-License-Identifier: MIT
//
// What the meter knows of this process, as one object. Its parts are objects of their own, so that tests make
// as many as they like.
#pragma once

#include "base/compiler.h"
#include "books/faults.h"
#include "books/peak.h"
#include "books/slots.h"
#include "books/sums.h"

namespace heapmeter {

struct Meter {
  // These two begin with what every process writes to, by far the most of it on one page: see counters.h.
  Peak peak;
  Slots slots;
  Faults faults;
  KeptSums kept = {};  // last: most of it is hardly ever touched
};

alignas(4096) inline constinit HEAPMETER_HIDDEN Meter meter HEAPMETER_APART("meter");

}  // namespace heapmeter
