// SPDX-License-Identifier: MIT
#include "service/report.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/compiler.h"
#include "base/options.h"
#include "base/sandbox.h"
#include "base/sys.h"
#include "base/text_buffer.h"
#include "books/snapshot.h"
#include "service/notices.h"
#include "service/pages/exit_report.h"
#include "service/pages/look.h"
#include "service/report_file.h"
#include "tracking/attribution.h"

namespace heapmeter::report {
namespace {

constinit int written_by = 0;

void expand_path(const char *pattern, TextBuffer &out) noexcept {
  for (const char *at = pattern; *at != '\0'; ++at) {
    if (at[0] == '%' && at[1] == 'p') {
      out.add(static_cast<uint64_t>(sys::pid()));
      ++at;
    } else {
      out.add(at, 1);
    }
  }
}

void complain(const char *path, long error) noexcept {
  notices::unwritten(error);
  // A sandbox that forbids files is the program's own choice, and its output is not the place to say so. Else
  // it is, by whatever rule the kernel refuses.
  if (sandbox::here() || report_file::is_shut_in(path, error)) return;
  char line[400];
  TextBuffer text(line, sizeof line - 1);
  text.add("the report could not be written to ");
  text.add(path, strnlen(path, 200));
  text.add(": ");
  text.add(report_file::reason(error));
  line[text.size()] = '\0';
  sys::warn(line);
}

void to_file(const char *pattern, uintptr_t stack_pointer) noexcept {
  // Static: the thread that ends the process may have a small stack, and this is written once.
  static char path[PATH_MAX] HEAPMETER_APART("report_path");
  TextBuffer name(path, sizeof path - 1);
  expand_path(pattern, name);
  path[name.size()] = '\0';
  static char little[128 * 1024] HEAPMETER_APART("report_text");
  constexpr size_t kMuch = 1 << 20;  // the tool reads no more
  const bool tells_of_code = options::get().look_at_exit || attribution::status().mode != sites::Mode::kOff;
  auto *memory = tells_of_code ? static_cast<char *>(sys::map(kMuch)) : nullptr;
  TextBuffer json(memory == nullptr ? little : memory, memory == nullptr ? sizeof little : kMuch);
  pages::write_report(json, stack_pointer);
  json.add("\n");
  const long error = name.overflowed() ? -ENAMETOOLONG : report_file::write(path, json);
  if (error != 0) complain(path, error);
}

void line(TextBuffer &out, const char *label, uint64_t bytes, const char *unit, uint64_t blocks,
          const char *what) noexcept {
  out.add("heapmeter: ");
  out.add(label);
  out.add(bytes);
  out.add(unit);
  out.add(blocks);
  out.add(what);
}

void add_wrong_calls(TextBuffer &out, const heapmeter_snapshot &now) noexcept {
  const struct {
    const char *label;
    uint64_t calls;
  } wrong[] = {{"heapmeter: mismatches    ", now.mismatches},
               {", wrong sizes ", now.size_mismatches},
               {", double frees ", now.double_frees},
               {", foreign frees ", now.foreign_frees},
               {", frees within a block ", now.inner_frees}};
  uint64_t calls = 0;
  for (const auto &kind : wrong) calls += kind.calls;
  if (calls == 0) return;
  for (const auto &kind : wrong) {
    out.add(kind.label);
    out.add(kind.calls);
  }
  out.add("\n");
}

void to_stderr(const char *live, bool at_exit, uintptr_t stack_pointer) noexcept {
  heapmeter_snapshot now;
  snapshot::take(now);
  char memory[1024];
  TextBuffer out(memory, sizeof memory);
  line(out, live, now.live_bytes, " bytes in ", now.live_blocks, " blocks\n");
  out.add("heapmeter: peak          ");
  out.add(now.peak_bytes - now.peak_error_bytes);
  if (now.peak_error_bytes != 0) {
    out.add(" to ");
    out.add(now.peak_bytes + now.peak_error_bytes);
  }
  out.add(" bytes\n");
  line(out, "allocated     ", now.allocated_bytes, " bytes in ", now.allocations, " allocations\n");
  line(out, "freed         ", now.freed_bytes, " bytes in ", now.frees, " frees\n");
  line(out, "reallocations ", now.reallocations, ", failures ", now.failures, "\n");
  add_wrong_calls(out, now);
  if (at_exit && options::get().look_at_exit) pages::add_last_look_line(out, stack_pointer);
  sys::write_all(2, out.data(), out.size());
}

}  // namespace

void to_stderr_now() noexcept { to_stderr("live          ", false, 0); }

void write(uintptr_t stack_pointer) noexcept {
  const char *target = options::get().report;
  if (target == nullptr || written_by == sys::pid()) return;
  // Who ends before the service has found out; without one, no child of ours is made.
  if (sandbox::was_there() && options::get().serve) sandbox::find_out_about_report();
  if (!sandbox::lets_report()) return;
  written_by = sys::pid();
  const int saved_errno = errno;
  if (strcmp(target, "stderr") == 0) {
    to_stderr("live at exit  ", true, stack_pointer);
  } else {
    to_file(target, stack_pointer);
  }
  errno = saved_errno;
}

}  // namespace heapmeter::report
