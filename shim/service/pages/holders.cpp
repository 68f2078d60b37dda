// SPDX-License-Identifier: MIT
#include "service/pages/holders.h"

#include <string.h>

#include <heapmeter/protocol.h>

namespace heapmeter::pages {
namespace {

using leaks::Holder;

struct Text {
  const char *at, *end;

  bool take(const char *word) noexcept {
    const size_t bytes = strlen(word);
    if (static_cast<size_t>(end - at) < bytes || memcmp(at, word, bytes) != 0) return false;
    at += bytes;
    return true;
  }
  bool take_number(uint64_t &value) noexcept {
    const char *const start = at;
    for (value = 0; at < end && *at >= '0' && *at <= '9'; ++at) {
      if (value > (UINT64_MAX - 9) / 10) return false;
      value = value * 10 + static_cast<uint64_t>(*at - '0');
    }
    return at != start;
  }
};

#define HEAPMETER_WORD(enumerator, word) word,
constexpr const char *kKinds[] = {HEAPMETER_HOLDER_KINDS(HEAPMETER_WORD)};
#undef HEAPMETER_WORD

void add_holder(TextBuffer &out, const Holder &holder) noexcept {
  out.field("kind", kKinds[static_cast<size_t>(holder.kind)]);
  if (holder.kind == Holder::Kind::kBlock) {
    out.field("leaf", uint64_t{holder.leaf});
    if (holder.leaf == 0) out.field("block_bytes", holder.size);
    if (holder.offset != Holder::kAnywhere) out.field("offset", holder.offset);
  }
  if (holder.kind == Holder::Kind::kStack) out.field("thread", uint64_t{holder.thread});
  if (holder.kind == Holder::Kind::kData || holder.kind == Holder::Kind::kMemory)
    out.field("address", holder.address);
}

}  // namespace

bool parse_wanted(const char *query, size_t length, leaks::Wanted &out) noexcept {
  out.leaf_count = 0;
  out.apart = false;
  if (query == nullptr) return false;
  Text text{query, query + length};
  if (text.take("bytes=")) {
    if (!text.take_number(out.least)) return false;
    out.most = out.least;
    if (text.take("-") && !text.take_number(out.most)) return false;
    return text.at == text.end && out.least <= out.most;
  }
  if (!text.take("leaf=")) return false;
  do {
    uint64_t leaf = 0;
    if (!text.take_number(leaf) || leaf == 0 || leaf > UINT32_MAX) return false;
    if (out.leaf_count == leaks::Wanted::kMostLeaves) return false;
    out.leaves[out.leaf_count++] = static_cast<uint32_t>(leaf);
  } while (text.take(","));
  out.sort();
  out.apart = text.take("&apart");
  return text.at == text.end;
}

void add_holders(TextBuffer &out, const leaks::Findings &findings) noexcept {
  out.field("blocks", findings.wanted_blocks);
  out.field("bytes", findings.wanted_bytes);
  out.field("reached_blocks", findings.ways[0].blocks);
  out.field("reached_bytes", findings.ways[0].bytes);
  out.field("live_blocks", findings.live_blocks);
  out.field("live_bytes", findings.live_bytes);
  out.field("not_looked_at_bytes", findings.unread_bytes);
  out.open_field("seconds", "");
  out.add_thousandths((findings.done_ns - findings.began_ns) / 1'000'000);
  out.close("");
  out.open_field("holders", "[");
  for (size_t at = 0; at < findings.holder_count; ++at) {
    out.open("{");
    add_holder(out, findings.holders[at].holder);
    out.field("pointers", findings.holders[at].pointers);
    if (findings.holders[at].towards_leaf != 0)
      out.field("towards_leaf", uint64_t{findings.holders[at].towards_leaf});
    out.close("}");
  }
  out.close("]");
  out.open_field("ways", "[");
  for (size_t at = 1; at < findings.way_count; ++at) {
    out.open("{");
    out.field("towards", uint64_t{findings.ways[at].towards});
    add_holder(out, findings.ways[at].holder);
    out.field("blocks", findings.ways[at].blocks);
    out.field("bytes", findings.ways[at].bytes);
    out.close("}");
  }
  out.close("]");
}

}  // namespace heapmeter::pages
