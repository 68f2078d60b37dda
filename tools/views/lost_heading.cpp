// SPDX-License-Identifier: MIT
#include "views/lost_heading.h"

#include <algorithm>

#include <fmt/format.h>

#include "text/format.h"

namespace heapmeter::cli {

std::string lost_words(const lost::Sum &sum, const Units &units) {
  if (sum.least_blocks == 0)
    return fmt::format("perhaps lost: {}, {}, none proven", format::counted(sum.blocks, "block"),
                       units.bytes(sum.bytes));
  std::string text = fmt::format("lost: at least {}, {}", format::counted(sum.least_blocks, "block"),
                                 units.bytes(sum.least_bytes));
  if (sum.blocks != sum.least_blocks)
    text += fmt::format("; perhaps {} more, {}", format::grouped(sum.blocks - sum.least_blocks),
                        units.bytes(sum.bytes - sum.least_bytes));
  return text;
}

std::string doubt_words(const lost::Look &look, bool registers_read) {
  const lost::Sum all = sum(look);
  const std::uint64_t doubted = all.blocks - all.least_blocks;
  if (doubted == 0) return "";
  const bool is_one = doubted == 1;
  std::string text =
      all.blocks == 1
          ? "Nothing that the program can still reach points at it, but it"
          : fmt::format("Nothing that the program can still reach points at any of these {}, but ",
                        format::grouped(all.blocks)) +
                (doubted == all.blocks ? "they" : format::grouped(doubted));
  text += " may yet be in use: ";
  const bool is_held = std::any_of(look.blocks.begin(), look.blocks.end(),
                                   [](const lost::Block &block) { return block.held; });
  if (is_held)
    text +=
        is_one ? "a register points at it" : "registers point at them, or at what hangs together with them";
  if (look.registers == 0) return text + ".";
  if (is_held) text += ", and ";
  text += fmt::format("what {} of its threads point at is not known",
                      look.registers == 1 ? "a register" : format::grouped(look.registers) + " registers");
  return text + (registers_read ? "." : "; --registers reads them.");
}

}  // namespace heapmeter::cli
