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
  Peak peak;
  Faults faults;
  Slots slots;
  KeptSums kept = {};  // last: most of it is hardly ever touched
};

inline constinit HEAPMETER_HIDDEN Meter meter HEAPMETER_APART("meter");

}  // namespace heapmeter
