// SPDX-License-Identifier: MIT
//
// The pages that another process gives, under arbitrary bytes: each parser takes them or says that it is no
// such page, in one of the two errors that a user is shown. What is taken is walked once, as a view would.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "client/exchange.h"
#include "lost/look.h"
#include "lost/rows.h"
#include "readings/heap_map.h"
#include "readings/mark.h"
#include "readings/reading.h"
#include "readings/size_classes.h"
#include "readings/thread_list.h"
#include "sites/page.h"
#include "sites/stacks.h"
#include "sites/wrong_calls.h"
#include "text/user_error.h"

using namespace heapmeter::cli;

namespace {

template <typename Take>
void take(Take parse) {
  try {
    parse();
  } catch (const NoAnswer &) {
  } catch (const UserError &) {
  }
}

void walk(const sites::Profile &profile) {
  for (const sites::Site &site : profile.sites) {
    for (std::uint32_t node = site.leaf; node != 0; node = profile.node(node).parent) {
      if (profile.node(node).parent >= node) abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::string_view text(reinterpret_cast<const char *>(data), size);
  take([&] { parse_reading(text); });
  take([&] { parse_size_classes(text); });
  take([&] { parse_thread_list(text); });
  take([&] { parse_heap_map(text); });
  take([&] { lost::rows(lost::parse_look(text)); });
  take([&] { walk(sites::parse_profile(text)); });
  take([&] { walk(sites::parse_wrong_calls(text).code); });
  take([&] { parse_mark(text, "a file"); });
  return 0;
}
