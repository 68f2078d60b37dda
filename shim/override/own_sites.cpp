// SPDX-License-Identifier: MIT
//
// heapmeter_sites(): the process's sites, for itself. Figures are gathered first, stacks laid out one by one,
// and the program is asked to look at each when nothing of the meter waits for it.
#include <errno.h>

#include <heapmeter/heapmeter.h>

#include "base/compiler.h"
#include "base/sys.h"
#include "service/pages/site_figures.h"
#include "sites/stack.h"
#include "tracking/tracked_heap.h"

using namespace heapmeter;
using sites::Place;
using sites::Sites;
using sites::Table;
using sites::the_sites;

namespace {

// Of one stack, with the tags in it and a word at its end.
class Frames {
 public:
  Frames() noexcept : frames_(static_cast<heapmeter_frame *>(sys::map(kBytes))) {}
  ~Frames() noexcept {
    if (frames_ != nullptr) sys::unmap(frames_, kBytes);
  }
  Frames(const Frames &) = delete;
  Frames &operator=(const Frames &) = delete;

  bool are_there() const noexcept { return frames_ != nullptr; }
  const heapmeter_frame *data() const noexcept { return frames_; }
  uint32_t lay(uint32_t leaf) noexcept {
    uint32_t count = 0;
    for (uint32_t node = leaf; node != 0 && count < kMost; node = the_sites.table().parent(node))
      frames_[count++] = frame_at(the_sites.table().place(node));
    return count;
  }

 private:
  static constexpr uint32_t kMost = sites::kMostFrames + sites::Tags::kMost + 1;
  static constexpr size_t kBytes = kMost * sizeof(heapmeter_frame);

  static const char *text_of(uint64_t mark) noexcept {
    if (mark == sites::kCutShort) return "(stack cut short)";
    if (mark == sites::kInHandler) return "(in a signal handler that interrupted the allocator)";
    if (mark > sites::kFirstTag)
      return the_sites.tag_names().at(static_cast<uint32_t>(mark - sites::kFirstTag));
    return "(a tag for whose name there was no room)";
  }
  static heapmeter_frame frame_at(Place place) noexcept {
    if (place.module == sites::kMark) return {nullptr, nullptr, 0, text_of(place.address)};
    const auto *returns_to = reinterpret_cast<const void *>(place.address);
    if (place.module == sites::Modules::kNone) return {returns_to, nullptr, place.address, nullptr};
    const sites::Module &module = the_sites.modules().at(place.module);
    return {returns_to, module.path, place.address - module.bias, nullptr};
  }

  heapmeter_frame *frames_;
};

bool goes_on(uint32_t epoch) noexcept {
  return the_sites.mode() != sites::Mode::kOff && the_sites.epoch() == epoch;
}

heapmeter_site told(const pages::SiteFigures::Site &site) noexcept {
  heapmeter_site out{};
  out.size = sizeof out;
  out.live_blocks = site.sum.live_blocks;
  out.live_bytes = site.sum.live_bytes;
  out.allocations = site.sum.allocations;
  out.allocated_bytes = site.sum.allocated_bytes;
  out.temporary = site.sum.temporary;
  out.peak_blocks = site.sum.peak_blocks;
  out.peak_bytes = site.sum.peak_bytes;
  out.live_samples = site.estimate.samples;
  out.variance_bytes = site.estimate.variance;
  return out;
}

int visit_all(const pages::SiteFigures &figures, uint32_t epoch, heapmeter_site_visitor visit,
              void *context) noexcept {
  Frames frames;
  if (!frames.are_there()) return ENOMEM;
  for (const pages::SiteFigures::Site &site : figures) {
    heapmeter_site out = told(site);
    if (out.allocations + out.allocated_bytes == 0) continue;  // only with a tag did it ever count
    out.frames = frames.data();
    {
      const Sites::Reader reader(the_sites);
      if (!goes_on(epoch)) return EAGAIN;
      out.frame_count = frames.lay(site.leaf);
    }
    if (out.frame_count != 0 && visit(&out, context) != 0) return 0;
  }
  heapmeter_site other = told({0, figures.other(), {}});
  if (other.allocations + other.allocated_bytes != 0) visit(&other, context);
  return 0;
}

pages::SiteFigures gather(uint32_t &epoch) noexcept {
  const Sites::Reader reader(the_sites);
  epoch = the_sites.epoch();
  return pages::SiteFigures();
}

}  // namespace

extern "C" HEAPMETER_EXPORT int heapmeter_sites(heapmeter_site_visitor visit, void *context) {
  if (visit == nullptr) return EINVAL;
  if (!tracked_heap::metering() || the_sites.mode() == sites::Mode::kOff) return ENOTSUP;
  if (the_sites.has_no_room()) return ENOMEM;
  if (!the_sites.mapped()) return 0;  // no sample has fallen yet
  uint32_t epoch = 0;
  const pages::SiteFigures figures = gather(epoch);
  return figures.any() ? visit_all(figures, epoch, visit, context) : ENOMEM;
}
