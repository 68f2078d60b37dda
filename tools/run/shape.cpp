// SPDX-License-Identifier: MIT
#include "run/shape.h"

#include <algorithm>

#include <boost/json/object.hpp>

namespace heapmeter::cli {
namespace {

constexpr std::size_t kMost = 512;

}  // namespace

void Shape::add(const Moment &moment) {
  moments_.push_back(moment);
  if (moments_.size() <= kMost) return;
  std::vector<Moment> halved;
  for (std::size_t at = 0; at + 1 < moments_.size(); at += 2) {
    halved.push_back(moments_[at + 1]);
    halved.back().most_bytes = std::max(moments_[at].most_bytes, moments_[at + 1].most_bytes);
  }
  if (moments_.size() % 2 != 0) halved.push_back(moments_.back());
  moments_ = std::move(halved);
}

Graph Shape::graph(double seconds, int columns) const {
  Graph graph(static_cast<std::size_t>(std::max(columns, 0)));
  if (graph.empty() || !(seconds > 0)) return graph;
  const auto column_of = [&](double when) {
    const double part = std::clamp(when / seconds, 0.0, 1.0);
    return std::min(graph.size() - 1, static_cast<std::size_t>(part * static_cast<double>(graph.size())));
  };
  for (const Moment &moment : moments_) {
    auto &cell = graph[column_of(moment.seconds)];
    cell = std::max(cell.value_or(0), static_cast<double>(moment.most_bytes));
  }
  // What a column begins with is what was live at its start.
  std::size_t next = 0;
  std::optional<double> live;
  for (std::size_t column = 0; column < graph.size(); ++column) {
    if (!graph[column]) graph[column] = live;
    for (; next < moments_.size() && column_of(moments_[next].seconds) <= column; ++next)
      live = static_cast<double>(moments_[next].live_bytes);
  }
  return graph;
}

boost::json::array to_json(const Shape &shape) {
  boost::json::array list;
  for (const Moment &moment : shape.moments()) {
    list.push_back(boost::json::object{
        {"seconds", moment.seconds}, {"live_bytes", moment.live_bytes}, {"most_bytes", moment.most_bytes}});
  }
  return list;
}

}  // namespace heapmeter::cli
