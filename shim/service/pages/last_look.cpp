// SPDX-License-Identifier: MIT
#include "service/pages/last_look.h"

#include "base/sys.h"
#include "leaks/totals.h"

namespace heapmeter::pages {
namespace {

struct Kept {
  leaks::Sum sum;
  uint64_t done_ns, taken_ns, copying_ns;
  int process;  // a forked child has none yet
};
// The one that is read is not written to.
constinit Kept kept[2] = {};
constinit uint32_t newest = 0;

void add_seconds(TextBuffer &out, const char *name, uint64_t nanoseconds) noexcept {
  out.open_field(name, "");
  out.add_thousandths(nanoseconds / 1'000'000);
  out.close("");
}

}  // namespace

void keep_look(const leaks::Findings &findings) noexcept {
  const uint32_t next = __atomic_load_n(&newest, __ATOMIC_RELAXED) ^ 1;
  kept[next] = {leaks::sum(findings), findings.done_ns, findings.done_ns - findings.began_ns,
                findings.copying_ns, sys::pid()};
  __atomic_store_n(&newest, next, __ATOMIC_RELEASE);
}

void add_kept_look(TextBuffer &out) noexcept {
  const Kept &last = kept[__atomic_load_n(&newest, __ATOMIC_ACQUIRE)];
  if (last.process == 0 || last.process != sys::pid()) return;
  out.open_field("last_look", "{");
  out.field("monotonic_ns", last.done_ns);
  add_seconds(out, "seconds", last.taken_ns);
  add_seconds(out, "pause_seconds", last.copying_ns);
  out.field("lost_blocks", last.sum.blocks);
  out.field("lost_bytes", last.sum.bytes);
  out.field("perhaps_in_registers_blocks", last.sum.perhaps_blocks);
  out.field("perhaps_in_registers_bytes", last.sum.perhaps_bytes);
  out.close("}");
}

}  // namespace heapmeter::pages
