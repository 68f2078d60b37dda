// SPDX-License-Identifier: MIT
#include "service/pages.h"

#include <string.h>

#include <heapmeter/protocol.h>

#include "service/pages/account.h"
#include "service/pages/metrics.h"
#include "service/pages/sites.h"
#include "service/pages/sizes.h"
#include "service/pages/snapshot.h"
#include "service/pages/threads.h"
#include "service/pages/who.h"

namespace heapmeter::pages {
namespace {

constexpr const char *kJson = "application/json";
constexpr Page kPages[] = {
    {HEAPMETER_PATH_IDENTITY, kJson, write_who},
    {HEAPMETER_PATH_SNAPSHOT, kJson, write_snapshot},
    {HEAPMETER_PATH_SIZES, kJson, write_sizes},
    {HEAPMETER_PATH_THREADS, kJson, write_threads},
    {HEAPMETER_PATH_ACCOUNT, kJson, account::write},
    {HEAPMETER_PATH_SITES, kJson, write_sites, room_for_sites},
    {HEAPMETER_PATH_SITE_THREADS, kJson, write_sites_by_thread, room_for_sites_by_thread},
    {HEAPMETER_PATH_METRICS, "application/openmetrics-text; version=1.0.0; charset=utf-8", metrics::write},
};

}  // namespace

const Page *find(const char *path, size_t length) noexcept {
  for (const Page &page : kPages) {
    if (strlen(page.path) == length && memcmp(page.path, path, length) == 0) return &page;
  }
  return nullptr;
}

}  // namespace heapmeter::pages
