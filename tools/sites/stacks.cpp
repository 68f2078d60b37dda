// SPDX-License-Identifier: MIT
#include "sites/stacks.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <unordered_map>

#include "sites/name_hash.h"
#include "symbols/jit_name.h"
#include "symbols/plumbing.h"

namespace heapmeter::cli::sites {
namespace {

using symbols::Frame;
using Chain = std::vector<std::uint32_t>;  // of frames, outermost first

// Each frame once, and what is known of it by its name alone.
class Names {
 public:
  Names(const Profile &profile, const Naming &naming)
      : profile_(profile), naming_(naming), of_files_(profile) {}

  // Of one return address, outermost first.
  const Chain &of(const Node &node) {
    const auto [known, is_new] = by_place_.try_emplace(symbols::Place{node.module, node.offset});
    if (is_new) known->second = named(node);
    return known->second;
  }
  bool is_plumbing(std::uint32_t frame) const { return kinds_[frame].plumbing; }
  bool is_startup(std::uint32_t frame) const { return kinds_[frame].startup; }
  // A function without a name bears one by who calls it; outermost first.
  void name_by_callers(Chain &chain) {
    const auto stack = [&](std::size_t number) {
      return number < chain.size() ? &frames[chain[chain.size() - 1 - number]] : nullptr;
    };
    for (std::size_t at = 1; at < chain.size(); ++at) {
      if (!frames[chain[at]].function.empty() || kinds_[chain[at]].startup) continue;
      const char *name = symbols::name_by_callers(stack, chain.size() - 1 - at);
      if (name == nullptr) continue;
      Frame named = frames[chain[at]];
      named.function = name;
      chain[at] = add(std::move(named));
    }
  }
  bool is_same_function(std::uint32_t a, std::uint32_t b) const {
    const Frame &one = frames[a], &other = frames[b];
    return a == b || (!one.function.empty() && one.function == other.function && one.module == other.module &&
                      one.begin == other.begin && (!symbols::is_made(one) || one.file == other.file));
  }

  // By what tells a frame from others, and so the same whichever sites are there and in which order. Code
  // without a name is told by its file's contents.
  std::string name(const Chain &chain) const {
    NameHash hash;
    for (const std::uint32_t number : chain) {
      const Frame &frame = frames[number];
      hash.add(frame.function);
      hash.add(frame.file);
      hash.add(static_cast<std::uint64_t>(frame.line));
      hash.add(std::uint64_t{frame.inlined});
      hash.add(frame.function.empty() ? files_[number] : frame.module);
      hash.add(frame.function.empty() ? symbols::place_without_name(frame) : frame.begin);
    }
    return hash.text();
  }

  std::vector<Frame> frames;

 private:
  struct Kind {
    bool plumbing, startup;
  };

  Chain named(const Node &node) {
    if (node.module == kMark) {
      Frame mark;
      mark.function = mark_text(profile_, node);
      const std::uint32_t number = add(mark);
      kinds_[number] = {false, false};  // whatever the program called it
      return {number};
    }
    std::vector<Frame> found = naming_(node.module, node.offset);
    Chain chain;
    const std::string file = node.module >= 0 ? of_files_.file(node.module) : "";
    for (auto frame = found.rbegin(); frame != found.rend(); ++frame) {
      chain.push_back(add(*frame, frame->function.empty() ? file : ""));
      files_.resize(frames.size());
      if (frame->function.empty()) files_[chain.back()] = file;
    }
    return chain;
  }

  // A function without lines is one frame, wherever in it the call is; and two that bear a name by their
  // callers stay two. Code without a name is that of its file, of which others may have the name.
  std::uint32_t add(Frame frame, const std::string &file = "") {
    const bool unnamed = frame.function.empty();
    const auto [known, is_new] =
        by_name_.try_emplace({frame.function, frame.file, frame.line, frame.module, file, frame.inlined,
                              unnamed ? symbols::place_without_name(frame) : frame.begin},
                             static_cast<std::uint32_t>(frames.size()));
    if (is_new) {
      kinds_.push_back({symbols::is_plumbing(frame), symbols::is_startup(frame)});
      frames.push_back(std::move(frame));
    }
    return known->second;
  }

  const Profile &profile_;
  const Naming &naming_;
  const SiteNames of_files_;
  std::vector<std::string> files_;  // of each frame without a name, what its module is known by
  std::map<symbols::Place, Chain> by_place_;
  std::map<std::tuple<std::string, std::string, int, std::string, std::string, bool, std::uint64_t>,
           std::uint32_t>
      by_name_;
  std::vector<Kind> kinds_;
};

Chain whole_chain(const Profile &profile, const Site &site, Names &names) {
  std::vector<const Chain *> parts;
  for (std::uint32_t node = site.leaf; node != 0; node = profile.node(node).parent)
    parts.push_back(&names.of(profile.node(node)));
  Chain chain;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part)
    chain.insert(chain.end(), (*part)->begin(), (*part)->end());
  names.name_by_callers(chain);
  return chain;
}

// Of a function that calls itself, its innermost call: where it goes on.
Chain without_recursion(const Chain &chain, const Names &names) {
  Chain kept;
  for (const std::uint32_t frame : chain) {
    if (!kept.empty() && names.is_same_function(kept.back(), frame)) kept.pop_back();
    kept.push_back(frame);
  }
  return kept;
}

// A program without symbols has no name for its _start, behind which the C library's part comes.
bool begins_without_name(const Chain &chain, const Names &names) {
  return chain.size() > 1 && names.frames[chain[0]].function.empty() && names.is_startup(chain[1]);
}

// A stack of nothing else stays as it is, or but for how the program came there.
Chain folded(const Chain &chain, const Names &names) {
  const auto first =
      std::find_if_not(chain.begin() + (begins_without_name(chain, names) ? 1 : 0), chain.end(),
                       [&](std::uint32_t frame) { return names.is_startup(frame); });
  Chain kept;
  std::copy_if(first, chain.end(), std::back_inserter(kept),
               [&](std::uint32_t frame) { return !names.is_plumbing(frame); });
  if (kept.empty()) kept.assign(first == chain.end() ? chain.begin() : first, chain.end());
  return without_recursion(kept, names);
}

struct ChainHash {
  std::size_t operator()(const Chain &chain) const {
    std::size_t hash = chain.size();
    for (const std::uint32_t frame : chain) hash = (hash ^ frame) * 0x9e3779b97f4a7c15;
    return hash;
  }
};

bool holds_more(const Values &a, const Values &b) {
  return std::tie(a.live_bytes, a.allocated_bytes) > std::tie(b.live_bytes, b.allocated_bytes);
}

}  // namespace

std::vector<symbols::Place> places(const Profile &profile) {
  std::vector<symbols::Place> all;
  std::vector<bool> seen(profile.nodes.size() + 1);
  for (const Site &site : profile.sites) {
    for (std::uint32_t node = site.leaf; node != 0 && !seen[node]; node = profile.node(node).parent) {
      seen[node] = true;
      if (profile.node(node).module != kMark)
        all.push_back({profile.node(node).module, profile.node(node).offset});
    }
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Stacks name_stacks(const Profile &profile, const Naming &naming, Folding folding) {
  Names names(profile, naming);
  Stacks named;
  std::unordered_map<Chain, std::size_t, ChainHash> known;
  for (std::uint32_t at = 0; at < profile.sites.size(); ++at) {
    const Site &site = profile.sites[at];
    Chain chain = whole_chain(profile, site, names);
    if (folding == Folding::kFolded) chain = folded(chain, names);
    const auto [place, is_new] = known.try_emplace(chain, named.stacks.size());
    if (is_new) {
      named.stacks.push_back({std::move(chain), {}, "", {}});
    }
    named.stacks[place->second].values += site.values;
    named.stacks[place->second].sites.push_back(at);
  }
  for (Stacks::Stack &stack : named.stacks) {
    std::stable_sort(stack.sites.begin(), stack.sites.end(), [&](std::uint32_t a, std::uint32_t b) {
      return holds_more(profile.sites[a].values, profile.sites[b].values);
    });
    stack.name = names.name(stack.frames);
  }
  std::stable_sort(
      named.stacks.begin(), named.stacks.end(),
      [](const Stacks::Stack &a, const Stacks::Stack &b) { return holds_more(a.values, b.values); });
  named.frames = std::move(names.frames);
  return named;
}

}  // namespace heapmeter::cli::sites
