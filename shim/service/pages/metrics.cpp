// SPDX-License-Identifier: MIT
#include "service/pages/metrics.h"

#include <string.h>

#include "base/version.h"
#include "books/snapshot.h"

namespace heapmeter::metrics {
namespace {

// A unit must end the metric's name to be declared; of ours only bytes does.
bool in_bytes(const char *name) noexcept {
  const size_t length = strlen(name);
  return length > 6 && strcmp(name + length - 6, "_bytes") == 0;
}

void head(TextBuffer &out, const char *type, const char *name, const char *help) noexcept {
  const char *const lines[] = {"# TYPE heapmeter_", name, " ", type, "\n"};
  for (const char *part : lines) out.add(part);
  if (in_bytes(name)) {
    const char *const unit[] = {"# UNIT heapmeter_", name, " bytes\n"};
    for (const char *part : unit) out.add(part);
  }
  const char *const text[] = {"# HELP heapmeter_", name, " ", help, "\n"};
  for (const char *part : text) out.add(part);
}

void metric(TextBuffer &out, const char *type, const char *name, const char *help, uint64_t value) noexcept {
  head(out, type, name, help);
  out.add("heapmeter_");
  out.add(name);
  if (strcmp(type, "counter") == 0) out.add("_total");
  out.add(" ");
  out.add(value);
  out.add("\n");
}

void of_kind(TextBuffer &out, const char *name, const char *kind, uint64_t value) noexcept {
  const char *const parts[] = {"heapmeter_", name, "_total{kind=\"", kind, "\"} "};
  for (const char *part : parts) out.add(part);
  out.add(value);
  out.add("\n");
}

}  // namespace

void write(TextBuffer &out) noexcept {
  heapmeter_snapshot now;
  snapshot::take(now);
#define HEAPMETER_COUNTER(type, name, unit, help) metric(out, #type, #name, help, now.name);
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  size_t kind = 0;
  head(out, "counter", "allocations_by_kind", "Blocks allocated, by kind of call");
#define HEAPMETER_ALLOCATION_KIND(name, help) \
  of_kind(out, "allocations_by_kind", #name, now.allocations_by_kind[kind++]);
#include <heapmeter/kinds.def>
#undef HEAPMETER_ALLOCATION_KIND
  kind = 0;
  head(out, "counter", "frees_by_kind", "Blocks freed, by kind of call");
#define HEAPMETER_FREE_KIND(name, help) of_kind(out, "frees_by_kind", #name, now.frees_by_kind[kind++]);
#include <heapmeter/kinds.def>
#undef HEAPMETER_FREE_KIND
  head(out, "info", "build", "The library that counts");
  out.add("heapmeter_build_info{version=\"");
  out.add(kVersion);
  out.add("\"} 1\n# EOF\n");
}

}  // namespace heapmeter::metrics
