// SPDX-License-Identifier: MIT
#include "service/pages.h"

#include <string.h>

#include <heapmeter/protocol.h>

#include "backend/allocator.h"
#include "base/identity.h"
#include "base/version.h"
#include "books/faults.h"
#include "books/meter.h"
#include "books/snapshot.h"
#include "service/pages/account.h"
#include "service/pages/metrics.h"

namespace heapmeter::pages {
namespace {

constexpr const char *kFeatures[] = {"snapshot", "sizes", "threads", "account", "metrics"};

void add_identity(TextBuffer &out, const Identity &who) noexcept {
  out.field("version", kVersion);
  out.field("protocol", HEAPMETER_PROTOCOL_VERSION);
  out.field("pid", static_cast<uint64_t>(who.pid));
  out.field("parent_pid", static_cast<uint64_t>(who.parent_pid));
  out.field("start_time", who.start_time);
  out.field("counting_since_ns", who.counting_since_ns);
  out.field("name", who.name);
  out.field("backend", backend::name());
}

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

void write_who(TextBuffer &out) noexcept {
  static char memory[64 * 1024];
  out.open("{");
  add_identity(out, identify());
  const size_t path = executable_path(memory, sizeof memory);
  out.open_field("exe", "");
  out.add_json_string(memory, path);
  out.close("");
  out.open_field("command", "[");
  const size_t length = command_line(memory, sizeof memory);
  for (size_t at = 0; at < length;) {
    const size_t argument = strnlen(memory + at, length - at);
    out.open("");
    out.add_json_string(memory + at, argument);
    out.close("");
    at += argument + 1;
  }
  out.close("]");
  out.open_field("features", "[");
  for (const char *feature : kFeatures) {
    out.open("");
    out.add_json_string(feature);
    out.close("");
  }
  out.close("]");
  out.close("}");
}

// `least` and `class_bytes` are the smallest and the largest request that belong to it; `usable` is null when
// not known.
void add_class(TextBuffer &out, uint64_t least, uint64_t class_bytes, const Cell &sum,
               const uint64_t *usable) noexcept {
  if (sum.blocks_in == 0) return;
  out.open("{");
  out.field("least_bytes", least);
  out.field("class_bytes", class_bytes);
  out.field("live_blocks", sum.blocks_in - sum.blocks_out);
  out.field("live_bytes", sum.bytes_in - sum.bytes_out);
  if (usable != nullptr) out.field("usable_bytes", *usable);
  out.field("allocations", sum.blocks_in);
  out.field("frees", sum.blocks_out);
  out.close("}");
}

void add_classes(TextBuffer &out, Bins &bins) noexcept {
  snapshot::take_bins(bins);
  out.open_field("classes", "[");
  for (size_t bin = 0; bin < kFineBins;) {
    // The fine bins of one size class side by side make the class.
    const size_t class_bytes = backend::class_bytes(bin * kGranule);
    const uint64_t least = fine_bin_least(bin);
    Cell sum{};
    for (; bin < kFineBins && backend::class_bytes(bin * kGranule) == class_bytes; ++bin) {
      sum.blocks_in += bins.fine[bin].blocks_in;
      sum.bytes_in += bins.fine[bin].bytes_in;
      sum.blocks_out += bins.fine[bin].blocks_out;
      sum.bytes_out += bins.fine[bin].bytes_out;
    }
    // Another allocator rounds in ways of its own: what its small blocks take is known of all together only.
    const uint64_t usable = (sum.blocks_in - sum.blocks_out) * class_bytes;
    add_class(out, least, class_bytes, sum, backend::has_classes() ? &usable : nullptr);
  }
  for (size_t bin = 0; bin < kCoarseBins; ++bin) {
    const CoarseCell &cell = bins.coarse[bin];
    const uint64_t usable = cell.usable_in - cell.usable_out;
    add_class(out, coarse_bin_least(bin), coarse_bin_bytes(bin), cell.requested, &usable);
  }
  out.close("]");
}

void add_process(TextBuffer &out) noexcept {
  const Identity who = identify();
  out.field("pid", static_cast<uint64_t>(who.pid));
  out.field("start_time", who.start_time);
}

void write_sizes(TextBuffer &out) noexcept {
  static Bins bins;
  out.open("{");
  add_process(out);
  add_classes(out, bins);
  out.close("}");
}

void add_totals(TextBuffer &out, const ThreadTotals &totals) noexcept {
  out.field("allocations", totals.allocations);
  out.field("frees", totals.frees);
  out.field("reallocations", totals.reallocations);
  out.field("allocated_bytes", totals.allocated_bytes);
  out.field("freed_bytes", totals.freed_bytes);
}

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
  add_kinds(out, now);
  add_faults(out);
}

void write_snapshot(TextBuffer &out) noexcept {
  out.open("{");
  add_snapshot(out);
  out.close("}");
}

constexpr const char *kJson = "application/json";
constexpr Page kPages[] = {
    {HEAPMETER_PATH_IDENTITY, kJson, write_who},
    {HEAPMETER_PATH_SNAPSHOT, kJson, write_snapshot},
    {HEAPMETER_PATH_SIZES, kJson, write_sizes},
    {HEAPMETER_PATH_THREADS, kJson, write_threads},
    {HEAPMETER_PATH_ACCOUNT, kJson, account::write},
    {HEAPMETER_PATH_METRICS, "application/openmetrics-text; version=1.0.0; charset=utf-8", metrics::write},
};

}  // namespace

void write_report(TextBuffer &out) noexcept {
  static Bins bins;  // not the service's
  out.open("{");
  add_snapshot(out);
  out.open_field("time", "");
  out.add_thousandths(thousandths_since_1970());
  out.close("");
  out.open_field("pages", "{");
  out.open_field("sizes", "{");
  add_classes(out, bins);
  out.close("}");
  const size_t without_threads = out.size();
  out.open_field("threads", "{");
  add_threads(out);
  out.close("}}}");
  if (!out.overflowed()) return;
  out.shorten(without_threads);
  out.close("}}");
}

const Page *find(const char *path, size_t length) noexcept {
  for (const Page &page : kPages) {
    if (strlen(page.path) == length && memcmp(page.path, path, length) == 0) return &page;
  }
  return nullptr;
}

}  // namespace heapmeter::pages
