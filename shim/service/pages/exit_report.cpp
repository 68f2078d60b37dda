// SPDX-License-Identifier: MIT
#include "service/pages/exit_report.h"

#include "base/compiler.h"
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
  static char memory[2048] HEAPMETER_APART("process_use");
  add_executable(out, memory, sizeof memory);
  add_command(out, memory, sizeof memory);
  out.open_field("cpu_seconds", "");
  out.add_thousandths(cpu_thousandths());
  out.close("");
  const Resident memory_used = resident();
  out.field("rss_peak_bytes", memory_used.peak_bytes);
  out.field("rss_file_bytes", memory_used.file_bytes);
}

// What is written as far as there is room: rather fewer sites than no threads, and rather sites than threads.
// A row of code is made of many sites.
constexpr struct {
  size_t sites;
  bool threads;
} kAsTheyFit[] = {{512, true},  {128, true}, {32, true}, {512, false},
                  {128, false}, {32, false}, {0, true},  {0, false}};

void add_threads_field(TextBuffer &out) noexcept {
  out.open_field("threads", "{");
  add_threads(out);
  out.close("}");
}

// To the end of the report.
void add_sites_and_threads(TextBuffer &out) noexcept {
  const bool has_sites = attribution::status().mode != sites::Mode::kOff;
  const size_t without = out.size();
  for (const auto &[most_sites, threads] : kAsTheyFit) {
    if (most_sites != 0 && !has_sites) continue;
    if (most_sites != 0) add_largest_sites(out, most_sites);
    if (threads) add_threads_field(out);
    out.close("}}");
    if (!out.overflowed()) return;
    out.shorten(without);
  }
}

}  // namespace

void write_report(TextBuffer &out, uintptr_t stack_pointer) noexcept {
  static Bins bins HEAPMETER_APART("report_bins");  // not the service's
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
  add_sites_and_threads(out);
}

}  // namespace heapmeter::pages
