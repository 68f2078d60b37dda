// SPDX-License-Identifier: MIT
#include "views/difference.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "text/bar.h"
#include "text/fit.h"
#include "text/format.h"
#include "text/table.h"
#include "views/class_table.h"

namespace heapmeter::cli {
namespace {

constexpr int kBarWidth = 20;

// Who was compared with whom, and what that is worth.
std::string heading(const Difference &difference, const Mark &before, const Mark &after, const Paint &paint,
                    bool utf8) {
  const std::string ends =
      paint.title(fmt::format("{} {} {}", printable(before.name), utf8 ? "→" : "->", printable(after.name)));
  const std::string lapse = difference.seconds == 0
                                ? "at the same moment"
                                : fmt::format("{} {}", format::duration(std::fabs(difference.seconds)),
                                              difference.seconds < 0 ? "earlier" : "later");
  const auto whose = [](const Mark &mark) {
    return printable(mark.process()) + (mark.at_exit ? " " + mark.moment() : "");
  };
  const std::string one = whose(before), other = whose(after);
  if (!difference.same_process) {
    return fmt::format("{}  {}\n", ends,
                       paint.alarm(fmt::format("two processes: {} and, {}, {}", one, lapse, other)));
  }
  const bool renamed = before.reading.name != after.reading.name;
  std::string text = fmt::format(
      "{}  {}\n", ends,
      paint.dim(fmt::format("{}{}, {}{}", one, renamed ? ", now named " + printable(after.reading.name) : "",
                            lapse, after.at_exit && !before.at_exit ? ", " + after.moment() : "")));
  if (!difference.same_counters) {
    text += paint.alarm("another program was started in it in between (exec), which counts from 0") + "\n";
  }
  return text;
}

// Who of a group grew or shrank; the others are one line.
std::string member_table(const Difference &difference, const Units &units, const Paint &paint) {
  if (difference.members.empty()) return "";
  constexpr std::size_t kMost = 8;
  using Stay = MemberChange::Stay;
  Table table({{"PROCESS", Align::kLeft}, {"BEFORE"}, {"AFTER"}, {"CHANGE"}});
  std::size_t shown = 0;
  std::uint64_t others = 0, before = 0, after = 0;
  for (const MemberChange &each : difference.members) {
    if (shown == kMost || (each.change() == 0 && each.stay == Stay::kStayed)) {
      ++others;
      before += each.live_before;
      after += each.live_after;
      continue;
    }
    ++shown;
    const bool was = each.stay == Stay::kStayed || each.stay == Stay::kEnded;
    const bool is = each.stay != Stay::kEnded;
    table.add({printable(each.process) + (each.stay == Stay::kForked ? ", forked" : ""),
               was ? units.bytes(each.live_before) : "came", is ? units.bytes(each.live_after) : "ended",
               units.change(each.change(), true)});
  }
  if (others > 0) {
    table.add({others == 1 ? "1 other" : format::grouped(others) + " others", units.bytes(before),
               units.bytes(after), units.change(static_cast<std::int64_t>(after - before), true)});
  }
  return paint.title(table.header()) + table.rows() + "\n";
}

std::string total_table(const Difference &difference, const Units &units, const Paint &paint) {
  const bool rates = difference.same_counters && difference.seconds != 0;
  std::vector<Column> columns = {{"", Align::kLeft}, {"BEFORE"}, {"AFTER"}, {"CHANGE"}};
  if (rates) columns.push_back({"PER SECOND"});
  Table table(std::move(columns));
  for (const Total &total : difference.totals) {
    // Wrong calls and failures are worth a line only when there are some.
    const bool usual = total.has_rate || total.of_bytes || total.before != total.after;
    if (!usual) continue;
    const auto shown = [&](std::uint64_t amount) {
      return total.of_bytes ? units.bytes(amount) : units.count(amount);
    };
    // A ~ where it is only known between what.
    const auto about = [&](std::uint64_t amount, std::uint64_t error) {
      const bool known = shown(amount - std::min(amount, error)) == shown(amount + std::min(~amount, error));
      return std::string(known ? "" : "~");
    };
    const std::string before = about(total.before, total.error_before),
                      after = about(total.after, total.error_after);
    const bool is_known = before.empty() && after.empty();
    const bool is_same = total.before == total.after && total.error_before == total.error_after;
    std::vector<std::string> cells = {
        total.label, before + shown(total.before), after + shown(total.after),
        (is_known || is_same ? "" : "~") + units.change(total.change(), total.of_bytes)};
    if (rates) {
      const double rate = static_cast<double>(total.change()) / difference.seconds;
      cells.push_back(!total.has_rate  ? ""
                      : units.exact    ? fmt::format("{:.0f}", rate + 0.0)
                      : total.of_bytes ? format::bytes(rate)
                                       : format::count(rate));
    }
    table.add(std::move(cells));
  }
  return paint.title(table.header()) + table.rows();
}

std::string class_changes(const Difference &difference, const Units &units, const Paint &paint, bool utf8) {
  Table table({{"CLASS"}, {"BEFORE"}, {"AFTER"}, {"CHANGE"}, {"BLOCKS"}, {"", Align::kLeft}});
  // Growth has a bar, on the scale of what shrank too: beside a class that gave MiB back some KiB are little.
  std::int64_t most = 0;
  for (const ClassChange &each : difference.classes) most = std::max(most, std::abs(each.live_bytes));
  for (const ClassChange &each : difference.classes) {
    if (each.live_blocks == 0 && each.live_bytes == 0) continue;
    const auto now = static_cast<std::int64_t>(each.now.live_bytes);
    table.add({class_label(each.now, units, utf8),
               units.bytes(static_cast<std::uint64_t>(now - each.live_bytes)),
               units.bytes(each.now.live_bytes), units.change(each.live_bytes, true),
               units.change(each.live_blocks, false),
               bar(static_cast<double>(std::max<std::int64_t>(each.live_bytes, 0)), static_cast<double>(most),
                   kBarWidth, utf8)});
  }
  if (!difference.classes_known)
    return "Size classes: a report of an older library does not have them, nor has the sum of a run.\n";
  if (table.empty()) return "No size class holds more or less.\n";
  return paint.title(table.header()) + table.rows();
}

std::string thread_changes(const Difference &difference, const Units &units, const Paint &paint) {
  Table table({{"TID"}, {"NAME", Align::kLeft}, {"ALLOCS"}, {"FREES"}, {"ALLOCATED"}, {"FREED"}, {"NET"}});
  if (!difference.threads_known)
    return "Threads: a report of an older library, or of very many threads, does not have them, nor has the "
           "sum of a run.\n";
  std::uint64_t idle = 0;
  const auto add = [&](const std::string &tid, const std::string &name, const ThreadChange &change) {
    table.add({tid, name, units.change(change.allocations(), false), units.change(change.frees(), false),
               units.change(change.allocated(), true), units.change(change.freed(), true),
               units.change(change.net(), true)});
  };
  for (const ThreadChange &each : difference.threads) {
    if (each.idle()) {
      ++idle;
      continue;
    }
    add(each.tid != 0 ? std::to_string(each.tid) : "-", printable(each.name), each);
  }
  if (!difference.exited.idle()) add("-", "(exited)", difference.exited);
  std::string text = table.empty() ? "" : paint.title(table.header()) + table.rows();
  if (idle > 0) {
    const char *noun = difference.same_counters ? "thread" : "thread name";
    text += paint.dim(fmt::format("{}: no change", format::counted(idle, noun))) + "\n";
  }
  return text;
}

}  // namespace

std::string difference_text(const Difference &difference, const Mark &before, const Mark &after,
                            const std::string &code, const Look &look) {
  return folded_lines(heading(difference, before, after, look.paint, look.utf8), look.width, 2) + "\n" +
         member_table(difference, look.units, look.paint) + total_table(difference, look.units, look.paint) +
         "\n" + code + (code.empty() ? "" : "\n") +
         class_changes(difference, look.units, look.paint, look.utf8) + "\n" +
         thread_changes(difference, look.units, look.paint);
}

}  // namespace heapmeter::cli
