// SPDX-License-Identifier: MIT
#include "run/lost_at_exit.h"

#include <fmt/format.h>

#include "client/exchange.h"
#include "lost/exit_look.h"
#include "lost/made_rules.h"
#include "symbols/namer.h"

namespace heapmeter::cli {
namespace {

void add_report(lost::ExitLooks &looks, const Reading &reading, std::vector<std::string> &failures) {
  const std::string who = fmt::format("{} ({})", reading.name, reading.pid);
  const std::size_t known = looks.failures.size();
  try {
    looks.add(reading.fields);
  } catch (const NoAnswer &strange) {
    failures.push_back(fmt::format("{}: {}", who, strange.what()));
  }
  if (looks.failures.size() > known) failures.push_back(fmt::format("{}: {}", who, looks.failures.back()));
}

}  // namespace

std::optional<LostAtExit> lost_at_exit(const Reading &program, const std::vector<Reading> &children,
                                       const std::vector<suppressions::Rule> &suppressed,
                                       std::string *rules) {
  LostAtExit lost;
  lost::ExitLooks looks;
  add_report(looks, program, lost.failures);
  for (const Reading &child : children) add_report(looks, child, lost.failures);
  if (looks.looks == 0 && lost.failures.empty()) return std::nullopt;
  lost.looks = looks.looks;
  lost.live_blocks = looks.live_blocks;
  lost.not_looked_at_bytes = looks.not_looked_at_bytes;
  lost.others = looks.others;
  lost.other_rows = looks.other_rows;
  // Of programs that are no more: their files are asked.
  symbols::Namer namer(0, looks.stacks.modules);
  namer.prepare(places(only_lost(looks.rows, looks.stacks)));
  const auto naming = [&](int module, std::uint64_t offset) { return namer.name(module, offset); };
  lost::Suppressor suppressor(suppressed);
  suppressor.take_from(looks.rows, looks.stacks, naming);
  lost.suppressed = {suppressor.all(), suppressor.fitting(), suppressor.idle()};
  lost.sum = looks.others;
  for (const lost::Row &row : looks.rows) lost.sum += row.sum;
  lost.rows = named(looks.rows, looks.stacks, naming);
  if (rules != nullptr) *rules = made_rules(looks.rows, looks.stacks, naming);
  if (!lost.rows.empty()) lost.advice = namer.advice();
  return lost;
}

std::string lost_places(const LostAtExit &lost, const Paint &paint, const Page &page) {
  constexpr std::size_t kRows = 10, kDepth = 8;
  return lost_places(lost, kRows, kDepth, Units{}, paint, page.width, page.utf8);
}

}  // namespace heapmeter::cli
