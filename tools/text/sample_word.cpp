// SPDX-License-Identifier: MIT
#include "text/sample_word.h"

#include <cctype>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "text/nearest.h"
#include "text/terminal.h"

namespace heapmeter::cli {
namespace {

constexpr std::uint64_t kMost = std::uint64_t{1} << 60;

}  // namespace

std::optional<std::string> sample_word(std::string_view text) {
  if (text == "every" || text == "off") return std::string(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc() || number == 0) return std::nullopt;
  const std::string digits(text.substr(0, text.size() - unit.size()));
  if (unit.empty()) return number > kMost ? std::nullopt : std::optional(digits);
  const char letter = static_cast<char>(std::toupper(static_cast<unsigned char>(unit.front())));
  const unsigned shift = letter == 'K' ? 10 : letter == 'M' ? 20 : letter == 'G' ? 30 : 0;
  unit.remove_prefix(1);
  const bool known = shift != 0 && (unit.empty() || unit == "iB" || unit == "B");
  if (!known || number > kMost >> shift) return std::nullopt;
  return digits + letter;
}

std::string no_sample_word(std::string_view given_by, std::string_view value, std::string_view verb) {
  const std::string meant = nearest(value, {"every", "off"});
  return fmt::format("{}{} is no way to note which code allocates; {}give {}; see heapmeter {} --help",
                     given_by, printable(value),
                     meant.empty() ? "" : fmt::format("did you mean {}? Or ", meant), kSampleWords, verb);
}

// By what the library says; a later one may say what is not known here.
const char *what_helps_sampling(const std::string &reason) {
  const auto is_of = [&](const char *word) { return reason.find(word) != std::string::npos; };
  if (is_of("limit")) return "raise that limit, also while it runs (prlimit --pid): it does then";
  if (is_of("overcommit")) return "raise vm.overcommit_ratio, and start it anew";
  if (is_of("memory"))
    return "allow it more memory, or mappings (vm.max_map_count), and heapmeter sites PID --sample every";
  if (is_of("processor")) return "none here; every figure that is not of code is exact";
  return "heapmeter sites PID --sample every, a moment later";
}

}  // namespace heapmeter::cli
