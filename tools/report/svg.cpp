// SPDX-License-Identifier: MIT
#include "report/svg.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "flame/label.h"
#include "report/moment_text.h"
#include "text/format.h"

namespace heapmeter::cli::report {
namespace {

constexpr double kWidth = 1000, kLeft = 70, kRight = 20, kTop = 64, kPlot = 300, kLine = 20;
constexpr std::size_t kCurves = 8;
constexpr int kMoments = 8;
constexpr std::array kColours = {"#4477aa", "#ee6677", "#228833", "#ccbb44",
                                 "#66ccee", "#aa3377", "#999999", "#ee8866"};

constexpr const char *kStyle =
    "text{font:12px system-ui,sans-serif;fill:#5f6368}text.title{font:bold 15px "
    "system-ui,sans-serif;fill:#1b1b1b}"
    "text.name{fill:#1b1b1b}.paper{fill:#fff}.grid{stroke:#e3e5e8}.curve{fill:none;stroke-width:2}"
    "@media(prefers-color-scheme:dark){.paper{fill:#16181c}text.title,text.name{fill:#e6e6e6}text{fill:#"
    "9aa0a6}"
    ".grid{stroke:#2b3038}}";

// A power of two that gives at most six of it.
double step_of(double most) {
  double step = 1;
  while (most / step > 6) step *= 2;
  return step;
}

class Drawing {
 public:
  Drawing(const Story &story, const std::vector<Told> &lives) : story_(story) {
    for (const Told &each : lives) {
      if (shown_.size() < kCurves)
        shown_.push_back(&each);
      else
        ++left_out_;
    }
    for (const Told *each : shown_) most_ = std::max(most_, static_cast<double>(each->life->most_bytes));
  }

  std::string text() {
    line("title", 12, 24, title_of(story_), 130);
    const std::vector<Note> notes = notes_of(story_);
    line("", 12, 44, "live bytes over time" + (notes.empty() ? "" : "; " + notes.front().text), 160);
    if (story_.rounds > 0) axes();
    for (std::size_t at = 0; at < shown_.size(); ++at) curve(at);
    double y = kTop + kPlot + 44;
    for (std::size_t at = 0; at < shown_.size(); ++at, y += kLine) legend(at, y);
    if (left_out_ > 0) line("", kLeft, y, fmt::format("{} more are not drawn", left_out_), 100), y += kLine;
    return fmt::format(
               R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img">)"
               "\n<title>{2}</title>\n<style>{3}</style>\n<rect class=\"paper\" width=\"{0}\" "
               "height=\"{1}\"/>\n",
               kWidth, y, flame::xml_text(printable(title_of(story_))), kStyle) +
           body_ + "</svg>\n";
  }

 private:
  void line(const char *kind, double x, double y, const std::string &text, int cells) {
    body_ += fmt::format("<text class=\"{}\" x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n", kind, x, y,
                         flame::xml_text(flame::fitted(printable(text), cells)));
  }

  double x_of(std::int64_t time) const {
    const double span = static_cast<double>(std::max<std::int64_t>(1, story_.until_ms - story_.from_ms));
    return kLeft + static_cast<double>(time - story_.from_ms) / span * (kWidth - kLeft - kRight);
  }
  double y_of(double bytes) const { return kTop + kPlot - bytes / most_ * kPlot; }

  void axes() {
    for (double value = 0, step = step_of(most_); value <= most_; value += step) {
      body_ += fmt::format("<line class=\"grid\" x1=\"{:.0f}\" x2=\"{:.0f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
                           kLeft, kWidth - kRight, y_of(value), y_of(value));
      body_ += fmt::format("<text text-anchor=\"end\" x=\"{:.0f}\" y=\"{:.1f}\">{}</text>\n", kLeft - 6,
                           y_of(value) + 4, format::bytes(value));
    }
    for (const Tick &each : ticks(story_.from_ms, story_.until_ms, kMoments)) {
      const double x = x_of(each.time_ms);
      body_ +=
          fmt::format("<line class=\"grid\" x1=\"{0:.0f}\" x2=\"{0:.0f}\" y1=\"{1:.0f}\" y2=\"{2:.0f}\"/>\n",
                      x, kTop, kTop + kPlot);
      // At the right end there is no room for its other half.
      body_ += fmt::format("<text text-anchor=\"{}\" x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n",
                           x > kWidth - 2 * kRight ? "end" : "middle", x, kTop + kPlot + 18, each.text);
    }
  }

  void curve(std::size_t at) {
    const Life &life = *shown_[at]->life;
    // The highest of each pixel.
    std::string path;
    double column = -1, most = 0;
    const auto put = [&] {
      if (column >= 0) path += fmt::format("{}{:.0f},{:.1f}", path.empty() ? "" : " ", column, y_of(most));
    };
    for (const Point &point : life.points) {
      const double x = std::floor(x_of(point.time_ms));
      if (x != column) {
        put();
        column = x;
        most = 0;
      }
      most = std::max(most, static_cast<double>(point.most_bytes));
    }
    put();
    if (life.points.size() == 1) path += fmt::format(" {:.0f},{:.1f}", column + 2, y_of(most));
    body_ +=
        fmt::format("<polyline class=\"curve\" stroke=\"{}\" points=\"{}\"><title>{}</title></polyline>\n",
                    kColours[at], path, flame::xml_text(printable(life.label())));
  }

  void legend(std::size_t at, double y) {
    const Told &told = *shown_[at];
    body_ +=
        fmt::format("<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"12\" height=\"12\" rx=\"2\" fill=\"{}\"/>\n",
                    kLeft, y - 10, kColours[at]);
    line(
        "name", kLeft + 20, y,
        fmt::format("{}  {}  {}", told.life->label(),
                    format::bytes(static_cast<double>(told.life->last[record::k_live_bytes])), what_of(told)),
        130);
  }

  const Story &story_;
  std::vector<const Told *> shown_;
  std::size_t left_out_ = 0;
  double most_ = 1;
  std::string body_;
};

}  // namespace

std::string svg(const Story &story, const std::vector<Told> &lives) { return Drawing(story, lives).text(); }

}  // namespace heapmeter::cli::report
