// SPDX-License-Identifier: MIT
#include "readings/difference.h"

#include <algorithm>
#include <map>
#include <utility>

#include "readings/merged.h"
#include "readings/rates.h"
#include "text/json_text.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

std::vector<Total> totals_of(const Reading &before, const Reading &after) {
  std::vector<Total> totals;
  const auto add = [&](const char *field, const char *label, bool of_bytes, bool has_rate,
                       std::uint64_t Reading::*counter) {
    totals.push_back({field, label, of_bytes, has_rate, before.*counter, after.*counter, 0, 0});
  };
  add("live_bytes", "live", true, true, &Reading::live_bytes);
  add("live_blocks", "blocks", false, true, &Reading::live_blocks);
  add("usable_bytes", "usable", true, true, &Reading::usable_bytes);
  add("peak_bytes", "peak", true, false, &Reading::peak_bytes);
  totals.back().error_before = before.peak_error_bytes;
  totals.back().error_after = after.peak_error_bytes;
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

const Reading &front_of(const Mark &mark) {
  return mark.members.empty() ? mark.reading : mark.members.front().reading;
}

// By a clock that nobody sets, where both were read within one boot.
double seconds_between(const Mark &before, const Mark &after) {
  const std::uint64_t first = front_of(before).monotonic_ns, second = front_of(after).monotonic_ns;
  const bool same_boot = !before.boot_id.empty() && before.boot_id == after.boot_id;
  if ((same_boot && first != 0 && second != 0) || same_process(before, after))
    return (static_cast<double>(second) - static_cast<double>(first)) / 1e9;
  return after.time - before.time;
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
          {"at_exit", mark.at_exit && !mark.is_last_reading()},
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

namespace {

using Stay = MemberChange::Stay;

// Both ends of one process, as far as they can be compared.
struct Ends {
  Reading before, after;
  std::vector<SizeClass> classes_before, classes_after;
};

void empty_live(Reading &reading, std::vector<SizeClass> &classes) {
  reading.live_bytes = reading.live_blocks = reading.usable_bytes = 0;
  reading.threads = reading.meter_bytes = 0;
  for (SizeClass &each : classes) each.live_bytes = each.live_blocks = 0;
}

// Its counts go on to be what they were; nothing of it lives.
Ends ended(const Mark &mark) {
  Ends ends{mark.reading, mark.reading, mark.classes, mark.classes};
  empty_live(ends.after, ends.classes_after);
  return ends;
}

Ends came(const Mark &mark, bool forked) {
  Ends ends{mark.reading, mark.reading, mark.classes, mark.classes};
  if (!forked) return {Reading(), mark.reading, {}, mark.classes};
  empty_live(ends.before, ends.classes_before);
  return ends;
}

class GroupDifference {
 public:
  GroupDifference(const Mark &before, const Mark &after) : before_(before), after_(after) {}

  Difference difference() {
    std::vector<bool> stayed(after_.members.size());
    for (const Mark &then : before_.members) {
      const auto now = std::find_if(after_.members.begin(), after_.members.end(),
                                    [&](const Mark &each) { return same_process(then, each); });
      if (now == after_.members.end()) {
        add(Stay::kEnded, &then, nullptr, ended(then));
      } else {
        stayed[static_cast<std::size_t>(now - after_.members.begin())] = true;
        add_pair(then, *now);
      }
    }
    for (std::size_t at = 0; at < after_.members.size(); ++at) {
      const Mark &now = after_.members[at];
      const bool forked = now.reading.counting_since_ns <= before_.reading.monotonic_ns;
      if (!stayed[at]) add(forked ? Stay::kForked : Stay::kCame, nullptr, &now, came(now, forked));
    }
    return finished();
  }

 private:
  void add_pair(const Mark &then, const Mark &now) {
    const Difference one = difference_between(then, now);
    if (!one.same_counters) {  // by exec
      add(Stay::kEnded, &then, nullptr, ended(then));
      add(Stay::kCame, nullptr, &now, came(now, false));
      return;
    }
    add(Stay::kStayed, &then, &now, {then.reading, now.reading, then.classes, now.classes});
    for (const ThreadChange &each : one.threads) {
      ThreadChange &sum = threads_[each.name];
      sum.name = each.name;
      sum.before += each.before;
      sum.after += each.after;
    }
    exited_.before += one.exited.before;
    exited_.after += one.exited.after;
  }

  void add(Stay stay, const Mark *then, const Mark *now, Ends ends) {
    const Mark &whose = now != nullptr ? *now : *then;
    const int pid = whose.local_pid != 0 ? whose.local_pid : whose.reading.pid;
    members_.push_back({stay, whose.process(), pid, then != nullptr ? then->reading.live_bytes : 0,
                        now != nullptr ? now->reading.live_bytes : 0});
    ends_.push_back(std::move(ends));
  }

  Difference finished() {
    std::vector<const Reading *> first, last;
    std::vector<const std::vector<SizeClass> *> first_classes, last_classes;
    for (const Ends &each : ends_) {
      first.push_back(&each.before);
      last.push_back(&each.after);
      first_classes.push_back(&each.classes_before);
      last_classes.push_back(&each.classes_after);
    }
    Difference difference;
    difference.same_process = same_process(before_, after_);
    difference.same_counters = difference.same_process;
    difference.seconds = seconds_between(before_, after_);
    Reading before = merged(first, ""), after = merged(last, "");
    difference.totals = totals_of(before, after);
    difference.group_before = std::move(before.fields);
    difference.group_after = std::move(after.fields);
    difference.classes = changes(merged(first_classes), merged(last_classes));
    for (auto &[name, change] : threads_) difference.threads.push_back(std::move(change));
    difference.exited = exited_;
    std::stable_sort(members_.begin(), members_.end(),
                     [](const MemberChange &a, const MemberChange &b) { return a.change() > b.change(); });
    difference.members = std::move(members_);
    return difference;
  }

  const Mark &before_, &after_;
  std::vector<Ends> ends_;
  std::vector<MemberChange> members_;
  std::map<std::string, ThreadChange> threads_;
  ThreadChange exited_;
};

// Stable: what grew alike stays by size, and by tid or name.
void sort_by_growth(Difference &difference) {
  std::stable_sort(difference.classes.begin(), difference.classes.end(),
                   [](const ClassChange &a, const ClassChange &b) { return a.live_bytes > b.live_bytes; });
  std::stable_sort(difference.threads.begin(), difference.threads.end(),
                   [](const ThreadChange &a, const ThreadChange &b) { return a.net() > b.net(); });
}

json::array members_json(const std::vector<MemberChange> &members) {
  json::array list;
  for (const MemberChange &each : members) {
    const char *stay = each.stay == Stay::kStayed  ? "stayed"
                       : each.stay == Stay::kCame  ? "came"
                       : each.stay == Stay::kEnded ? "ended"
                                                   : "forked";
    list.push_back(json::object{{"process", each.process},
                                {"pid", each.pid},
                                {"stay", stay},
                                {"live_bytes_before", each.live_before},
                                {"live_bytes_after", each.live_after},
                                {"live_bytes_change", each.change()}});
  }
  return list;
}

}  // namespace

Difference difference_between(const Mark &before, const Mark &after) {
  if (!before.members.empty() && !after.members.empty()) {
    Difference difference = GroupDifference(before, after).difference();
    sort_by_growth(difference);
    return difference;
  }
  Difference difference;
  const Reading &first = before.reading, &second = after.reading;
  const bool forward = first.monotonic_ns <= second.monotonic_ns;
  difference.same_process = same_process(before, after);
  const Mark &older = forward ? before : after, &newer = forward ? after : before;
  difference.same_counters = difference.same_process && goes_on(older.reading, newer.reading) &&
                             goes_on(older.classes, newer.classes);
  difference.seconds = seconds_between(before, after);
  difference.totals = totals_of(first, second);
  difference.classes_known = before.has_classes && after.has_classes;
  difference.threads_known = before.has_threads && after.has_threads;
  if (difference.classes_known) difference.classes = changes(before.classes, after.classes);
  if (difference.threads_known) compare_threads(before.threads, after.threads, forward, difference);
  sort_by_growth(difference);
  return difference;
}

json::object difference_json(const Difference &difference, const Mark &before, const Mark &after) {
  json::object totals;
  for (const Total &total : difference.totals) {
    totals[total.field] = {{"before", total.before}, {"after", total.after}, {"change", total.change()}};
    if (total.field == std::string_view("peak_bytes")) {
      totals["peak_error_bytes"] = {
          {"before", total.error_before},
          {"after", total.error_after},
          {"change", static_cast<std::int64_t>(total.error_after - total.error_before)}};
    }
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
          {"exited", thread_json(difference.exited)},
          {"members", members_json(difference.members)}};
}

}  // namespace heapmeter::cli
