// SPDX-License-Identifier: MIT
//
// /v1/sites: which code holds what. Addresses only, as module and offset; whoever reads it finds the names.
// /v1/sites/threads: the same, and from which threads.
#pragma once

#include "base/text_buffer.h"

namespace heapmeter::pages {

void write_sites(TextBuffer &out) noexcept;
void write_sites_by_thread(TextBuffer &out) noexcept;
// Without modules, nodes and sites: what a change is answered with.
void write_sites_head(TextBuffer &out) noexcept;
// A field of an object that is open: the same of the largest, twice so many at most; all others count as
// "other". False, and no field, where there is no memory for it.
bool add_largest_sites(TextBuffer &out, size_t most) noexcept;
// What the page may take now.
size_t room_for_sites() noexcept;
size_t room_for_sites_by_thread() noexcept;

}  // namespace heapmeter::pages
