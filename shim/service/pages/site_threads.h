// SPDX-License-Identifier: MIT
//
// Which threads the live samples of each site are of.
#pragma once

#include "base/text_buffer.h"
#include "service/pages/site_figures.h"

namespace heapmeter::pages {

// A field of an object that is open; empty where there is no memory for it.
void add_threads_of_sites(TextBuffer &out, const SiteFigures &figures) noexcept;
// What it may take now.
size_t room_for_threads_of_sites() noexcept;

}  // namespace heapmeter::pages
