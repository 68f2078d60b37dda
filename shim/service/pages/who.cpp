// SPDX-License-Identifier: MIT
#include "service/pages/who.h"

#include <heapmeter/protocol.h>
#include <string.h>

#include "backend/allocator.h"
#include "base/compiler.h"
#include "base/memory_use.h"
#include "base/version.h"

namespace heapmeter::pages {
namespace {

constexpr const char *kFeatures[] = {"snapshot", "sizes", "threads", "account", "sites", "metrics"};

}  // namespace

void add_backend(TextBuffer &out) noexcept {
  constexpr size_t kLongest = 48;
  out.field("backend", backend::name());
  if (backend::next == nullptr) return;
  const char *file = next_heap::file();
  out.open_field("backend_library", "");
  out.add_json_string(file, strnlen(file, kLongest));
  out.close("");
}

void add_identity(TextBuffer &out, const Identity &who) noexcept {
  out.field("version", kVersion);
  out.field("protocol", HEAPMETER_PROTOCOL_VERSION);
  out.field("pid", static_cast<uint64_t>(who.pid));
  out.field("parent_pid", static_cast<uint64_t>(who.parent_pid));
  out.field("start_time", who.start_time);
  out.field("counting_since_ns", who.counting_since_ns);
  out.field("name", who.name);
  add_backend(out);
}

void add_process(TextBuffer &out) noexcept {
  const Identity who = identify();
  out.field("pid", static_cast<uint64_t>(who.pid));
  out.field("start_time", who.start_time);
}

void add_executable(TextBuffer &out, char *memory, size_t capacity) noexcept {
  const size_t path = executable_path(memory, capacity);
  out.open_field("exe", "");
  out.add_json_string(memory, path);
  out.close("");
}

void add_command(TextBuffer &out, char *memory, size_t capacity) noexcept {
  out.open_field("command", "[");
  const size_t length = command_line(memory, capacity);
  for (size_t at = 0; at < length;) {
    const size_t argument = strnlen(memory + at, length - at);
    out.open("");
    out.add_json_string(memory + at, argument);
    out.close("");
    at += argument + 1;
  }
  out.close("]");
}

void write_who(TextBuffer &out) noexcept {
  static char memory[64 * 1024] HEAPMETER_APART("who");
  out.open("{");
  add_identity(out, identify());
  add_executable(out, memory, sizeof memory);
  add_command(out, memory, sizeof memory);
  out.field("service_thread", uint64_t{memory_use::service_tid()});
  out.open_field("features", "[");
  for (const char *feature : kFeatures) {
    out.open("");
    out.add_json_string(feature);
    out.close("");
  }
  out.close("]");
  out.close("}");
}

}  // namespace heapmeter::pages
