// SPDX-License-Identifier: MIT
//
// The server's configuration: a value with defaults, read from KEY=VALUE lines and written back. Nothing here
// throws for bad input: every failure is a ConfigError in the result. A Config that from_file or parse
// returned is valid.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

#include "config/config_error.h"

namespace demo {

struct Config {
  std::string host = "localhost";
  std::uint64_t port = 8080;
  std::uint64_t max_connections = 100;

  // What the article's server left unlimited.
  std::uint64_t threads = 0;  // 0: one for each processor
  std::uint64_t workers = 4;
  std::uint64_t max_users = 100'000;
  std::uint64_t max_header_bytes = 8192;
  std::uint64_t max_body_bytes = 65'536;
  std::uint64_t request_timeout_ms = 10'000;
  std::uint64_t idle_timeout_ms = 60'000;
  std::uint64_t drain_timeout_ms = 500;
  std::string log_level = "info";

  static std::expected<Config, ConfigError> from_file(const std::filesystem::path &path);
  static std::expected<Config, ConfigError> parse(std::string_view text);

  // The configuration itself when every value makes sense.
  std::expected<Config, ConfigError> validate() const;

  // The text that parse turns back into this configuration.
  std::string to_text() const;

  // Atomic: a reader sees the old file or the new one. An invalid configuration is not written.
  std::expected<void, ConfigError> save_to_file(const std::filesystem::path &path) const;

  bool operator==(const Config &) const = default;
};

}  // namespace demo
