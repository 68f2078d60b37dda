// SPDX-License-Identifier: MIT
#include "verbs/wrong_places.h"

#include <heapmeter/protocol.h>

#include <boost/json/serialize.hpp>

#include "client/client.h"
#include "client/page.h"
#include "sites/naming.h"
#include "sites/wrong_calls.h"
#include "views/wrong_places.h"

namespace heapmeter::cli {
namespace {

// Of a living process, or with 0 by the files of its modules.
void find(Reading &reading, int pid, const std::string &page) {
  const sites::WrongCalls calls = sites::parse_wrong_calls(page);
  if (calls.all.empty()) return;
  add_places(reading, calls, sites::named(pid, calls.code, sites::Progress::kSilent).stacks);
}

}  // namespace

void find_places(Reading &reading, const Target &target, std::chrono::milliseconds patience) {
  const bool notes = !reading.sampling.empty() && reading.sampling != "off";
  if (reading.wrong_calls() == 0 || !notes) return;
  try {
    find(reading, target.local_pid, get(target.endpoint, HEAPMETER_PATH_SITES, in(patience)));
  } catch (const NoAnswer &) {
    // Then its wrong calls are told without.
  }
}

void find_reported_places(Reading &reading) {
  if (reading.wrong_calls() == 0) return;
  try {
    const boost::json::object *pages = page::object(reading.fields, "pages");
    const boost::json::object *sites = pages == nullptr ? nullptr : page::object(*pages, "sites");
    if (sites == nullptr) return;
    find(reading, 0, boost::json::serialize(*sites));
  } catch (const NoAnswer &) {
    // Likewise.
  }
}

}  // namespace heapmeter::cli
