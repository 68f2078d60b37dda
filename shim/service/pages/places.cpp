// SPDX-License-Identifier: MIT
#include "service/pages/places.h"

#include <limits.h>
#include <string.h>

#include "base/compiler.h"
#include "base/identity.h"
#include "service/pages/mapped_path.h"
#include "sites/sites.h"

namespace heapmeter::pages {
namespace {

void field_hex(TextBuffer &out, const char *name, uint64_t number) noexcept {
  out.open_field(name, "\"0x");
  out.add_hex(number);
  out.close("\"");
}

}  // namespace

// Files can be asked for by a path that means nothing in another place, or later.
static void add_path(TextBuffer &out, const sites::Module &module) noexcept {
  static char whole[PATH_MAX + 128] HEAPMETER_APART("path");
  if (module.path == nullptr || *module.path == '\0') {
    out.add_json_string(whole, executable_path(whole, PATH_MAX));
    return;
  }
  const bool relative = *module.path != '/' && strchr(module.path, '/') != nullptr;
  const size_t bytes = relative ? mapped_path(module.start, whole, sizeof whole) : 0;
  bytes != 0 ? out.add_json_string(whole, bytes) : out.add_json_string(module.path);
}

void add_modules(TextBuffer &out) noexcept {
  out.open_field("modules", "[");
  const uint16_t count = sites::the_sites.modules().mapped() ? sites::the_sites.modules().count() : 1;
  for (uint16_t number = 1; number < count; ++number) {
    const sites::Module &module = sites::the_sites.modules().at(number);
    out.open("{");
    out.open_field("path", "");
    add_path(out, module);
    out.close("");
    out.open_field("build_id", "\"");
    for (uint32_t i = 0; i < module.build_id_bytes; ++i) {
      out.add_hex(module.build_id[i] >> 4);
      out.add_hex(module.build_id[i] & 15);
    }
    out.close("\"");
    field_hex(out, "start", module.start);
    field_hex(out, "end", module.end);
    field_hex(out, "bias", module.bias);
    out.close("}");
  }
  out.close("]");
}

void add_place(TextBuffer &out, sites::Place place) noexcept {
  uint64_t offset = place.address;
  out.open("");
  if (place.module == sites::kMark) {
    out.add("-2");
  } else if (place.module == sites::Modules::kNone) {
    out.add("-1");
  } else {
    out.add(uint64_t{place.module} - 1);
    offset -= sites::the_sites.modules().at(place.module).bias;
  }
  out.close("");
  out.open("");
  out.add(offset);
  out.close("");
}

void add_stack(TextBuffer &out, uint32_t leaf, size_t most) noexcept {
  const sites::Table &table = sites::the_sites.table();
  out.open("[");
  for (uint32_t node = leaf; node != 0 && most-- > 0; node = table.parent(node)) {
    out.open("[");
    add_place(out, table.place(node));
    out.close("]");
  }
  out.close("]");
}

}  // namespace heapmeter::pages
