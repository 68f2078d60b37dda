// SPDX-License-Identifier: MIT
#include "fork.h"

#include <pthread.h>

#include "base/options.h"
#include "books/inherited.h"
#include "books/ledger.h"
#include "books/thread_state.h"
#include "service/notices.h"
#include "service/thread.h"
#include "tracking/attribution.h"
#include "tracking/huge_pages.h"
#include "tracking/surplus.h"
#include "tracking/tracked_heap.h"

namespace heapmeter::fork {
namespace {

void in_child() {
  the_ledger.in_child();
  surplus::in_child();
  huge_pages::advised.in_child();
  threads::after_fork();
  // It is only the report that tells of it.
  if (options::get().report != nullptr) inherited::everything();
  attribution::in_child();
  service::after_fork();
  if (options::get().follow) notices::forked();
  if (!options::get().follow) {
    tracked_heap::when_reached(nullptr);
  } else if (tracked_heap::metering()) {
    service::start();
  } else {
    tracked_heap::when_reached(service::start);
  }
}

}  // namespace

void watch() noexcept { pthread_atfork(nullptr, nullptr, in_child); }

}  // namespace heapmeter::fork
