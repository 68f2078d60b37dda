// SPDX-License-Identifier: MIT
#include "flame/data.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>
#include <boost/json/value.hpp>

#include "flame/code_name.h"
#include "flame/colour.h"
#include "flame/label.h"
#include "flame/tree.h"
#include "text/json_text.h"
#include "text/terminal.h"

namespace heapmeter::cli::flame {
namespace {

// No element, comment or section of HTML begins without that sign.
std::string in_quotes(std::string_view text) {
  std::string safe;
  for (const char letter : json_text(boost::json::value(printable(text)))) {
    letter == '<' ? safe += "\\u003c" : safe += letter;
  }
  return safe;
}

// [made(0),made(1),…]
template <typename Made>
std::string list(std::size_t size, Made made) {
  std::string text = "[";
  for (std::size_t at = 0; at < size; ++at) {
    if (at > 0) text += ',';
    text += made(at);
  }
  return text += "]";
}

std::vector<const Measure *> measures_of(const Tree &tree) {
  std::vector<const Measure *> some;
  for (const Measure &measure : kMeasures) {
    const bool any = std::any_of(tree.ends.begin(), tree.ends.end(), [&](const Tree::End &end) {
      return end.after.*measure.field != 0 || end.before.*measure.field != 0;
    });
    if (any) some.push_back(&measure);
  }
  if (some.empty()) some.push_back(&kLiveBytes);
  return some;
}

std::string colours() {
  const auto rgb = [](const Rgb &each) { return fmt::format("[{},{},{}]", each[0], each[1], each[2]); };
  return fmt::format(
      R"({{"modules":{},"other":"{}","change":[{},{},{}]}})",
      list(kModuleColours.size(), [](std::size_t at) { return fmt::format("\"{}\"", kModuleColours[at]); }),
      kOtherColour, rgb(kShrank), rgb(kSame), rgb(kGrew));
}

std::string frames(const Tree &tree) {
  std::unordered_map<std::string, std::size_t> rank;
  for (std::size_t at = 0; at < tree.modules.size(); ++at) rank.emplace(tree.modules[at], at);
  return list(tree.frames.size(), [&](std::size_t at) {
    const symbols::Frame &frame = tree.frames[at];
    const std::string full = full_name(frame), brief = code_name(frame);
    return fmt::format("[{},{},{},{}{}]", in_quotes(full), rank.at(frame.module), in_quotes(frame.file),
                       frame.line, brief == full ? "" : "," + in_quotes(brief));
  });
}

std::string stacks(const Tree &tree, const std::vector<const Measure *> &measures, bool compared) {
  return list(tree.ends.size(), [&](std::size_t at) {
    const Tree::End &end = tree.ends[at];
    std::string row = fmt::format("[{}", end.node);
    for (const Measure *measure : measures) row += fmt::format(",{}", end.after.*measure->field);
    for (const Measure *measure : measures) {
      if (compared) row += fmt::format(",{}", end.before.*measure->field);
    }
    return row += "]";
  });
}

std::string holders(const Tree &tree, const Holders &of) {
  const auto row = [&](std::uint32_t stack) { return tree.end_of.at(stack); };
  return fmt::format("{{\"asked\":{},\"pointers\":{}}}",
                     list(of.asked.size(), [&](std::size_t at) { return std::to_string(row(of.asked[at])); }),
                     list(of.pointers.size(), [&](std::size_t at) {
                       const Holders::Pointers &each = of.pointers[at];
                       return fmt::format("[{},{},{},{}]", row(each.towards), in_quotes(each.from),
                                          each.pointers,
                                          each.from_stack ? static_cast<long>(row(*each.from_stack)) : -1);
                     }));
}

}  // namespace

std::string data(const Picture &picture) {
  const Tree tree = merge(picture, Grain::kLines);
  const auto measures = measures_of(tree);
  const bool compared = picture.before != nullptr;
  std::string text = fmt::format("{{\"title\":{},\"compared\":{}", in_quotes(picture.title), compared);
  text += ",\"notes\":" +
          list(picture.notes.size(), [&](std::size_t at) { return in_quotes(picture.notes[at]); });
  text += ",\"modules\":" +
          list(tree.modules.size(), [&](std::size_t at) { return in_quotes(tree.modules[at]); });
  text += ",\n\"measures\":" + list(measures.size(), [&](std::size_t at) {
            return fmt::format(R"({{"name":"{}","unit":"{}"}})", measures[at]->name,
                               measures[at]->bytes ? "bytes" : "count");
          });
  const auto first = std::find(measures.begin(), measures.end(), picture.measure);
  text += fmt::format(",\"first\":{}", first == measures.end() ? 0 : first - measures.begin());
  text += ",\n\"colours\":" + colours();
  text += ",\n\"frames\":" + frames(tree);
  text += ",\n\"parents\":" +
          list(tree.nodes.size(), [&](std::size_t at) { return std::to_string(tree.nodes[at].parent); });
  text += ",\n\"nodeFrames\":" +
          list(tree.nodes.size(), [&](std::size_t at) { return std::to_string(tree.nodes[at].frame); });
  text += ",\n\"stacks\":" + stacks(tree, measures, compared);
  return text += ",\n\"holders\":" + (picture.holders ? holders(tree, *picture.holders) : "null") + "}";
}

}  // namespace heapmeter::cli::flame
