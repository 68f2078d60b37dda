// SPDX-License-Identifier: MIT
#include "config/config_demo.h"

#include <filesystem>

#include <fmt/core.h>

#include "config/config.h"
#include "support/meter_text.h"
#include "support/user_error.h"

namespace demo {
namespace {

// A directory of our own that goes away again, so that the demo never touches a file of the user's.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "heapmeter-config-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw UserError(fmt::format("cannot make a directory in {}; set TMPDIR to one that may be written",
                                  std::filesystem::temp_directory_path().string()));
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory &) = delete;
  TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;  // a destructor has nobody to tell
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path &path() const { return path_; }

 private:
  std::filesystem::path path_;
};

Config load(const std::filesystem::path &path) {
  auto config = Config::from_file(path);
  if (!config) throw UserError(fmt::format("{}: {}", path.string(), describe(config.error())));
  return *std::move(config);
}

void print(const Config &config) {
  fmt::print("  Host: {}\n  Port: {}\n  Max connections: {}\n", config.host, config.port,
             config.max_connections);
}

void show_error(std::string_view text) {
  const heapmeter::Scope scope;
  const auto config = Config::parse(text);
  const auto spent = scope.spent();
  if (config) throw UserError(fmt::format("'{}' was taken for a good configuration; this is a bug", text));
  fmt::print("  {}\n      {}\n", describe(config.error()), spent_text(spent));
}

}  // namespace

ExitCode run_config_demo(const std::optional<std::string> &file) {
  if (file) {
    const Config config = load(*file);
    fmt::print("{}\n", config.to_text());
    return ExitCode::kOk;
  }

  const TemporaryDirectory directory;
  const auto path = directory.path() / "server.conf";
  Config sample;
  sample.host = "0.0.0.0";
  sample.port = 3000;
  sample.max_connections = 1000;
  if (auto saved = sample.save_to_file(path); !saved) throw UserError(describe(saved.error()));

  const heapmeter::Scope scope;
  const Config loaded = load(path);
  const auto spent = scope.spent();
  fmt::print("Configuration saved and loaded again:\n");
  print(loaded);
  fmt::print("  the same as saved: {}\n  loading it: {}\n", loaded == sample ? "yes" : "no",
             spent_text(spent));

  fmt::print("Errors are values that say what to do:\n");
  for (const auto text : {"port=0", "port=65536", "port=-1", "host=", "max_connections=0", "colour=blue",
                          "# fine\nhost = localhost\njust words"})
    show_error(text);
  fmt::print("  {}\n", describe(Config::from_file(directory.path() / "missing.conf").error()));
  return loaded == sample ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace demo
