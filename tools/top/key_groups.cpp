// SPDX-License-Identifier: MIT
#include "top/key_groups.h"

namespace heapmeter::cli::tui {
namespace {

constexpr KeyMeaning kEverywhere[] = {
    {"p Space", "pause: the picture stays, readings go on"},
    {"+ -", "read less often, more often"},
    {"b", "exact bytes instead of units"},
    {"Mouse", "a column sorts, a row opens, the right button: back"},
    {"Ctrl-L Ctrl-Z", "draw everything anew; stop, and fg goes on"},
    {"q Ctrl-C", "quit"},
};
constexpr KeyMeaning kInList[] = {
    {"Up Down PgUp PgDn End", "select a process"},
    {"Home", "select the first row, whichever process that is"},
    {"Enter", "open the selected process"},
    {"< > Left Right", "sort by the column beside"},
    {"r", "reverse the order"},
    {"/", "only names with these letters, or this pid"},
    {"Esc", "no filter"},
    {"t", "children below their parents"},
};
constexpr KeyMeaning kInProcess[] = {
    {"Up Down PgUp PgDn Home End", "scroll"},
    {"c", "which code holds most and grows, where noted"},
    {"w", "chart the whole time, or a column a reading"},
    {"Esc Enter Backspace", "back to the list"},
};
constexpr KeyGroup kGroups[] = {
    {"Keys", kEverywhere}, {"In the list", kInList}, {"In a process", kInProcess}};

}  // namespace

std::span<const KeyGroup> key_groups() { return kGroups; }

}  // namespace heapmeter::cli::tui
