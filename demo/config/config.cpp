// SPDX-License-Identifier: MIT
//
// Parse, check and print are three walks over config_keys.def.
#include "config/config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/core.h>

namespace demo {
namespace {

struct Key {
  std::string_view name;
  std::string_view help;
  std::string Config::*text;
  std::uint64_t Config::*number;
  std::uint64_t lowest;
  std::uint64_t highest;
};

constexpr std::array kKeys = {
#define CONFIG_TEXT(name, help) Key{#name, help, &Config::name, nullptr, 0, 0},
#define CONFIG_NUMBER(name, lowest, highest, help) Key{#name, help, nullptr, &Config::name, lowest, highest},
#include "config/config_keys.def"
#undef CONFIG_TEXT
#undef CONFIG_NUMBER
};

constexpr std::array<std::string_view, 5> kLogLevels = {"debug", "info", "warning", "error", "off"};

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\v\f";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string key_names() {
  std::string names;
  for (const Key &key : kKeys) names += (names.empty() ? "" : ", ") + std::string(key.name);
  return names;
}

// What one line says, or nothing for a blank line or a comment. The reason of a failure, without its place.
using Setting = std::optional<std::pair<const Key *, std::string_view>>;
std::expected<Setting, std::string> read_line(std::string_view line) {
  if (line.empty() || line.front() == '#') return Setting{};
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return std::unexpected("there is no '='");
  const auto name = trim(line.substr(0, equals));
  const auto key = std::ranges::find(kKeys, name, &Key::name);
  if (key == kKeys.end())
    return std::unexpected(fmt::format("unknown key '{}' (known: {})", name, key_names()));
  return Setting{{&*key, trim(line.substr(equals + 1))}};
}

std::expected<void, std::string> assign(Config &config, const Key &key, std::string_view value) {
  if (key.text != nullptr) {
    config.*key.text = value;
    return {};
  }
  const auto number = parse_number(value);
  if (!number || *number > key.highest)
    return std::unexpected(
        fmt::format("'{}' is no whole number from {} to {}", value, key.lowest, key.highest));
  config.*key.number = *number;
  return {};
}

bool is_blank_or_control(char character) {
  return static_cast<unsigned char>(character) <= ' ' || character == '\x7f';
}

}  // namespace

std::expected<Config, ConfigError> Config::from_file(const std::filesystem::path &path) {
  auto text = read_file(path);
  if (!text) return std::unexpected(std::move(text.error()));
  return parse(*text);
}

std::expected<Config, ConfigError> Config::parse(std::string_view text) {
  Config config;
  std::array<std::size_t, kKeys.size()> seen_on_line{};
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto wrong = [&](std::string reason) {
      return std::unexpected(ParseError{number, std::string(line), std::move(reason)});
    };

    const auto setting = read_line(line);
    if (!setting) return wrong(setting.error());
    if (!*setting) continue;
    const auto &[key, value] = **setting;
    auto &seen = seen_on_line[static_cast<std::size_t>(key - kKeys.data())];
    if (seen != 0) return wrong(fmt::format("'{}' was already set on line {}", key->name, seen));
    seen = number;
    if (auto assigned = assign(config, *key, value); !assigned) return wrong(assigned.error());
  }
  return config.validate();
}

std::expected<Config, ConfigError> Config::validate() const {
  const auto invalid = [](std::string_view key, std::string value, std::string reason) {
    return std::unexpected(ValidationError{std::string(key), std::move(value), std::move(reason)});
  };
  if (host.empty())
    return invalid("host", host, "a server needs an address; use localhost, or 0.0.0.0 for all");
  if (std::ranges::any_of(host, is_blank_or_control))
    return invalid("host", host, "a name has no blanks or control characters");
  for (const Key &key : kKeys) {
    if (key.number == nullptr) continue;
    const auto number = this->*key.number;
    if (number < key.lowest || number > key.highest)
      return invalid(key.name, std::to_string(number),
                     fmt::format("use a whole number from {} to {}", key.lowest, key.highest));
  }
  if (std::ranges::find(kLogLevels, log_level) == kLogLevels.end())
    return invalid("log_level", log_level, "use one of debug, info, warning, error, off");
  return *this;
}

std::string Config::to_text() const {
  std::string text = "# Server configuration\n";
  for (const Key &key : kKeys) {
    const auto value = key.text != nullptr ? this->*key.text : std::to_string(this->*key.number);
    text += fmt::format("\n# {}\n{}={}\n", key.help, key.name, value);
  }
  return text;
}

std::expected<void, ConfigError> Config::save_to_file(const std::filesystem::path &path) const {
  if (auto valid = validate(); !valid) return std::unexpected(std::move(valid.error()));
  if (auto saved = replace_file(path, to_text()); !saved) return std::unexpected(std::move(saved.error()));
  return {};
}

}  // namespace demo
