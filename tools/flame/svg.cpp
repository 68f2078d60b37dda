// SPDX-License-Identifier: MIT
#include "flame/svg.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "flame/code_name.h"
#include "flame/colour.h"
#include "flame/label.h"
#include "flame/layout.h"
#include "flame/tree.h"
#include "text/format.h"
#include "text/terminal.h"

namespace heapmeter::cli::flame {
namespace {

constexpr double kWidth = 1200, kMargin = 12, kInside = kWidth - 2 * kMargin, kRow = 18, kLine = 17;
constexpr double kNarrowest = 0.5;  // of a pixel
constexpr double kLetter = 7.0;     // a little more than a monospaced letter of 11 pixels takes
constexpr std::size_t kLegend = 6;
constexpr int kDeepest = 150;  // rows: what is deeper is said to be there

constexpr const char *kStyle =
    "text{font:11px ui-monospace,'DejaVu Sans Mono',monospace;fill:#111}"
    "text.title{font:bold 15px system-ui,sans-serif}text.note{font:12px system-ui,sans-serif}"
    ".paper{fill:#fff}.title{fill:#1b1b1b}.note{fill:#5f6368}"
    "@media(prefers-color-scheme:dark){.paper{fill:#16181c}text.title{fill:#e6e6e6}text.note{fill:#9aa0a6}}";

std::string figure(double amount, const Measure &measure) {
  return measure.bytes ? format::bytes(amount) : format::count(amount);
}

std::string change(double amount, const Measure &measure) {
  return (amount > 0 ? "+" : "") + figure(amount, measure);
}

class Drawing {
 public:
  explicit Drawing(const Picture &picture)
      : picture_(picture),
        measure_(*picture.measure),
        tree_(merge(picture, Grain::kFunctions)),
        boxes_(layout(tree_, measure_, kNarrowest / kInside)) {
    for (std::size_t at = 0; at < tree_.modules.size(); ++at) rank_.emplace(tree_.modules[at], at);
  }

  std::string text() {
    heading();
    const int deepest = boxes_.back().depth;  // they come row by row
    for (const Box &box : boxes_) {
      if (box.depth < kDeepest) frame(box);
    }
    top_ += kRow * std::min(deepest + 1, kDeepest) + kLine;
    if (deepest >= kDeepest) {
      line("note", kMargin, top_, fmt::format("{} rows more are left out", deepest + 1 - kDeepest));
      top_ += kLine;
    }
    legend(top_);
    const double height = top_ + kMargin;
    return fmt::format(
               R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img">)"
               "\n<title>{2}</title>\n<style>{3}</style>\n<rect class=\"paper\" width=\"{0}\" "
               "height=\"{1}\"/>\n",
               kWidth, height, xml_text(printable(picture_.title)), kStyle) +
           body_ + "</svg>\n";
  }

 private:
  bool compared() const { return picture_.before != nullptr; }

  void line(const char *kind, double x, double y, const std::string &text) {
    body_ +=
        fmt::format("<text class=\"{}\" x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n", kind, x, y, xml_text(text));
  }

  void heading() {
    constexpr int kTitleCells = 130, kNoteCells = 180;
    line("title", kMargin, top_ += kLine, fitted(printable(picture_.title), kTitleCells));
    for (const std::string &note : picture_.notes) {
      line("note", kMargin, top_ += kLine, fitted(printable(note), kNoteCells));
    }
    top_ += kMargin;
  }

  std::string fill(const Box &box) const {
    if (compared()) {
      return change_colour(box.larger > 0 ? (box.after - box.before) / box.larger : 0);
    }
    if (box.node == 0 || frame_of(box).module.empty()) return kOtherColour;
    return module_colour(rank_.at(frame_of(box).module));
  }

  const symbols::Frame &frame_of(const Box &box) const { return tree_.frames[tree_.nodes[box.node].frame]; }

  std::string amount(const Box &box) const {
    return compared() ? change(box.after - box.before, measure_) : figure(box.after, measure_);
  }

  std::string tooltip(const Box &box, const std::string &name) const {
    if (compared()) {
      return fmt::format("{}\n{} → {}, {}", name, figure(box.before, measure_), figure(box.after, measure_),
                         amount(box));
    }
    const std::string module =
        box.node == 0 || frame_of(box).module.empty() ? "" : ", " + printable(frame_of(box).module);
    return fmt::format("{}\n{}, {}{}", name, figure(box.after, measure_),
                       format::percent(box.after, boxes_[0].after), module);
  }

  void frame(const Box &box) {
    const std::string full = box.node == 0 ? fmt::format("all: {}", measure_.name) : full_name(frame_of(box));
    const double x = kMargin + box.left * kInside, y = top_ + box.depth * kRow;
    const double width = std::max(0.4, box.width * kInside - (box.width * kInside > 3 ? 1 : 0.1));
    body_ += fmt::format(
        R"(<g><title>{}</title><rect x="{:.2f}" y="{:.0f}" width="{:.2f}" height="{:.0f}" fill="{}"/>)",
        xml_text(tooltip(box, full)), x, y, width, kRow - 1, fill(box));
    const std::string shown = label(box, full, static_cast<int>((width - 6) / kLetter));
    if (!shown.empty())
      body_ += fmt::format("<text x=\"{:.2f}\" y=\"{:.0f}\">{}</text>", x + 3, y + 12.5, xml_text(shown));
    body_ += "</g>\n";
  }

  // In full with its figure, or shorter, or at last as much of the name as there is room for.
  std::string label(const Box &box, const std::string &full, int cells) const {
    const std::string brief = box.node == 0 ? full : code_name(frame_of(box)), last(last_name(brief));
    const auto with_figure = [&](const std::string &name) {
      return compared() ? amount(box) + " " + name : name + "  " + amount(box);
    };
    for (const std::string &text :
         {with_figure(full), with_figure(brief), compared() ? with_figure(last) : brief}) {
      if (fitted(text, cells) == text) return text;
    }
    return fitted(compared() ? with_figure(last) : last, cells);
  }

  void legend(double y) {
    double x = kMargin;
    const auto entry = [&](const std::string &colour, const std::string &text) {
      const std::string shown = fitted(text, 30);
      body_ +=
          fmt::format(R"(<rect x="{:.0f}" y="{:.0f}" width="11" height="11" fill="{}"/>)", x, y - 10, colour);
      line("note", x + 16, y, shown);
      x += 34 + kLetter * static_cast<double>(shown.size());
    };
    if (compared()) {
      entry(change_colour(1), "grew");
      entry(change_colour(0), "unchanged");
      entry(change_colour(-1), "shrank");
      return;
    }
    for (std::size_t at = 0; at < std::min(tree_.modules.size(), kLegend); ++at) {
      if (!tree_.modules[at].empty()) entry(module_colour(at), printable(tree_.modules[at]));
    }
  }

  const Picture &picture_;
  const Measure &measure_;
  const Tree tree_;
  const std::vector<Box> boxes_;
  std::unordered_map<std::string, std::size_t> rank_;
  std::string body_;
  double top_ = kMargin;
};

}  // namespace

std::string svg(const Picture &picture) { return Drawing(picture).text(); }

}  // namespace heapmeter::cli::flame
