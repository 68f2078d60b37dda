// SPDX-License-Identifier: MIT
#include "service/pages/threads.h"

#include "base/identity.h"
#include "books/meter.h"
#include "books/slots.h"
#include "service/pages/who.h"

namespace heapmeter::pages {
namespace {

void add_totals(TextBuffer &out, const ThreadTotals &totals) noexcept {
  out.field("allocations", totals.allocations);
  out.field("frees", totals.frees);
  out.field("reallocations", totals.reallocations);
  out.field("allocated_bytes", totals.allocated_bytes);
  out.field("freed_bytes", totals.freed_bytes);
}

}  // namespace

void add_threads(TextBuffer &out) noexcept {
  out.open_field("threads", "[");
  const ThreadTotals exited = Reading(meter.slots, meter.kept).each_thread([&](const Row &row) {
    char name[64];
    thread_name(row.tid, name, sizeof name);
    out.open("{");
    out.field("tid", static_cast<uint64_t>(row.tid));
    out.field("name", name);
    add_totals(out, row.owners);
    out.close("}");
  });
  out.close("]");
  out.open_field("exited", "{");
  add_totals(out, exited);
  out.close("}");
}

void write_threads(TextBuffer &out) noexcept {
  out.open("{");
  add_process(out);
  add_threads(out);
  out.close("}");
}

}  // namespace heapmeter::pages
