// SPDX-License-Identifier: MIT
#include "readings/difference.h"

#include <algorithm>
#include <map>
#include <utility>

#include "readings/rates.h"
#include "text/json_text.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

std::vector<Total> totals_of(const Reading &before, const Reading &after) {
  std::vector<Total> totals;
  const auto add = [&](const char *field, const char *label, bool of_bytes, bool has_rate,
                       std::uint64_t Reading::*counter) {
    totals.push_back({field, label, of_bytes, has_rate, before.*counter, after.*counter});
  };
  add("live_bytes", "live", true, true, &Reading::live_bytes);
  add("live_blocks", "blocks", false, true, &Reading::live_blocks);
  add("usable_bytes", "usable", true, true, &Reading::usable_bytes);
  add("peak_bytes", "peak", true, false, &Reading::peak_bytes);
  add("allocated_bytes", "allocated", true, true, &Reading::allocated_bytes);
  add("freed_bytes", "freed", true, true, &Reading::freed_bytes);
  add("allocations", "allocations", false, true, &Reading::allocations);
  add("frees", "frees", false, true, &Reading::frees);
  add("reallocations", "reallocations", false, true, &Reading::reallocations);
  add("failures", "failures", false, false, &Reading::failures);
  add("mismatches", "mismatches", false, false, &Reading::mismatches);
  add("size_mismatches", "wrong sizes", false, false, &Reading::size_mismatches);
  add("double_frees", "double frees", false, false, &Reading::double_frees);
  add("foreign_frees", "foreign frees", false, false, &Reading::foreign_frees);
  add("inner_frees", "inner frees", false, false, &Reading::inner_frees);
  add("threads", "threads", false, false, &Reading::threads);
  add("meter_bytes", "meter cost", true, false, &Reading::meter_bytes);
  return totals;
}

// Totals only grow: with smaller ones the tid has come to a later thread.
bool may_be_later(const ThreadTotals &before, const ThreadTotals &after) {
  return after.allocations >= before.allocations && after.frees >= before.frees &&
         after.reallocations >= before.reallocations && after.allocated_bytes >= before.allocated_bytes &&
         after.freed_bytes >= before.freed_bytes;
}

void compare_by_tid(const ThreadList &before, const ThreadList &after, bool forward, Difference &out) {
  std::map<int, ThreadEntry> earlier;
  for (const ThreadEntry &each : before.threads) earlier[each.tid] = each;
  for (const ThreadEntry &each : after.threads) {
    ThreadChange change{each.tid, each.name, {}, each.totals};
    const auto found = earlier.find(each.tid);
    if (found != earlier.end()) {
      const ThreadTotals &then = found->second.totals;
      if (forward ? may_be_later(then, each.totals) : may_be_later(each.totals, then)) {
        change.before = then;
        earlier.erase(found);
      }
    }
    out.threads.push_back(std::move(change));
  }
  for (const auto &[tid, entry] : earlier) out.exited.before += entry.totals;
}

void compare_by_name(const ThreadList &before, const ThreadList &after, Difference &out) {
  std::map<std::string, ThreadChange> all;
  for (const ThreadEntry &each : before.threads) all[each.name].before += each.totals;
  for (const ThreadEntry &each : after.threads) all[each.name].after += each.totals;
  for (auto &[name, change] : all) {
    change.name = name;
    out.threads.push_back(std::move(change));
  }
}

void compare_threads(const ThreadList &before, const ThreadList &after, bool forward, Difference &out) {
  out.exited.before = before.exited;
  out.exited.after = after.exited;
  if (out.same_counters) {
    compare_by_tid(before, after, forward, out);
  } else {
    compare_by_name(before, after, out);
  }
}

json::object thread_json(const ThreadChange &change) {
  const auto net = [](const ThreadTotals &totals) {
    return static_cast<std::int64_t>(totals.allocated_bytes - totals.freed_bytes);
  };
  return {{"allocations_change", change.allocations()},
          {"frees_change", change.frees()},
          {"allocated_bytes_change", change.allocated()},
          {"freed_bytes_change", change.freed()},
          {"net_bytes_before", net(change.before)},
          {"net_bytes_after", net(change.after)},
          {"net_bytes_change", change.net()}};
}

json::object end_json(const Mark &mark) {
  return {{"mark", mark.name},
          {"at_exit", mark.at_exit},
          {"time", mark.time},
          {"host", mark.at_exit ? json::value(nullptr) : json::value(mark.host)},
          {"process", mark.reading.name},
          {"pid", mark.reading.pid},
          {"start_time", mark.reading.start_time}};
}

json::array classes_json(const std::vector<ClassChange> &classes) {
  json::array list;
  for (const ClassChange &each : classes) {
    const auto before = [](std::uint64_t now, std::int64_t change) {
      return static_cast<std::uint64_t>(static_cast<std::int64_t>(now) - change);
    };
    list.push_back(json::object{{"least_bytes", or_null(each.now.least_bytes)},
                                {"class_bytes", each.now.class_bytes},
                                {"live_bytes_before", before(each.now.live_bytes, each.live_bytes)},
                                {"live_bytes_after", each.now.live_bytes},
                                {"live_bytes_change", each.live_bytes},
                                {"live_blocks_before", before(each.now.live_blocks, each.live_blocks)},
                                {"live_blocks_after", each.now.live_blocks},
                                {"live_blocks_change", each.live_blocks},
                                {"allocations_change", each.allocations}});
  }
  return list;
}

}  // namespace

Difference difference_between(const Mark &before, const Mark &after) {
  Difference difference;
  const Reading &first = before.reading, &second = after.reading;
  const bool forward = first.monotonic_ns <= second.monotonic_ns;
  difference.same_process = same_process(before, after);
  const Mark &older = forward ? before : after, &newer = forward ? after : before;
  difference.same_counters = difference.same_process && goes_on(older.reading, newer.reading) &&
                             goes_on(older.classes, newer.classes);
  difference.seconds =
      difference.same_process
          ? (static_cast<double>(second.monotonic_ns) - static_cast<double>(first.monotonic_ns)) / 1e9
          : after.time - before.time;
  difference.totals = totals_of(first, second);
  difference.classes_known = before.has_classes && after.has_classes;
  difference.threads_known = before.has_threads && after.has_threads;
  if (difference.classes_known) difference.classes = changes(before.classes, after.classes);
  if (difference.threads_known) compare_threads(before.threads, after.threads, forward, difference);
  // Stable: what grew alike stays by size, and by tid or name.
  std::stable_sort(difference.classes.begin(), difference.classes.end(),
                   [](const ClassChange &a, const ClassChange &b) { return a.live_bytes > b.live_bytes; });
  std::stable_sort(difference.threads.begin(), difference.threads.end(),
                   [](const ThreadChange &a, const ThreadChange &b) { return a.net() > b.net(); });
  return difference;
}

json::object difference_json(const Difference &difference, const Mark &before, const Mark &after) {
  json::object totals;
  for (const Total &total : difference.totals) {
    totals[total.field] = {{"before", total.before}, {"after", total.after}, {"change", total.change()}};
  }
  json::array threads;
  for (const ThreadChange &change : difference.threads) {
    json::object object = {{"tid", change.tid != 0 ? json::value(change.tid) : json::value(nullptr)},
                           {"name", change.name}};
    for (auto &entry : thread_json(change)) object.insert(std::move(entry));
    threads.push_back(std::move(object));
  }
  return {{"schema", 1},
          {"before", end_json(before)},
          {"after", end_json(after)},
          {"same_process", difference.same_process},
          {"same_counters", difference.same_counters},
          {"interval_seconds", difference.seconds},
          {"totals", std::move(totals)},
          {"classes_known", difference.classes_known},
          {"threads_known", difference.threads_known},
          {"classes", classes_json(difference.classes)},
          {"threads", std::move(threads)},
          {"exited", thread_json(difference.exited)}};
}

}  // namespace heapmeter::cli
