// SPDX-License-Identifier: MIT
#include "views/account.h"

#include <algorithm>
#include <climits>
#include <cmath>

#include <fmt/format.h>

#include "text/bar.h"
#include "text/format.h"
#include "text/table.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

// Label and figure with the gaps around them, and the narrowest bar; the source takes what is left of the
// line.
constexpr int kBesideBar = 33, kLeastBar = 12, kMostBar = 20;
constexpr int kMostSource = 46, kLeastSource = 16;  // but for one, which may be longer
constexpr int kFigure = 9, kExactFigure = 14;
constexpr int kIndent = 17;  // of what labelled() labels

std::string signed_bytes(std::int64_t amount, const Units &units) {
  return units.exact ? std::to_string(amount) : format::bytes(static_cast<double>(amount));
}

std::string mappings(const Holding &holding, const char *what) {
  return fmt::format("smaps: {}", format::counted(holding.mappings, what));
}

std::string meter_source(const Account &account, const Units &units) {
  return fmt::format("ledger {}, slots {}, service {}, library {}", units.bytes(account.meter_ledger_bytes),
                     units.bytes(account.meter_slot_bytes), units.bytes(account.meter_service_bytes),
                     units.bytes(account.meter_library_bytes));
}

std::string swapped(const Account &account, const Units &units) {
  const std::uint64_t bytes = account.of(Holder::kHeap).swap_bytes;
  return bytes == 0 ? "never touched, or given back"
                    : fmt::format("of it {} swapped out", units.bytes(bytes));
}

// Bars of sums begin at the left, those of parts where the sum before them ends.
class Builder {
 public:
  void sum(const char *label, std::uint64_t bytes, std::string source) {
    at_ = static_cast<double>(bytes);
    row(label, static_cast<std::int64_t>(bytes), 0, at_, std::move(source));
  }
  void part(const char *label, std::int64_t bytes, std::string source) {
    const double to = std::max(0.0, at_ + static_cast<double>(bytes));
    row(label, bytes, std::min(at_, to), std::max(at_, to), std::move(source));
    at_ = to;
  }
  void less(const char *label, std::int64_t bytes, std::string source) {
    part(label, -bytes, std::move(source));
    rows_.rows.back().bytes = bytes;
  }
  void part(const char *label, const Holding &holding, std::string source) {
    part(label, static_cast<std::int64_t>(holding.resident_bytes), std::move(source));
  }
  void gap() { rows_.rows.push_back({}); }
  AccountRows result() && { return std::move(rows_); }

 private:
  void row(const char *label, std::int64_t bytes, double from, double to, std::string source) {
    rows_.rows.push_back({label, bytes, from, to, std::move(source)});
    rows_.scale = std::max(rows_.scale, to);
  }

  AccountRows rows_;
  double at_ = 0;
};

// How wide a bar is, and a source; columns 0 is as much as they take.
struct Widths {
  int figure, bar, source;

  Widths(int columns, const Units &units) : figure(units.exact ? kExactFigure : kFigure) {
    const int left = columns - kBesideBar - (figure - kFigure);
    bar = columns == 0 ? kMostBar : std::clamp(left - kMostSource, kLeastBar, kMostBar);
    source = columns == 0 ? INT_MAX : std::max(left - bar, kLeastSource);
  }
};

std::string bar_of(const AccountRow &row, double scale, int width, bool utf8) {
  if (row.to <= row.from || scale <= 0) return "";
  const int indent = std::min(static_cast<int>(row.from / scale * width), width - 1);
  return std::string(static_cast<std::size_t>(indent), ' ') + bar(row.to - row.from, scale, width, utf8);
}

std::string row_text(const AccountRow &row, double scale, const Units &units, const Paint &paint, bool utf8,
                     const Widths &widths) {
  const std::string drawn = bar_of(row, scale, widths.bar, utf8);
  const auto room = static_cast<std::size_t>(widths.bar + 1);
  std::string text =
      fmt::format("  {:<16} {:>{}}  {}{}", row.label, signed_bytes(row.bytes, units), widths.figure, drawn,
                  std::string(room - std::min(display_width(drawn), room), ' '));
  const std::size_t indent = display_width(text) + 2;
  std::string gap = "  ";
  for (const std::string &line : wrapped(row.source, widths.source)) {
    text += gap + paint.dim(line);
    gap = "\n" + std::string(indent, ' ');
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string cgroup_text(const Account &account, const Units &units) {
  if (!account.cgroup) return "not to be read, or the root group";
  const Cgroup &group = *account.cgroup;
  std::string text = units.bytes(group.used_bytes);
  if (group.limit_bytes)
    text += fmt::format(
        " of {} ({})", units.bytes(*group.limit_bytes),
        format::percent(static_cast<double>(group.used_bytes), static_cast<double>(*group.limit_bytes)));
  text += " used by the whole group";
  if (!group.limit_bytes) text += ", no limit";
  return text + fmt::format(": {}, version {}", printable(group.path), group.version);
}

std::string moved_text(const Account &account, const Units &units, const Paint &paint, int columns) {
  const std::string words = fmt::format(
      "{} ({}): it moved while it was read, or the kernel counts late; --tries 50 looks for a quieter moment",
      units.bytes(account.disagreement_bytes()),
      format::percent(static_cast<double>(account.disagreement_bytes()),
                      static_cast<double>(account.resident_bytes)));
  std::string text;
  for (const std::string &line : wrapped(words, columns == 0 ? INT_MAX : columns - kIndent))
    text += labelled(paint, text.empty() ? "disagreement" : "", line);
  return text;
}

}  // namespace

AccountRows account_rows(const Account &account, const Units &units) {
  Builder builder;
  builder.sum("requested, live", account.live_bytes,
              fmt::format("counted: {}", format::counted(account.live_blocks, "block")));
  builder.part("+ rounding", account.rounding_bytes(), "to size classes, counted");
  builder.sum("= usable, live", account.usable_bytes, "");
  builder.part("+ free, held", account.free_bytes(), "blocks free or never used, the allocator's own");
  builder.sum("= committed", account.committed_bytes, mappings(account.of(Holder::kHeap), "mapping"));
  builder.less("- not resident", account.not_resident_bytes(), swapped(account, units));
  builder.gap();
  builder.sum("heap", account.of(Holder::kHeap).resident_bytes, "smaps: the resident part of it");
  builder.part("meter cost", account.of(Holder::kMeter), meter_source(account, units));
  builder.part("thread stacks", account.of(Holder::kStacks),
               mappings(account.of(Holder::kStacks), "mapping"));
  builder.part("program", account.of(Holder::kProgram), "smaps: the program, its libraries, their data");
  builder.part("other files", account.of(Holder::kFiles), mappings(account.of(Holder::kFiles), "mapping"));
  builder.part("shared memory", account.of(Holder::kShared),
               mappings(account.of(Holder::kShared), "mapping"));
  builder.part("other anonymous", account.of(Holder::kOther), "JIT, arenas, other allocators");
  builder.part("remainder", account.remainder_bytes(),
               format::percent(std::fabs(static_cast<double>(account.remainder_bytes())),
                               static_cast<double>(account.resident_bytes)) +
                   " unexplained");
  builder.sum("= resident", account.resident_bytes, "the kernel's VmRSS");
  return std::move(builder).result();
}

std::string account_text(const Account &account, const std::string &label, const Units &units,
                         const Paint &paint, bool utf8, int columns) {
  const AccountRows shown = account_rows(account, units);
  const Widths widths(columns, units);
  std::string text =
      paint.title(printable(label)) + paint.dim(fmt::format("  heapmeter on {}", account.backend)) + "\n\n";
  for (const AccountRow &row : shown.rows) {
    text += row.label.empty() ? "\n" : row_text(row, shown.scale, units, paint, utf8, widths);
  }
  text += "\n";
  if (account.moved()) text += moved_text(account, units, paint, columns);
  text += labelled(paint, "swapped out", units.bytes(account.swap_bytes));
  if (account.huge_page_bytes > 0)
    text += labelled(paint, "huge pages",
                     units.bytes(account.huge_page_bytes) + " of hugetlb, beside the resident memory");
  const char *what = "cgroup";
  for (const std::string &line :
       wrapped(cgroup_text(account, units), columns == 0 ? INT_MAX : columns - kIndent)) {
    text += labelled(paint, what, line);
    what = "";
  }
  return text;
}

json::object to_json(const Account &account) {
  json::object object = {{"schema", 1},
                         {"pid", account.pid},
                         {"start_time", account.start_time},
                         {"name", account.name},
                         {"backend", account.backend},
                         {"live_bytes", account.live_bytes},
                         {"live_blocks", account.live_blocks},
                         {"rounding_bytes", account.rounding_bytes()},
                         {"usable_bytes", account.usable_bytes},
                         {"free_bytes", account.free_bytes()},
                         {"committed_bytes", account.committed_bytes},
                         {"not_resident_bytes", account.not_resident_bytes()},
                         {"heap_bytes", account.of(Holder::kHeap).resident_bytes},
                         {"heap_swap_bytes", account.of(Holder::kHeap).swap_bytes},
                         {"meter_bytes", account.of(Holder::kMeter).resident_bytes},
                         {"meter_ledger_bytes", account.meter_ledger_bytes},
                         {"meter_slot_bytes", account.meter_slot_bytes},
                         {"meter_service_bytes", account.meter_service_bytes},
                         {"meter_library_bytes", account.meter_library_bytes},
                         {"stack_bytes", account.of(Holder::kStacks).resident_bytes},
                         {"program_bytes", account.of(Holder::kProgram).resident_bytes},
                         {"file_bytes", account.of(Holder::kFiles).resident_bytes},
                         {"shared_bytes", account.of(Holder::kShared).resident_bytes},
                         {"other_anonymous_bytes", account.of(Holder::kOther).resident_bytes},
                         {"explained_bytes", account.explained_bytes()},
                         {"remainder_bytes", account.remainder_bytes()},
                         {"disagreement_bytes", account.disagreement_bytes()},
                         {"resident_bytes", account.resident_bytes},
                         {"swap_bytes", account.swap_bytes},
                         {"huge_page_bytes", account.huge_page_bytes},
                         {"cgroup", nullptr}};
  if (account.cgroup) {
    const Cgroup &group = *account.cgroup;
    object["cgroup"] = {
        {"version", group.version},
        {"path", group.path},
        {"used_bytes", group.used_bytes},
        {"limit_bytes", group.limit_bytes ? json::value(*group.limit_bytes) : json::value(nullptr)}};
  }
  return object;
}

}  // namespace heapmeter::cli
