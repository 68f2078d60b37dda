// SPDX-License-Identifier: MIT
#include "flame/tree.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "symbols/jit_name.h"

namespace heapmeter::cli::flame {
namespace {

class Merger {
 public:
  Merger(Tree &tree, Grain grain) : tree_(tree), grain_(grain) { tree_.nodes.emplace_back(); }

  void add(const sites::Stacks &stacks, sites::Values Tree::End::*values) {
    std::vector<std::uint32_t> known;
    std::vector<Module *> module;
    for (const symbols::Frame &each : stacks.frames) {
      known.push_back(frame(each));
      module.push_back(&modules_[each.module]);
    }
    for (const auto &stack : stacks.stacks) {
      std::uint32_t node = 0;
      ++stacks_;
      for (const std::uint32_t each : stack.frames) {
        node = child(node, known[each]);
        if (std::exchange(module[each]->last, stacks_) != stacks_) {
          module[each]->live_bytes += static_cast<double>(stack.values.live_bytes);
        }
      }
      const std::size_t last = end(node);
      tree_.ends[last].*values += stack.values;
      if (values == &Tree::End::after) tree_.end_of.push_back(static_cast<std::uint32_t>(last));
    }
  }

  std::vector<std::string> modules() const {
    std::vector<std::string> names;
    for (const auto &entry : modules_) names.push_back(entry.first);
    std::stable_sort(names.begin(), names.end(), [&](const std::string &one, const std::string &other) {
      if (one.empty() || other.empty()) return other.empty() && !one.empty();
      return modules_.at(one).live_bytes > modules_.at(other).live_bytes;
    });
    return names;
  }

 private:
  // Counts once a stack, however many of its functions are in it.
  struct Module {
    double live_bytes = 0;
    std::uint64_t last = 0;  // stack that it was counted for
  };
  using FrameKey = std::tuple<std::string, std::string, std::string, int, std::uint64_t>;

  // A function without a name is what its address is.
  std::uint32_t frame(const symbols::Frame &frame) {
    const bool by_line = grain_ == Grain::kLines;
    FrameKey key{frame.function, frame.module, by_line || symbols::is_made(frame) ? frame.file : "",
                 by_line ? frame.line : 0, frame.function.empty() ? symbols::place_without_name(frame) : 0};
    const auto [found, is_new] = frames_.emplace(std::move(key), tree_.frames.size());
    if (is_new) tree_.frames.push_back(frame);
    return found->second;
  }

  std::uint32_t child(std::uint32_t parent, std::uint32_t frame) {
    const std::uint64_t key = std::uint64_t{parent} << 32 | frame;
    const auto [found, is_new] = children_.emplace(key, tree_.nodes.size());
    if (is_new) tree_.nodes.push_back({parent, frame});
    return found->second;
  }

  std::size_t end(std::uint32_t node) {
    const auto [found, is_new] = ends_.emplace(node, tree_.ends.size());
    if (is_new) tree_.ends.push_back({node, {}, {}});
    return found->second;
  }

  Tree &tree_;
  const Grain grain_;
  std::map<FrameKey, std::uint32_t> frames_;
  std::unordered_map<std::uint64_t, std::uint32_t> children_;
  std::unordered_map<std::uint32_t, std::size_t> ends_;
  std::map<std::string, Module> modules_;
  std::uint64_t stacks_ = 0;
};

}  // namespace

Tree merge(const Picture &picture, Grain grain) {
  Tree tree;
  Merger merger(tree, grain);
  merger.add(*picture.after, &Tree::End::after);
  if (picture.before != nullptr) merger.add(*picture.before, &Tree::End::before);
  tree.compared = picture.before != nullptr;
  tree.modules = merger.modules();
  return tree;
}

}  // namespace heapmeter::cli::flame
