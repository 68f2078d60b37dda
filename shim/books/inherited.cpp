// SPDX-License-Identifier: MIT
#include "books/inherited.h"

#include "base/compiler.h"
#include "base/sys.h"
#include "books/snapshot.h"

namespace heapmeter::inherited {
namespace {

constinit int noted_in = 0;
constinit Origin noted = Origin::kOwn;
constinit heapmeter_snapshot from_parent HEAPMETER_APART("inherited") = {};

}  // namespace

void nothing() noexcept { noted_in = sys::pid(); }

void everything() noexcept {
  snapshot::take_counts(from_parent);
  noted = Origin::kForked;
  noted_in = sys::pid();
}

Origin origin() noexcept { return noted_in == sys::pid() ? noted : Origin::kUnknown; }

const heapmeter_snapshot &counts() noexcept { return from_parent; }

}  // namespace heapmeter::inherited
