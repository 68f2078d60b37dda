// SPDX-License-Identifier: MIT
#include "targets/group.h"

#include <algorithm>

#include "readings/add_up.h"

namespace heapmeter::cli {
namespace {

constexpr double kMatters = 0.02;  // of the sum
constexpr std::size_t kFewEnough = 4;

double live_of(const Member &member) {
  return member.reading ? static_cast<double>(member.reading->live_bytes) : 0;
}

double growth_of(const Member &member) {
  const auto rates = member.rates();
  return rates ? rates->live_bytes : 0;
}

template <typename Amount>
const Member *outstanding(const std::vector<const Member *> &members, Amount amount) {
  double sum = 0;
  const Member *most = nullptr;
  for (const Member *each : members) {
    sum += std::max(0.0, amount(*each));
    if (most == nullptr || amount(*each) > amount(*most)) most = each;
  }
  const bool stands_out = members.size() > 1 && sum > 0 && amount(*most) * 2 >= sum;
  return stands_out ? most : nullptr;
}

}  // namespace

GroupSum sum_of(const std::vector<const Member *> &members) {
  GroupSum sum;
  for (const Member *each : members) {
    ++sum.processes;
    if (each->complaint.empty()) ++sum.answering;
    add_up(sum.resident_bytes, each->resident.value_or(0));
    if (!each->reading) continue;
    add_up(sum.live_bytes, each->reading->live_bytes);
    add_up(sum.live_blocks, each->reading->live_blocks);
    add_up(sum.peak_bytes, each->reading->peak_bytes);
    add_up(sum.peak_error_bytes, each->reading->peak_error_bytes);
    add_up(sum.wrong_calls, each->reading->wrong_calls());
    const auto rates = each->rates();
    if (!rates) continue;
    if (!sum.rates) sum.rates.emplace();
    sum.rates->interval_seconds = std::max(sum.rates->interval_seconds, rates->interval_seconds);
    for (double Rates::*rate : {&Rates::allocations, &Rates::frees, &Rates::reallocations,
                                &Rates::allocated_bytes, &Rates::freed_bytes, &Rates::live_bytes})
      (*sum.rates).*rate += (*rates).*rate;
  }
  return sum;
}

const Member *largest_of(const std::vector<const Member *> &members) { return outstanding(members, live_of); }
const Member *fastest_of(const std::vector<const Member *> &members) {
  return outstanding(members, growth_of);
}

Folded fold(const std::vector<const Member *> &members, std::size_t most) {
  std::vector<const Member *> all = members;
  std::stable_sort(all.begin(), all.end(),
                   [](const Member *a, const Member *b) { return live_of(*a) > live_of(*b); });
  double live = 0, growth = 0;
  for (const Member *each : all) {
    live += live_of(*each);
    growth += std::max(0.0, growth_of(*each));
  }
  // What each of many holds, is nothing by which to tell one from the others.
  const double usual = all.empty() ? 0 : live_of(*all[all.size() / 2]);
  Folded folded;
  for (const Member *each : all) {
    const bool matters = all.size() <= kFewEnough ||
                         (live_of(*each) > kMatters * live && live_of(*each) > 2 * usual) ||
                         growth_of(*each) > kMatters * growth || !each->complaint.empty() ||
                         (each->reading && each->reading->wrong_calls() > 0);
    const bool has_room = folded.shown.size() < std::max<std::size_t>(most, 1);
    (has_room && (matters || folded.shown.empty()) ? folded.shown : folded.folded).push_back(each);
  }
  // One row says more than "1 other".
  if (folded.folded.size() == 1) {
    folded.shown.push_back(folded.folded.front());
    folded.folded.clear();
  }
  return folded;
}

std::vector<const Member *> pointers_to(const std::vector<Member> &members) {
  std::vector<const Member *> all;
  for (const Member &each : members) all.push_back(&each);
  return all;
}

boost::json::object to_json(const GroupSum &sum) {
  return {{"processes", sum.processes},
          {"answering", sum.answering},
          {"live_bytes", sum.live_bytes},
          {"live_blocks", sum.live_blocks},
          {"peak_bytes_sum", sum.peak_bytes},
          {"peak_error_bytes_sum", sum.peak_error_bytes},
          {"wrong_calls", sum.wrong_calls},
          {"rss_bytes", sum.resident_bytes},
          {"rates", sum.rates ? boost::json::value(to_json(*sum.rates)) : boost::json::value(nullptr)}};
}

}  // namespace heapmeter::cli
