// SPDX-License-Identifier: MIT
#include "flame/tree.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace heapmeter::cli::flame {
namespace {

class Merger {
 public:
  Merger(Tree &tree, Grain grain) : tree_(tree), grain_(grain) { tree_.nodes.emplace_back(); }

  void add(const sites::Stacks &stacks, sites::Values Tree::End::*values) {
    std::vector<std::uint32_t> known;
    known.reserve(stacks.frames.size());
    for (const symbols::Frame &each : stacks.frames) known.push_back(frame(each));
    for (const auto &stack : stacks.stacks) {
      std::uint32_t node = 0;
      for (const std::uint32_t each : stack.frames) node = child(node, known[each]);
      tree_.ends[end(node)].*values += stack.values;
      weigh_modules(stack, stacks);
    }
  }

  // Each module counts once a stack, however many of its functions are in it.
  std::vector<std::string> modules() const {
    std::vector<std::string> names;
    for (const auto &entry : module_bytes_) names.push_back(entry.first);
    std::stable_sort(names.begin(), names.end(), [&](const std::string &one, const std::string &other) {
      return module_bytes_.at(one) > module_bytes_.at(other);
    });
    return names;
  }

 private:
  using FrameKey = std::tuple<std::string, std::string, std::string, int, std::uint64_t>;

  // A function without a name is what its address is.
  std::uint32_t frame(const symbols::Frame &frame) {
    const bool by_line = grain_ == Grain::kLines;
    FrameKey key{frame.function, frame.module, by_line ? frame.file : "", by_line ? frame.line : 0,
                 frame.function.empty() ? frame.offset : 0};
    const auto [found, is_new] = frames_.emplace(std::move(key), tree_.frames.size());
    if (is_new) tree_.frames.push_back(frame);
    module_bytes_.try_emplace(frame.module);
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

  void weigh_modules(const sites::Stacks::Stack &stack, const sites::Stacks &stacks) {
    std::vector<const std::string *> seen;
    for (const std::uint32_t each : stack.frames) {
      const std::string &module = stacks.frames[each].module;
      if (std::any_of(seen.begin(), seen.end(), [&](const auto *one) { return *one == module; })) continue;
      seen.push_back(&module);
      module_bytes_[module] += static_cast<double>(stack.values.live_bytes);
    }
  }

  Tree &tree_;
  const Grain grain_;
  std::map<FrameKey, std::uint32_t> frames_;
  std::unordered_map<std::uint64_t, std::uint32_t> children_;
  std::unordered_map<std::uint32_t, std::size_t> ends_;
  std::map<std::string, double> module_bytes_;
};

}  // namespace

Tree merge(const Picture &picture, Grain grain) {
  Tree tree;
  Merger merger(tree, grain);
  merger.add(*picture.after, &Tree::End::after);
  if (picture.before != nullptr) merger.add(*picture.before, &Tree::End::before);
  tree.modules = merger.modules();
  return tree;
}

}  // namespace heapmeter::cli::flame
