// SPDX-License-Identifier: MIT
#include "service/pages/look.h"

#include "base/compiler.h"
#include "leaks/look.h"
#include "leaks/totals.h"
#include "service/pages/holders.h"
#include "service/pages/last_look.h"
#include "service/pages/places.h"
#include "service/pages/who.h"
#include "sites/sites.h"
#include "tracking/knowledge.h"

namespace heapmeter::pages {
namespace {

using leaks::Findings;
using leaks::Lost;

constexpr uint32_t kPatienceMs = 60'000;
// So many fit the room there is; the rest is counted.
constexpr size_t kMostBlocks = 100'000;
constexpr size_t kMostRows = 500, kMostFrames = 256;
// What a row may take, and what is written behind all of them.
constexpr size_t kRoomForRow = 512 + kMostFrames * 28, kRoomForModule = 512, kRoomBehind = 160 << 10;

constinit leaks::Look look HEAPMETER_APART("look");
// A forked child need not look at the pages of one that never was.
constinit bool looked = false;
constinit leaks::Look last_look HEAPMETER_APART("last_look");

const char *name(Family family) noexcept {
  switch (family) {
    case Family::kNone:
      break;
    case Family::kMalloc:
      return "malloc";
    case Family::kNew:
      return "new";
    case Family::kNewArray:
      return "new[]";
  }
  return "";
}

void add_sum(TextBuffer &out, const leaks::Sum &sum) noexcept {
  out.field("lost_blocks", sum.blocks);
  out.field("lost_bytes", sum.bytes);
  out.field("lost_indirectly_blocks", sum.indirectly_blocks);
  out.field("lost_indirectly_bytes", sum.indirectly_bytes);
  out.field("perhaps_in_registers_blocks", sum.perhaps_blocks);
  out.field("perhaps_in_registers_bytes", sum.perhaps_bytes);
}

void add_head(TextBuffer &out, const Findings &findings, const leaks::Look &look) noexcept {
  add_sum(out, leaks::sum(findings));
  out.field("registers", findings.registers);
  out.field("not_looked_at_bytes", findings.unread_bytes);
  out.field("live_blocks", findings.live_blocks);
  out.field("live_bytes", findings.live_bytes);
  out.field("root_bytes", findings.root_bytes);
  out.field("tries", look.tries());
  out.field("unprepared_tries", look.unprepared_tries());
  out.field("told_by_half", findings.told_by_half);
  out.open_field("seconds", "");
  out.add_thousandths((findings.done_ns - findings.began_ns) / 1'000'000);
  out.close("");
}

void add_item(TextBuffer &out, uint64_t number) noexcept {
  out.open("");
  out.add(number);
  out.close("");
}

void add_block(TextBuffer &out, const Lost &lost) noexcept {
  out.open("[");
  const uint64_t numbers[] = {lost.address, lost.size, lost.hash, lost.site, lost.group};
  for (const uint64_t number : numbers) add_item(out, number);
  out.open("");
  out.add_json_string(name(lost.family));
  out.close("");
  add_item(out, lost.indirectly ? 1 : 0);
  add_item(out, lost.perhaps ? 1 : 0);
  out.close("]");
}

void add_row(TextBuffer &out, const leaks::Alike &row) noexcept {
  out.open("{");
  out.field("family", name(row.family));
  out.field("block_bytes", row.size);
  add_sum(out, row.sum);
  out.field("example", row.example);
  if (row.site != 0) {
    out.open_field("stack", "");
    add_stack(out, row.site, kMostFrames);
    out.close("");
  }
  out.close("}");
}

// As many as there is room for, the largest; the others in one. Whoever reads it is elsewhere: stacks are
// told whole.
void add_rows(TextBuffer &out, Findings &findings) noexcept {
  const leaks::Rows rows(findings);
  out.open_field("lost", "[");
  const size_t room = kRoomForRow + kRoomBehind + sites::the_sites.modules().count() * kRoomForModule;
  size_t at = 0;
  for (; at < rows.size() && at < kMostRows; ++at) {
    if (out.capacity() - out.size() < room) break;
    add_row(out, rows[at]);
  }
  out.close("]");
  leaks::Sum others{};
  others.blocks = findings.unlisted_blocks;
  others.bytes = findings.unlisted_bytes;
  for (size_t other = at; other < rows.size(); ++other) others.add(rows[other].sum);
  out.open_field("other", "{");
  out.field("rows", rows.size() - at);
  add_sum(out, others);
  out.close("}");
  out.field("not_listed_blocks", others.blocks + others.perhaps_blocks);
  add_modules(out);
}

Refusal refusal(const char *failure) noexcept {
  return failure == nullptr ? Refusal{} : Refusal{409, failure};
}

}  // namespace

Refusal begin_look() noexcept {
  looked = true;
  return refusal(look.begin(0, kKnowledge, kPatienceMs));
}
bool go_on_looking(const char *&failure) noexcept {
  const auto [ended, reason] = look.step();
  failure = reason;
  return ended;
}
Refusal begin_holders(const char *query, size_t length) noexcept {
  static leaks::Wanted wanted HEAPMETER_APART("wanted");  // the service's, as the look is
  if (!parse_wanted(query, length, wanted))
    return {400, "leaf=N[,N...][&apart] is asked for, as /v1/sites has them, or bytes=N[-N]"};
  looked = true;
  return refusal(look.begin_holders(wanted, kKnowledge, kPatienceMs));
}
uint64_t look_due_ns() noexcept { return look.due_ns(); }
void break_off_look() noexcept { look.break_off(); }
void forget_look() noexcept {
  if (looked) look.in_child();
}

void write_look(TextBuffer &out) noexcept {
  out.open("{");
  out.field("schema", uint64_t{1});
  add_process(out);
  const Findings *findings = look.findings();
  if (findings != nullptr && findings->way_count != 0) {
    add_holders(out, *findings);
  } else if (findings != nullptr) {
    keep_look(*findings);
    add_head(out, *findings, look);
    const size_t most = findings->lost_count < kMostBlocks ? findings->lost_count : kMostBlocks;
    out.field("not_listed_blocks", findings->lost_count - most + findings->unlisted_blocks);
    out.open_field("block_columns",
                   R"(["address","bytes","contents","leaf","group","family","indirectly","perhaps")");
    out.close("]");
    out.open_field("blocks", "[");
    for (size_t at = 0; at < most; ++at) add_block(out, findings->lost[at]);
    out.close("]");
  }
  out.close("}");
  look.forget();
}

void add_last_look(TextBuffer &out, uintptr_t stack_pointer) noexcept {
  const char *failure = last_look.take_last(stack_pointer, kKnowledge, kPatienceMs);
  out.open_field("leaks", "{");
  if (failure != nullptr) {
    out.field("failure", failure);
  } else if (Findings *findings = last_look.findings()) {
    add_head(out, *findings, last_look);
    add_rows(out, *findings);
  }
  out.close("}");
  last_look.forget();
}

void add_last_look_line(TextBuffer &out, uintptr_t stack_pointer) noexcept {
  const char *failure = last_look.take_last(stack_pointer, kKnowledge, kPatienceMs);
  out.add("heapmeter: lost          ");
  if (failure != nullptr || last_look.findings() == nullptr) {
    out.add("not known: ");
    out.add(failure == nullptr ? "" : failure);
  } else {
    const leaks::Sum all = leaks::sum(*last_look.findings());
    const bool is_proven = all.blocks != 0 || all.perhaps_blocks == 0;
    out.add(is_proven ? all.bytes : all.perhaps_bytes);
    out.add(" bytes in ");
    out.add(is_proven ? all.blocks : all.perhaps_blocks);
    out.add(" blocks");
    if (!is_proven) {
      out.add(", perhaps: registers may hold them all");
    } else if (all.perhaps_blocks != 0) {
      out.add(", at least; perhaps ");
      out.add(all.perhaps_blocks);
      out.add(" more, that registers may hold");
    }
  }
  out.add("\n");
  last_look.forget();
}

}  // namespace heapmeter::pages
