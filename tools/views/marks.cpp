// SPDX-License-Identifier: MIT
#include "views/marks.h"

#include <algorithm>

#include <time.h>

#include "text/fit.h"
#include "text/table.h"

namespace heapmeter::cli {
namespace {

constexpr int kRoomForHost = 120, kBesideName = 62, kLeastName = 12;

std::string local_time(double seconds) {
  const auto whole = static_cast<time_t>(seconds);
  struct tm parts;
  char text[32] = "?";
  if (localtime_r(&whole, &parts) != nullptr) strftime(text, sizeof text, "%F %T", &parts);
  return text;
}

}  // namespace

std::string marks_text(const std::vector<KeptMark> &all, const Look &look) {
  if (all.empty()) return "No mark is kept. Make one: heapmeter mark NAME TARGET\n";
  const bool with_host = look.width == 0 || look.width >= kRoomForHost;
  const auto name = [&](const KeptMark &kept) {
    const int room = look.width == 0 ? 0 : std::max(look.width - kBesideName, kLeastName);
    return cut_lines(printable(kept.name), room, look.utf8);
  };
  std::vector<Column> columns = {
      {"NAME", Align::kLeft}, {"TAKEN", Align::kLeft}, {"PROCESS", Align::kLeft}, {"LIVE"}, {"BLOCKS"}};
  if (with_host) columns.push_back({"HOST", Align::kLeft});
  Table table(columns);
  std::string damaged;
  for (const KeptMark &each : all) {
    std::vector<std::string> cells = {name(each), "unreadable", "-", "-", "-", "-"};
    if (each.mark) {
      const Mark &mark = *each.mark;
      cells = {name(each),
               local_time(mark.time),
               printable(mark.process()),
               look.units.bytes(mark.reading.live_bytes),
               look.units.count(mark.reading.live_blocks),
               printable(mark.host)};
    } else {
      damaged += "\n" + printable(each.error);
    }
    cells.resize(columns.size());
    table.add(std::move(cells));
  }
  const std::string rows = with_host ? folded_rows(table.header(), table.rows(), look.width)
                                     : cut_lines(table.rows(), look.width, look.utf8);
  return look.paint.title(table.header()) + rows +
         (damaged.empty() ? "" : folded_lines(damaged, look.width, 2) + "\n");
}

}  // namespace heapmeter::cli
