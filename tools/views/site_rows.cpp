// SPDX-License-Identifier: MIT
#include "views/site_rows.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "flame/code_name.h"
#include "text/table.h"
#include "views/site_line.h"

namespace heapmeter::cli {
namespace {

using sites::Stacks;

constexpr int kLeastCode = 24;
constexpr int kRoomForNames = 100;
constexpr std::size_t kShownName = 8;
constexpr const char *kEllipsis[] = {"...", "…"};
// So many in a row say no more than the first.
constexpr std::size_t kManyWithoutName = 3;

bool is_without_name(const symbols::Frame &frame) { return frame.function.empty() && !frame.module.empty(); }

// The module that a reader was just told; "" where it was a file and a line.
std::string said_of(const symbols::Frame &frame) { return frame.file.empty() ? frame.module : ""; }

}  // namespace

SiteRows::SiteRows(const Stacks &stacks, std::vector<std::string> titles, std::int64_t depth,
                   const Look &look)
    : stacks_(stacks), titles_(std::move(titles)), depth_(depth), look_(look) {}

void SiteRows::add(std::vector<std::string> figures, const Stacks::Stack &stack) {
  rows_.push_back({std::move(figures), &stack, ""});
}

void SiteRows::add(std::vector<std::string> figures, const std::string &words) {
  rows_.push_back({std::move(figures), nullptr, words});
}

const symbols::Frame &SiteRows::caller(const Stacks::Stack &stack, std::size_t number) const {
  return stacks_.frames[stack.frames[stack.frames.size() - 2 - number]];
}

// Of callers from that one on, how many are shown as one: without a name, and of one module.
std::size_t SiteRows::alike(const Stacks::Stack &stack, std::size_t first) const {
  const std::size_t all = stack.frames.size() - 1;
  std::size_t end = first;
  while (end < all && is_without_name(caller(stack, end)) &&
         caller(stack, end).module == caller(stack, first).module)
    ++end;
  return end - first < kManyWithoutName ? 1 : end - first;
}

// Numbers of the callers that are shown of any stack.
std::vector<std::size_t> SiteRows::nearest(const Stacks::Stack &stack) const {
  std::vector<std::size_t> shown;
  for (std::size_t next = 0; next + 1 < stack.frames.size(); next += alike(stack, next)) {
    if (shown.size() == static_cast<std::size_t>(depth_)) break;
    shown.push_back(next);
  }
  return shown;
}

std::string SiteRows::text_of(const symbols::Frame &frame, int width, bool said) const {
  const bool is_one_of_many = alike_.contains(flame::code_name(frame));
  return code_text(frame, width, look_.utf8, said ? Module::kSaid : Module::kNew,
                   is_one_of_many ? TemplateArguments::kShown : TemplateArguments::kHidden);
}

// Of one template there may be many, which in brief are all the same.
void SiteRows::find_alike() {
  std::map<std::string, const std::string *> functions;
  for (const Row &row : rows_) {
    if (row.stack == nullptr) continue;
    for (const std::uint32_t number : row.stack->frames) {
      const std::string &function = stacks_.frames[number].function;
      const auto [known, is_new] = functions.emplace(flame::code_name(stacks_.frames[number]), &function);
      if (!is_new && *known->second != function) alike_.insert(known->first);
    }
  }
}

// What a reader sees of a stack, if no more is said.
std::string SiteRows::looks(const Stacks::Stack &stack) const {
  std::string text = text_of(stacks_.frames[stack.frames.back()], 0);
  for (const std::size_t number : nearest(stack)) text += "\n" + text_of(caller(stack, number), 0);
  return text;
}

// Of stacks that look the same, the caller that tells this one from the others: where it parts last from any.
std::size_t SiteRows::parting(const Stacks::Stack &stack,
                              const std::vector<const Stacks::Stack *> &alike) const {
  std::size_t last = kNone;
  for (const Stacks::Stack *other : alike) {
    if (other == &stack) continue;
    const auto [mine, theirs] = std::mismatch(stack.frames.rbegin(), stack.frames.rend(),
                                              other->frames.rbegin(), other->frames.rend());
    if (mine == stack.frames.rend() || mine == stack.frames.rbegin()) continue;
    const auto number = static_cast<std::size_t>(mine - stack.frames.rbegin()) - 1;
    if (last == kNone || number > last) last = number;
  }
  return last;
}

// Of the innermost frame, the nearest first, in lines of so many letters; and that one, however far.
std::vector<std::string> SiteRows::callers(const Stacks::Stack &stack, std::size_t apart, int width) const {
  std::vector<std::string> lines;
  const std::string arrow = look_.utf8 ? " ← " : " <- ";
  const std::size_t all = stack.frames.size() - 1;
  std::string line = "from ";
  bool anything = false;
  const auto add = [&](const std::string &piece) {
    const std::string with_arrow = anything ? arrow + piece : piece;
    if (width > 0 && anything && display_width(line + with_arrow) > static_cast<std::size_t>(width)) {
      lines.push_back(line);
      line = "  " + arrow.substr(1) + piece;
    } else {
      line += with_arrow;
    }
    anything = true;
  };
  std::string module = said_of(stacks_.frames[stack.frames.back()]);
  const auto add_caller = [&](std::size_t number, std::size_t count) {
    const symbols::Frame &frame = caller(stack, number);
    const std::string more = count > 1 ? fmt::format(" (and {} more)", count - 1) : "";
    const int room = width == 0 ? 0 : std::max(width - 5 - static_cast<int>(more.size()), kLeastCode);
    add(text_of(frame, room, frame.module == module) + more);
    module = said_of(frame);
  };
  std::size_t next = 0;
  for (const std::size_t number : nearest(stack)) {
    const std::size_t end = number + alike(stack, number);
    const bool within = apart != kNone && number < apart && apart < end;
    add_caller(number, within ? apart - number : end - number);
    next = within ? apart : end;
    if (within) break;
  }
  if (apart != kNone && apart >= next) {
    if (apart > next) add(kEllipsis[look_.utf8]);
    add_caller(apart, alike(stack, apart));
    next = apart + alike(stack, apart);
  }
  if (next < all) add(kEllipsis[look_.utf8]);
  if (anything) lines.push_back(line);
  return lines;
}

std::string SiteRows::drawn() {
  find_alike();
  std::vector<Column> columns;
  int used = 0;
  for (std::size_t column = 0; column < titles_.size(); ++column) {
    std::size_t width = display_width(titles_[column]);
    for (const Row &row : rows_) width = std::max(width, display_width(row.figures[column]));
    used += static_cast<int>(width) + 2;
    columns.push_back({titles_[column]});
  }
  const bool with_names = look_.width == 0 || look_.width >= kRoomForNames;
  if (with_names) {
    columns.push_back({"SITE", Align::kLeft});
    used += static_cast<int>(kShownName) + 2;
  }
  columns.push_back({"CODE", Align::kLeft});
  const int room = look_.width == 0 ? 0 : std::max(look_.width - used, kLeastCode);
  std::map<std::string, std::vector<const Stacks::Stack *>> alike;
  for (const Row &row : rows_) {
    if (row.stack != nullptr) alike[looks(*row.stack)].push_back(row.stack);
  }
  Table table(std::move(columns));
  for (const Row &row : rows_) {
    std::vector<std::string> cells = row.figures;
    if (with_names) cells.push_back(row.stack != nullptr ? row.stack->name.substr(0, kShownName) : "");
    const std::vector<std::string> blank(cells.size(), "");
    cells.push_back(row.stack == nullptr ? row.words
                                         : text_of(stacks_.frames[row.stack->frames.back()], room));
    table.add(std::move(cells));
    if (row.stack == nullptr) continue;
    for (const std::string &line :
         callers(*row.stack, parting(*row.stack, alike.at(looks(*row.stack))), room)) {
      std::vector<std::string> below = blank;
      below.push_back(look_.paint.dim(line));
      table.add(std::move(below));
    }
  }
  return look_.paint.title(table.header()) + table.rows();
}

}  // namespace heapmeter::cli
