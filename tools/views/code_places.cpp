// SPDX-License-Identifier: MIT
#include "views/code_places.h"

#include <algorithm>

#include "flame/code_name.h"
#include "flame/label.h"
#include "views/site_line.h"

namespace heapmeter::cli {
namespace {

constexpr int kWide = 400, kInASentence = 60;

template <typename Much>
std::vector<verdicts::Code> most_first(const sites::Stacks &stacks, Much much, double verdicts::Code::*by) {
  std::vector<verdicts::Code> all;
  for (const sites::Stacks::Stack &stack : stacks.stacks) {
    verdicts::Code code = much(stack.values);
    if (code.*by <= 0 || stack.frames.empty()) continue;
    code.place = code_text(stacks.frames[stack.frames.back()], kInASentence, false);
    if (stack.frames.size() > 1)
      code.place +=
          " < " + flame::fitted(flame::code_name(stacks.frames[stack.frames.end()[-2]]), kInASentence);
    all.push_back(std::move(code));
  }
  std::stable_sort(all.begin(), all.end(), [&](const auto &a, const auto &b) { return a.*by > b.*by; });
  return all;
}

}  // namespace

std::string code_place(const sites::Stacks &stacks, const sites::Stacks::Stack &stack, std::size_t callers,
                       bool utf8) {
  std::string text;
  std::size_t count = 0;
  for (auto frame = stack.frames.rbegin(); frame != stack.frames.rend() && count <= callers;
       ++frame, ++count) {
    const symbols::Frame &each = stacks.frames[*frame];
    text += count == 0 ? code_text(each, kWide, utf8)
                       : (utf8 ? " ← " : " < ") + std::string(flame::brief_name(flame::full_name(each)));
  }
  return text;
}

std::vector<verdicts::Code> growing_code(const sites::Stacks &changes) {
  return most_first(
      changes,
      [](const sites::Values &values) {
        return verdicts::Code{{},
                              static_cast<double>(static_cast<std::int64_t>(values.live_bytes)),
                              static_cast<double>(static_cast<std::int64_t>(values.live_blocks))};
      },
      &verdicts::Code::bytes);
}

std::vector<verdicts::Code> code_of_small_blocks(const sites::Stacks &stacks, double most_bytes) {
  return most_first(
      stacks,
      [&](const sites::Values &values) {
        const auto bytes = static_cast<double>(values.live_bytes),
                   blocks = static_cast<double>(values.live_blocks);
        return bytes <= most_bytes * blocks ? verdicts::Code{{}, bytes, blocks} : verdicts::Code{};
      },
      &verdicts::Code::blocks);
}

std::vector<verdicts::Code> code_at_peak(const sites::Stacks &stacks) {
  return most_first(
      stacks,
      [](const sites::Values &values) {
        return verdicts::Code{
            {}, static_cast<double>(values.peak_bytes), static_cast<double>(values.peak_blocks)};
      },
      &verdicts::Code::bytes);
}

}  // namespace heapmeter::cli
