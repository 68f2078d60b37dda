// SPDX-License-Identifier: MIT
//
// Sites whose stacks have the program's own names in them.
#include "sites/eh_frame.h"
#include "sites/sites.h"

namespace heapmeter::sites {
namespace {

uintptr_t function_of(uintptr_t ip) noexcept {
  const FrameEntry entry = frame_entry_of(ip - 1);
  return entry.found == FrameEntry::Found::kYes ? entry.start : 0;
}

// How many frames of the stack captured last a tag is inside of: up to the function that entered it, if that
// is still there, and else up to the one that it returned to.
size_t frames_outside(const Stack &stack, const Tags::Entered &entered) noexcept {
  const size_t frames = depth(stack);
  if (frames == 0 || frame_sp(stack, 0) == 0) return 0;
  size_t at = 0, returned_to = 0;
  for (; at < frames && frame_sp(stack, at) > entered.at; ++at) {
    if (frame_sp(stack, at) == entered.outer_at) returned_to = at + 1;
  }
  if (at == frames) return returned_to != 0 ? returned_to : frames;
  if (function_of(frame(stack, at)) == function_of(entered.from)) return at + 1;
  return returned_to != 0 ? returned_to : at;
}

}  // namespace

uint32_t Sites::tagged(Thread &thread, uint32_t untagged) noexcept {
  const uint64_t hash = thread.tags.hash();
  TaggedSites::Known &known = thread.tagged.of(untagged, hash);
  if (known.untagged == untagged && known.hash == hash) return known.site;
  const uint32_t site = new_tagged_site(thread);
  known = {hash, untagged, site};
  return site;
}

// The stack captured last with a frame for each tag, inside the function that it belongs to. Where it is not
// known how the stack lies, they stand outermost.
uint32_t Sites::new_tagged_site(Thread &thread) noexcept {
  const size_t frames = depth(thread.stack);
  const uint32_t tags = thread.tags.kept();
  uint32_t leaf = 0, tag = 0;
  bool room = true;
  const auto add = [&](Place place) {
    leaf = room ? table_.node(budget_, leaf, place) : 0;
    room = leaf != 0;
  };
  size_t inside = 0;  // so many frames
  for (size_t i = 0;; ++i) {
    for (; tag < tags; ++tag) {
      const size_t belongs = frames_outside(thread.stack, thread.tags.tags[tag].entered);
      if (belongs > inside) inside = belongs;
      if (inside > i) break;
      add({kFirstTag + thread.tags.tags[tag].name, kMark});
    }
    if (i == frames) break;
    const uint64_t address = frame(thread.stack, i);
    add({address, modules_.of(budget_, address)});
  }
  // By its path, which two tags from different places may have in common.
  return room ? table_.add(budget_, (leaf + uint64_t{1}) * 0xD6E8FEB86659FD93u, leaf) : Table::kOther;
}

void Sites::enter(Slot &slot, const char *name, const Registers &from) noexcept {
  Thread *thread = thread_of(slot);
  if (thread == nullptr) return;
  Registers outer = from;
  if (!step_out_on(thread->stack, outer)) outer = {};
  thread->tags.push(tag_names_.number_of(name), {from.sp, from.ip, outer.sp, outer.ip});
}

void Sites::leave(Slot &slot) noexcept {
  if (Thread *thread = thread_of(slot)) thread->tags.pop();
}

}  // namespace heapmeter::sites
