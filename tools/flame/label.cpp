// SPDX-License-Identifier: MIT
#include "flame/label.h"

#include <optional>

#include <fmt/format.h>

#include "text/letter_columns.h"
#include "text/terminal.h"
#include "text/utf8.h"

namespace heapmeter::cli::flame {
namespace {

constexpr std::string_view kAnonymous = "(anonymous namespace)", kOperator = "operator", kEllipsis = "…";

// Behind the bracket that closes the one at `at`; nothing where none does, or where a < is no bracket but
// less.
std::optional<std::size_t> behind_bracket(std::string_view text, std::size_t at) {
  std::string open;
  for (; at < text.size(); ++at) {
    const char letter = text[at];
    if (letter == '(' || letter == '<') open += letter;
    if (letter == '>' && at > 0 && text[at - 1] == '-') continue;  // an arrow
    if (letter != ')' && letter != '>') continue;
    if (open.empty() || open.back() != (letter == ')' ? '(' : '<')) return std::nullopt;
    open.pop_back();
    if (open.empty()) return at + 1;
  }
  return std::nullopt;
}

// The signs of operator<, operator() and their like, which are part of a name.
std::size_t signs_of_operator(std::string_view rest) {
  if (rest.starts_with("()")) return 2;
  const std::size_t end = rest.find_first_not_of("<>=-");
  return end == std::string_view::npos ? rest.size() : end;
}

bool xml_has(char32_t code) { return code != 0xfffe && code != 0xffff && (code >= 0x20 || code == '\n'); }

}  // namespace

std::string full_name(const symbols::Frame &frame) {
  if (!frame.function.empty()) return printable(frame.function);
  const std::uint64_t at = symbols::place_without_name(frame);
  if (frame.module.empty()) return at == 0 ? "?" : fmt::format("code at 0x{:x}", at);
  const std::string module = printable(frame.module);
  return at == 0 ? module : fmt::format("{}+0x{:x}", module, at);
}

std::string brief_name(std::string_view full) {
  std::string brief;
  for (std::size_t at = 0; at < full.size();) {
    const std::string_view rest = full.substr(at);
    std::size_t taken = 1;
    if (rest.starts_with(kAnonymous)) {
      taken = kAnonymous.size();
    } else if (rest.starts_with(kOperator)) {
      taken = kOperator.size() + signs_of_operator(rest.substr(kOperator.size()));
    } else if (rest[0] == '(' || (rest[0] == '<' && at > 0)) {
      const auto end = behind_bracket(full, at);
      if (!end) return std::string(full);
      if (rest[0] == '<') brief += "<…>";
      at = *end;
      continue;
    }
    brief += rest.substr(0, taken);
    at += taken;
  }
  return brief.empty() ? std::string(full) : brief;
}

std::string_view last_name(std::string_view brief) {
  const std::size_t offset = brief.rfind("+0x");
  if (offset != std::string_view::npos &&
      brief.find_first_not_of("0123456789abcdef", offset + 3) == std::string_view::npos) {
    return brief.substr(offset);
  }
  const std::size_t at = brief.rfind("::");
  const std::string_view last = at == std::string_view::npos ? brief : brief.substr(at + 2);
  // Of an operator or a lambda that alone says nothing.
  return last.empty() || last.starts_with(kOperator) || last.starts_with("{") ? brief : last;
}

std::string fitted(std::string_view text, int cells) {
  if (cells < 3) return "";
  std::string shown;
  std::size_t behind_last = 0;  // the text that leaves room for an ellipsis
  int used = 0;
  while (!text.empty()) {
    const Utf8Letter letter = first_letter(text);
    const std::size_t bytes = letter.bytes == 0 ? 1 : letter.bytes;
    used += static_cast<int>(letter_columns(letter.code));
    if (used > cells) return shown.substr(0, behind_last).append(kEllipsis);
    shown += text.substr(0, bytes);
    if (used < cells) behind_last = shown.size();
    text.remove_prefix(bytes);
  }
  return shown;
}

std::string xml_text(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const Utf8Letter letter = first_letter(text);
    const std::size_t bytes = letter.bytes == 0 ? 1 : letter.bytes;
    switch (letter.code) {
      case '&':
        clean += "&amp;";
        break;
      case '<':
        clean += "&lt;";
        break;
      case '>':
        clean += "&gt;";
        break;
      case '"':
        clean += "&quot;";
        break;
      case '\'':
        clean += "&#39;";
        break;
      default:
        letter.bytes == 0 || !xml_has(letter.code) ? clean += "?" : clean += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return clean;
}

}  // namespace heapmeter::cli::flame
