// SPDX-License-Identifier: MIT
#include "views/reading.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "readings/allocator_name.h"
#include "readings/wrong_call.h"
#include "text/format.h"

namespace heapmeter::cli {
namespace {

constexpr std::size_t kLabelWidth = 15;

std::string amount_and_count(const Units &units, std::uint64_t bytes, std::uint64_t count, const char *noun) {
  return fmt::format("{:>10} in {} {}{}", units.bytes(bytes), units.count(count), noun,
                     count == 1 ? "" : "s");
}

std::string usable_text(const Reading &reading, const Units &units) {
  std::string text = fmt::format("{:>10}", units.bytes(reading.usable_bytes));
  if (reading.live_bytes == 0 || reading.usable_bytes < reading.live_bytes) return text;
  return text + fmt::format(" set aside for them by the allocator, {} more",
                            format::percent(static_cast<double>(reading.usable_bytes - reading.live_bytes),
                                            static_cast<double>(reading.live_bytes)));
}

// Two lists side by side; kinds never used are left out.
std::string kind_lines(const Reading &reading, const Units &units, const Paint &paint) {
  const auto used = [](std::vector<KindCount> kinds) {
    std::erase_if(kinds, [](const KindCount &kind) { return kind.count == 0; });
    return kinds;
  };
  const auto ins = used(reading.allocations_by_kind);
  const auto outs = used(reading.frees_by_kind);
  const auto cell = [&](const std::vector<KindCount> &kinds, std::size_t row) {
    return row < kinds.size()
               ? fmt::format("{:<18} {:>11}", call_text(kinds[row].kind), units.count(kinds[row].count))
               : std::string();
  };
  std::string text;
  for (std::size_t row = 0; row < std::max(ins.size(), outs.size()); ++row) {
    std::string line = fmt::format("{:<30}  {}", cell(ins, row), cell(outs, row));
    line.erase(line.find_last_not_of(' ') + 1);
    text += labelled(paint, row == 0 ? "by call" : "", line);
  }
  return text;
}

std::string reallocation_text(const Reading &reading, const Units &units) {
  std::string text = fmt::format("{:>10}", units.count(reading.reallocations));
  if (reading.reallocations == 0) return text;
  return text +
         fmt::format(" of which {} grew, {} shrank, {} moved", units.count(reading.reallocations_grown),
                     units.count(reading.reallocations_shrunk), units.count(reading.reallocations_moved));
}

}  // namespace

std::string Units::bytes(std::uint64_t amount) const {
  return exact ? std::to_string(amount) : format::bytes(static_cast<double>(amount));
}

std::string Units::count(std::uint64_t amount) const {
  return exact ? std::to_string(amount) : format::grouped(amount);
}

std::string Units::change(std::int64_t amount, bool of_bytes) const {
  const auto size = static_cast<std::uint64_t>(amount);
  const std::uint64_t positive = amount < 0 ? 0 - size : size;
  return (amount < 0 ? "-" : amount > 0 ? "+" : "") + (of_bytes ? bytes(positive) : count(positive));
}

std::string labelled(const Paint &paint, const std::string &label, const std::string &text) {
  return "  " + paint.dim(label) + std::string(kLabelWidth - std::min(label.size(), kLabelWidth - 1), ' ') +
         text + "\n";
}

std::string peak_text(const Reading &reading, const Units &units, int width) {
  const std::string least = units.bytes(reading.least_peak()), most = units.bytes(reading.most_peak());
  const std::string first = fmt::format("{:>{}}", least, width);
  return least == most ? first : first + " to " + most;
}

std::string peak_cell(const Reading &reading, const Units &units) {
  const bool known = units.bytes(reading.least_peak()) == units.bytes(reading.most_peak());
  return (known ? "" : "~") + units.bytes(reading.peak_bytes);
}

std::string meter_cost_text(const Reading &reading, const Units &units) {
  return fmt::format("{:>10} ledger {}, slots {}, other {}", units.bytes(reading.meter_bytes),
                     units.bytes(reading.meter_ledger_bytes), units.bytes(reading.meter_slot_bytes),
                     units.bytes(reading.meter_other_bytes));
}

std::string fault_text(const Fault &wrong, const Units &units) {
  Fault fault = wrong;
  fault.allocated_by = call_text(wrong.allocated_by);
  fault.released_by = call_text(wrong.released_by);
  // Of what was released before, nobody knows the size any more.
  const std::string block =
      (fault.fault == "double_free" && fault.bytes == 0 ? "a block"
                                                        : "a block of " + units.bytes(fault.bytes)) +
      (fault.allocated_by.empty() ? "" : " made by " + fault.allocated_by);
  if (fault.fault == "mismatch") return fmt::format("{} released by {}", block, fault.released_by);
  if (fault.fault == "size_mismatch")
    return fmt::format("{} released by {} with another size", block, fault.released_by);
  if (fault.fault == "double_free") return fmt::format("{} released again by {}", block, fault.released_by);
  if (fault.fault == "foreign_free")
    return fmt::format("a pointer heapmeter did not make, given to {}", fault.released_by);
  if (fault.fault == "inner_free")
    return fmt::format("an address within a block, given to {}", fault.released_by);
  return fmt::format("{}: {}, {}", fault.fault, block, fault.released_by);
}

std::string fault_lines(const Reading &reading, const Units &units, const Paint &paint) {
  if (reading.wrong_calls() == 0) return labelled(paint, "wrong calls", fmt::format("{:>10}", "none"));
  std::string counts;
  for (const auto &[number, noun] :
       {std::pair(reading.mismatches, "released by the wrong call"),
        std::pair(reading.size_mismatches, "with the wrong size"),
        std::pair(reading.double_frees, "released twice"), std::pair(reading.foreign_frees, "foreign"),
        std::pair(reading.inner_frees, "within a block")}) {
    if (number > 0) counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", units.count(number), noun);
  }
  std::string text = labelled(paint, "wrong calls", paint.alarm(counts));
  for (std::size_t at = 0; at < reading.faults.size(); ++at) {
    const Fault &fault = reading.faults[at];
    text += labelled(paint, "",
                     fmt::format("{:>9}x {}", units.count(fault.count), printable(fault_text(fault, units))));
    for (const std::string &place : wrong_places(reading, at))
      text += labelled(paint, "", fmt::format("{:>10} {}", "", printable(place)));
  }
  return text;
}

std::string reading_block(const Reading &reading, const std::string &label,
                          std::optional<std::uint64_t> resident, const Units &units, const Paint &paint) {
  const auto row = [&](const char *name, const std::string &text) { return labelled(paint, name, text); };
  std::string text =
      paint.title(printable(label)) +
      paint.dim(fmt::format("  up {}, {}, heapmeter {} on {}", format::duration(reading.uptime_seconds),
                            format::counted(reading.threads, "thread"), printable(reading.version),
                            allocator_name(reading))) +
      "\n\n";
  // A group has no pid.
  const char *whose = reading.pid != 0 ? "the whole process" : "all of them; what they share is in each";
  text += row("live", amount_and_count(units, reading.live_bytes, reading.live_blocks, "block"));
  text += row("usable", usable_text(reading, units));
  text += row("peak", peak_text(reading, units));
  text += row("resident", resident ? fmt::format("{:>10} of {}", units.bytes(*resident), whose)
                                   : fmt::format("{:>10}", "unknown"));
  text += "\n";
  text +=
      row("allocated", amount_and_count(units, reading.allocated_bytes, reading.allocations, "allocation"));
  text += row("freed", amount_and_count(units, reading.freed_bytes, reading.frees, "free"));
  text += row("reallocations", reallocation_text(reading, units));
  text += row("failures", fmt::format("{:>10}", units.count(reading.failures)));
  text += "\n";
  const std::string kinds = kind_lines(reading, units, paint);
  text += kinds.empty() ? "" : kinds + "\n";
  text += fault_lines(reading, units, paint);
  text += row("meter cost", meter_cost_text(reading, units));
  return text;
}

}  // namespace heapmeter::cli
