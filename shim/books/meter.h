// SPDX-License-Identifier: MIT
//
// What the meter knows of this process, as one object. Its parts are objects of their own, so that tests make
// as many as they like.
#pragma once

#include "books/peak.h"
#include "books/slots.h"

namespace heapmeter {

struct Meter {
  Peak peak;
  Slots slots;
};

inline constinit HEAPMETER_HIDDEN Meter meter;

}  // namespace heapmeter
