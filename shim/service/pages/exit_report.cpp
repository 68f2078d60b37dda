// SPDX-License-Identifier: MIT
#include "service/pages/exit_report.h"

#include "base/identity.h"
#include "base/options.h"
#include "service/pages/look.h"
#include "service/pages/sites.h"
#include "service/pages/sizes.h"
#include "service/pages/snapshot.h"
#include "service/pages/threads.h"
#include "service/pages/who.h"
#include "tracking/attribution.h"

namespace heapmeter::pages {

namespace {

// What a sum over many processes wants to know of each.
void add_process_use(TextBuffer &out) noexcept {
  static char memory[2048];
  add_executable(out, memory, sizeof memory);
  add_command(out, memory, sizeof memory);
  out.open_field("cpu_seconds", "");
  out.add_thousandths(cpu_thousandths());
  out.close("");
  const Resident memory_used = resident();
  out.field("rss_peak_bytes", memory_used.peak_bytes);
  out.field("rss_file_bytes", memory_used.file_bytes);
}

constexpr size_t kMostSites = 32;

void add_sites_as_they_fit(TextBuffer &out) noexcept {
  if (attribution::status().mode == sites::Mode::kOff) return;
  const size_t without = out.size();
  add_largest_sites(out, kMostSites);
  if (out.overflowed()) out.shorten(without);
}

}  // namespace

void write_report(TextBuffer &out, uintptr_t stack_pointer) noexcept {
  static Bins bins;  // not the service's
  out.open("{");
  add_snapshot(out);
  out.open_field("time", "");
  out.add_thousandths(thousandths_since_1970());
  out.close("");
  add_process_use(out);
  if (options::get().look_at_exit) add_last_look(out, stack_pointer);
  out.open_field("pages", "{");
  out.open_field("sizes", "{");
  add_classes(out, bins);
  out.close("}");
  add_sites_as_they_fit(out);
  const size_t without_threads = out.size();
  out.open_field("threads", "{");
  add_threads(out);
  out.close("}}}");
  if (!out.overflowed()) return;
  out.shorten(without_threads);
  out.close("}}");
}

}  // namespace heapmeter::pages
