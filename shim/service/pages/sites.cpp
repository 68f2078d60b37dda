// SPDX-License-Identifier: MIT
#include "service/pages/sites.h"

#include "base/identity.h"
#include "base/sys.h"
#include "books/meter.h"
#include "books/snapshot.h"
#include "service/pages/places.h"
#include "service/pages/site_figures.h"
#include "service/pages/site_threads.h"
#include "service/pages/who.h"
#include "tracking/attribution.h"

namespace heapmeter::pages {
namespace {

using sites::Place;
using sites::Sum;
using sites::the_sites;

const char *name(sites::Mode mode) noexcept {
  return mode == sites::Mode::kEvery ? "every" : mode == sites::Mode::kSampled ? "sampled" : "off";
}

uint64_t less(uint64_t a, uint64_t b) noexcept { return a > b ? a - b : 0; }

uint64_t resident_bytes() noexcept {
  uint64_t bytes = 0;
  size_t cursor = 0;
  for (sites::Memory memory; the_sites.next_memory(cursor, memory);) {
    bytes += sys::resident_bytes(memory.start, memory.bytes);
  }
  return bytes;
}

void add_status(TextBuffer &out) noexcept {
  const attribution::Status status = attribution::status();
  out.field("mode", name(status.mode));
  out.field("mean_bytes", status.mean_bytes);
  out.field("since", status.since);
  out.field("until", status.until);
  const char *const instead = status.instead != nullptr ? status.instead : attribution::impossible();
  if (instead != nullptr) out.field("instead", instead);
}

// What the sites do not explain is older than attribution. They are summed before the process's own numbers:
// what comes meanwhile then seems to be older, for this reading. Samples explain a part of everything.
void add_sums(TextBuffer &out, const SiteFigures &figures) noexcept {
  const bool every = attribution::status().mode != sites::Mode::kSampled;
  const Sum other = figures.other();
  uint64_t blocks = other.live_blocks, bytes = other.live_bytes;
  for (const SiteFigures::Site &site : figures) {
    blocks += site.sum.live_blocks;
    bytes += site.sum.live_bytes;
  }
  heapmeter_snapshot now;
  snapshot::take(now);
  out.field("live_bytes", now.live_bytes);
  out.field("live_blocks", now.live_blocks);
  out.field("allocations", now.allocations);
  out.field("allocated_bytes", now.allocated_bytes);
  out.field("before_live_bytes", every ? less(now.live_bytes, bytes) : 0);
  out.field("before_live_blocks", every ? less(now.live_blocks, blocks) : 0);
  out.field("peak_bytes", now.peak_bytes);
  out.field("peak_error_bytes", now.peak_error_bytes);
  out.field("peak_live_bytes", figures.peak_bytes());
  out.field("peak_live_error_bytes", figures.peak_error_bytes());
  out.open_field("peak_live_time", "");
  out.add_thousandths(figures.peak_thousandths());
  out.close("");
  out.field("other_peak_bytes", other.peak_bytes);
  out.field("other_peak_blocks", other.peak_blocks);
  out.field("other_live_bytes", other.live_bytes);
  out.field("other_live_blocks", other.live_blocks);
  out.field("other_allocations", other.allocations);
  out.field("other_allocated_bytes", other.allocated_bytes);
}

void add_head(TextBuffer &out, const SiteFigures &figures) noexcept {
  const Identity who = identify();
  out.field("schema", uint64_t{1});
  out.field("pid", static_cast<uint64_t>(who.pid));
  out.field("start_time", who.start_time);
  out.field("name", who.name);
  out.open_field("time", "");
  out.add_thousandths(thousandths_since_1970());
  out.close("");
  add_status(out);
  add_sums(out, figures);
  const auto captures = the_sites.captures();
  out.field("captures", captures.all);
  out.field("cut_short", captures.cut_short);
  out.field("limit_bytes", the_sites.budget().limit());
  out.field("sites_bytes", resident_bytes());
}

void add_number(TextBuffer &out, uint64_t number) noexcept {
  out.open("");
  out.add(number);
  out.close("");
}

void add_node(TextBuffer &out, const SiteFigures &figures, uint32_t parent, Place place) noexcept {
  out.open("[");
  add_number(out, figures.of_node(parent));
  add_place(out, place);
  out.close("]");
}

void add_nodes(TextBuffer &out, const SiteFigures &figures) noexcept {
  out.open_field("nodes", "[");
  const uint32_t count = the_sites.table().mapped() ? the_sites.table().nodes() : 1;
  for (uint32_t node = 1; node < count; ++node) {
    if (figures.of_node(node) != 0)
      add_node(out, figures, the_sites.table().parent(node), the_sites.table().place(node));
  }
  out.close("]");
}

constexpr const char *kColumns[] = {
    "leaf",       "live_blocks", "live_bytes",   "allocations",    "allocated_bytes",
    "temporary",  "samples",     "live_samples", "variance_bytes", "peak_blocks",
    "peak_bytes", "age_ms",      "oldest_ms",    "reallocations"};

// Else it is where a wrong call came from.
bool has_allocated(const SiteFigures::Site &site) noexcept {
  const Sum &sum = site.sum;
  return (sum.allocations | sum.reallocations | sum.live_blocks | sum.samples | sum.allocated_bytes) != 0;
}

// Of those that the snapshot has, by their place in its list, whose code is known.
void add_wrong_calls(TextBuffer &out, const SiteFigures &figures) noexcept {
  out.open_field("wrong_calls", "[");
  for (int place = 0; place < Faults::kRecords; ++place) {
    const faults::Where where = meter.faults.at(place).where;
    if (!where.any() || where.epoch != the_sites.epoch() % faults::kEpochs) continue;
    out.open("[");
    add_number(out, static_cast<uint64_t>(place));
    add_number(out, figures.of_node(SiteFigures::leaf_of(where.made)));
    add_number(out, figures.of_node(SiteFigures::leaf_of(where.called)));
    out.close("]");
  }
  out.close("]");
}

void add_sites(TextBuffer &out, const SiteFigures &figures) noexcept {
  out.open_field("site_columns", "[");
  for (const char *column : kColumns) {
    out.open("");
    out.add_json_string(column);
    out.close("");
  }
  out.close("]");
  out.open_field("sites", "[");
  for (const SiteFigures::Site &site : figures) {
    if (site.leaf == 0 || !has_allocated(site)) continue;
    const uint64_t row[] = {figures.of_node(site.leaf), site.sum.live_blocks,     site.sum.live_bytes,
                            site.sum.allocations,       site.sum.allocated_bytes, site.sum.temporary,
                            site.sum.samples,           site.estimate.samples,    site.estimate.variance,
                            site.sum.peak_blocks,       site.sum.peak_bytes,      site.estimate.age_ms(),
                            site.estimate.oldest_ms,    site.sum.reallocations};
    out.open("[");
    for (const uint64_t number : row) add_number(out, number);
    out.close("]");
  }
  out.close("]");
}

void add_lifetimes_of(TextBuffer &out, uint32_t leaf, const uint64_t *blocks) noexcept {
  for (unsigned doubling = 0; doubling < sites::Lifetimes::kDoublings; ++doubling) {
    const uint64_t lived = rounded(load_whole(blocks[doubling]));
    if (lived == 0) continue;
    out.open("[");
    const uint64_t row[] = {leaf, doubling, lived};
    for (const uint64_t number : row) add_number(out, number);
    out.close("]");
  }
}

void add_lifetimes(TextBuffer &out, const SiteFigures &figures) noexcept {
  out.open_field("lifetimes", "[");
  uint32_t number = sites::Table::kFirst;
  for (const SiteFigures::Site &site : figures) {
    const uint64_t *blocks = the_sites.lifetimes().of(number++);
    if (site.leaf != 0 && blocks != nullptr) add_lifetimes_of(out, figures.of_node(site.leaf), blocks);
  }
  out.close("]");
}

}  // namespace

void write_sites_head(TextBuffer &out) noexcept {
  const SiteFigures figures;
  out.open("{");
  add_head(out, figures);
  out.close("}");
}

static void add_tags(TextBuffer &out) noexcept {
  out.open_field("tags", "[");
  for (uint32_t number = 1; number < the_sites.tag_names().count(); ++number) {
    out.open("");
    out.add_json_string(the_sites.tag_names().at(number));
    out.close("");
  }
  out.close("]");
}

// Sites before nodes, and nodes before modules: what a site leads to was there before it. More may come
// meanwhile, to which no site of this page leads.
static void add_all(TextBuffer &out, const SiteFigures &figures) noexcept {
  add_head(out, figures);
  add_sites(out, figures);
  add_wrong_calls(out, figures);
  add_lifetimes(out, figures);
  add_nodes(out, figures);
  add_tags(out);
  add_modules(out);
}

void write_sites(TextBuffer &out) noexcept {
  const SiteFigures figures;
  out.open("{");
  add_all(out, figures);
  out.close("}");
}

void write_sites_by_thread(TextBuffer &out) noexcept {
  const SiteFigures figures;
  out.open("{");
  add_all(out, figures);
  add_threads_of_sites(out, figures);
  out.close("}");
}

bool add_largest_sites(TextBuffer &out, size_t most) noexcept {
  SiteFigures figures;
  if (!figures.keep_largest(most)) return false;
  out.open_field("sites", "{");
  add_all(out, figures);
  out.close("}");
  return true;
}

size_t room_for_sites() noexcept {
  constexpr size_t kHead = size_t{1} << 20, kRow = (sizeof kColumns / sizeof *kColumns) * 21, kNode = 40,
                   kModule = 512, kLived = 36;
  if (!the_sites.table().mapped()) return 0;
  const size_t tags = the_sites.tag_names().count() * 6 * sites::TagNames::kLongest;
  const size_t now = tags + the_sites.table().sites() * kRow + the_sites.table().nodes() * kNode +
                     the_sites.modules().count() * kModule + the_sites.lifetimes().most_rows() * kLived;
  return kHead + now + now / 4;
}

size_t room_for_sites_by_thread() noexcept { return room_for_sites() + room_for_threads_of_sites(); }

}  // namespace heapmeter::pages
