// SPDX-License-Identifier: MIT
#include "service/pages/snapshot.h"

#include "base/identity.h"
#include "books/faults.h"
#include "books/inherited.h"
#include "books/ledger.h"
#include "books/meter.h"
#include "books/snapshot.h"
#include "service/pages/last_look.h"
#include "service/pages/who.h"
#include "tracking/attribution.h"
#include "tracking/huge_pages.h"

namespace heapmeter::pages {
namespace {

void add_kinds(TextBuffer &out, const heapmeter_snapshot &now) noexcept {
  size_t kind = 0;
  out.open_field("allocations_by_kind", "{");
#define HEAPMETER_ALLOCATION_KIND(name, help) out.field(#name, now.allocations_by_kind[kind++]);
#include <heapmeter/kinds.def>
#undef HEAPMETER_ALLOCATION_KIND
  out.close("}");
  kind = 0;
  out.open_field("frees_by_kind", "{");
#define HEAPMETER_FREE_KIND(name, help) out.field(#name, now.frees_by_kind[kind++]);
#include <heapmeter/kinds.def>
#undef HEAPMETER_FREE_KIND
  out.close("}");
}

void add_faults(TextBuffer &out) noexcept {
  out.open_field("faults", "[");
  for (int place = 0; place < Faults::kRecords; ++place) {
    const faults::Record record = meter.faults.at(place);
    if (record.fault == faults::Fault::kNone) continue;
    out.open("{");
    out.field("fault", faults::name(record.fault));
    out.field("allocated_by", faults::name(record.allocated_by));
    out.field("released_by", faults::name(record.released_by));
    out.field("bytes", record.bytes);
    out.field("count", record.count);
    out.close("}");
  }
  out.close("]");
}

// In the words of the setting.
void add_sampling(TextBuffer &out) noexcept {
  const attribution::Status status = attribution::status();
  if (status.instead != nullptr) out.field("sampling_instead", status.instead);
  if (status.mode != sites::Mode::kSampled)
    return out.field("sampling", status.mode == sites::Mode::kEvery ? "every" : "off");
  out.open_field("sampling", "\"");
  out.add(status.mean_bytes);
  out.close("\"");
}

void add_inherited(TextBuffer &out) noexcept {
  const inherited::Origin origin = inherited::origin();
  if (origin == inherited::Origin::kOwn) return;
  if (origin == inherited::Origin::kUnknown) {
    out.open_field("before_fork", "null");
    out.close("");
    return;
  }
  const heapmeter_snapshot &then = inherited::counts();
  out.open_field("before_fork", "{");
  out.field("live_bytes", then.live_bytes);
  out.field("live_blocks", then.live_blocks);
  out.field("usable_bytes", then.usable_bytes);
  out.field("uncounted_blocks", then.uncounted_blocks);
#define HEAPMETER_INHERITED_gauge(name)
#define HEAPMETER_INHERITED_counter(name) out.field(#name, then.name);
#define HEAPMETER_COUNTER(type, name, unit, help) HEAPMETER_INHERITED_##type(name)
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
#undef HEAPMETER_INHERITED_counter
#undef HEAPMETER_INHERITED_gauge
  out.close("}");
}

}  // namespace

void add_snapshot(TextBuffer &out) noexcept {
  heapmeter_snapshot now;
  const Identity who = identify();
  snapshot::take(now);
  add_identity(out, who);
  out.open_field("uptime_seconds", "");
  out.add_thousandths(who.uptime_thousandths);
  out.close("");
  out.field("monotonic_ns", who.monotonic_ns);
#define HEAPMETER_COUNTER(type, name, unit, help) out.field(#name, now.name);
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  add_sampling(out);
  out.field("huge_pages", huge_pages::name(load_whole(huge_pages::state)));
  out.field("ledger", the_ledger.is_full() ? "full" : the_ledger.uses_pieces() ? "pieces" : "chunks");
  add_kinds(out, now);
  add_faults(out);
  add_inherited(out);
  add_kept_look(out);
}

void write_snapshot(TextBuffer &out) noexcept {
  out.open("{");
  add_snapshot(out);
  out.close("}");
}

}  // namespace heapmeter::pages
