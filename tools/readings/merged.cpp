// SPDX-License-Identifier: MIT
#include "readings/merged.h"

#include <algorithm>
#include <map>

#include <heapmeter/protocol.h>
#include <boost/json/array.hpp>

#include "readings/add_up.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

void add_kinds(std::vector<KindCount> &sum, const std::vector<KindCount> &more) {
  for (const KindCount &each : more) {
    const auto known =
        std::find_if(sum.begin(), sum.end(), [&](const KindCount &kind) { return kind.kind == each.kind; });
    if (known == sum.end()) {
      sum.push_back(each);
    } else {
      add_up(known->count, each.count);
    }
  }
}

void add_faults(std::vector<Fault> &sum, const std::vector<Fault> &more) {
  for (const Fault &each : more) {
    const auto known = std::find_if(sum.begin(), sum.end(), [&](const Fault &fault) {
      return fault.fault == each.fault && fault.allocated_by == each.allocated_by &&
             fault.released_by == each.released_by && fault.bytes == each.bytes;
    });
    if (known == sum.end()) {
      sum.push_back(each);
    } else {
      add_up(known->count, each.count);
    }
  }
}

void add_word(std::string &sum, const std::string &more, bool first) {
  if (first) {
    sum = more;
  } else if (sum != more) {
    sum = kSeveral;
  }
}

// Of the words that all say, the one that all say alike.
void add_said(json::object &sum, const char *name, const std::vector<const Reading *> &readings) {
  std::string word;
  for (const Reading *each : readings) {
    const json::value *said = each->fields.if_contains(name);
    if (said == nullptr || !said->is_string()) return;  // of an older library
    add_word(word, std::string(said->get_string()), each == readings.front());
  }
  sum[name] = word;
}

json::object kinds_json(const std::vector<KindCount> &kinds) {
  json::object object;
  for (const KindCount &each : kinds) object[each.kind] = each.count;
  return object;
}

// As the library writes it: a reading parses again from them.
json::object fields_of(const Reading &sum) {
  json::object fields = {{"protocol", HEAPMETER_PROTOCOL_VERSION},
                         {"version", sum.version},
                         {"pid", 0},
                         {"parent_pid", 0},
                         {"start_time", 0},
                         {"name", sum.name},
                         {"backend", sum.backend},
                         {"sampling", sum.sampling},
                         {"uptime_seconds", sum.uptime_seconds},
                         {"monotonic_ns", sum.monotonic_ns},
                         {"counting_since_ns", 0}};
#define HEAPMETER_COUNTER(type, name, unit, help) fields[#name] = sum.name;
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  fields["allocations_by_kind"] = kinds_json(sum.allocations_by_kind);
  fields["frees_by_kind"] = kinds_json(sum.frees_by_kind);
  json::array faults;
  for (const Fault &each : sum.faults) {
    faults.push_back(json::object{{"fault", each.fault},
                                  {"bytes", each.bytes},
                                  {"allocated_by", each.allocated_by},
                                  {"released_by", each.released_by},
                                  {"count", each.count}});
  }
  fields["faults"] = std::move(faults);
  return fields;
}

}  // namespace

Reading merged(const std::vector<const Reading *> &readings, const std::string &name) {
  Reading sum;
  std::uint64_t least_peak = 0, most_peak = 0;
  bool first = true;
  for (const Reading *each : readings) {
#define HEAPMETER_COUNTER(type, name, unit, help) add_up(sum.name, each->name);
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
    least_peak = std::max(least_peak, each->least_peak());
    add_up(most_peak, each->most_peak());
    add_word(sum.version, each->version, first);
    add_word(sum.backend, each->backend, first);
    add_word(sum.sampling, each->sampling, first);
    add_kinds(sum.allocations_by_kind, each->allocations_by_kind);
    add_kinds(sum.frees_by_kind, each->frees_by_kind);
    add_faults(sum.faults, each->faults);
    sum.monotonic_ns = std::max(sum.monotonic_ns, each->monotonic_ns);
    sum.uptime_seconds = std::max(sum.uptime_seconds, each->uptime_seconds);
    first = false;
  }
  least_peak = std::max(least_peak, sum.live_bytes);
  most_peak = std::max(most_peak, least_peak);
  sum.peak_error_bytes = most_peak - least_peak - (most_peak - least_peak) / 2;
  sum.peak_bytes = least_peak + sum.peak_error_bytes;
  sum.name = name;
  sum.fields = fields_of(sum);
  if (!readings.empty()) {
    for (const char *name : {"huge_pages", "ledger"}) add_said(sum.fields, name, readings);
  }
  return sum;
}

std::vector<SizeClass> merged(const std::vector<const std::vector<SizeClass> *> &lists) {
  std::map<std::uint64_t, SizeClass> sums;
  for (const auto *list : lists) {
    for (const SizeClass &each : *list) {
      const auto [known, is_new] = sums.try_emplace(each.class_bytes, each);
      if (is_new) continue;
      SizeClass &sum = known->second;
      add_up(sum.live_blocks, each.live_blocks);
      add_up(sum.live_bytes, each.live_bytes);
      add_up(sum.allocations, each.allocations);
      add_up(sum.frees, each.frees);
      if (sum.usable_bytes && each.usable_bytes) {
        add_up(*sum.usable_bytes, *each.usable_bytes);
      } else {
        sum.usable_bytes.reset();
      }
      if (each.least_bytes && (!sum.least_bytes || *each.least_bytes < *sum.least_bytes))
        sum.least_bytes = each.least_bytes;
    }
  }
  std::vector<SizeClass> all;
  for (const auto &[bytes, sum] : sums) all.push_back(sum);
  return all;
}

ThreadList merged(const std::vector<const ThreadList *> &lists) {
  std::map<std::string, ThreadEntry> sums;
  ThreadList all;
  for (const ThreadList *list : lists) {
    all.exited += list->exited;
    for (const ThreadEntry &each : list->threads) {
      ThreadEntry &sum = sums[each.name];
      sum.name = each.name;
      sum.totals += each.totals;
    }
  }
  for (const auto &[name, sum] : sums) all.threads.push_back(sum);
  return all;
}

}  // namespace heapmeter::cli
