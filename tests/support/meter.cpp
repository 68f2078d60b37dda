// SPDX-License-Identifier: MIT
#include "support/meter.h"

#include <dlfcn.h>
#include <unistd.h>

#include <boost/json/parse.hpp>

#include <sstream>
#include <stdexcept>

#include "support/http.h"

namespace heapmeter::testing {
namespace fs = std::filesystem;

namespace {

fs::path real_build_root() {
  for (fs::path path = fs::read_symlink("/proc/self/exe"); path != path.root_path();
       path = path.parent_path()) {
    if (fs::exists(path / "build.ninja")) return path;
  }
  throw std::runtime_error("this test is not in a build directory");
}

}  // namespace

// LD_PRELOAD takes no path with a blank or a colon in it, and the scripts of the matrix split it at blanks:
// then everything goes by a link.
fs::path build_root() {
  static const fs::path real = real_build_root();
  if (real.string().find_first_of(" :") == std::string::npos) return real;
  static const TempDir place;
  fs::path link = place / "build";
  if (!fs::is_symlink(link)) fs::create_directory_symlink(real, link);
  return link;
}

fs::path source_root() { return HEAPMETER_SOURCE_ROOT; }

fs::path library() {
  const fs::path path = build_root() / "shim" / "libheapmeter.so";
  if (!fs::exists(path))
    throw std::runtime_error(path.string() + " is not built: run ninja -C " + build_root().string());
  return path;
}

fs::path bare_mimalloc() { return HEAPMETER_BARE_MIMALLOC; }

fs::path victim(const std::string &name) { return build_root() / "tests" / "preload" / name; }

fs::path program(const std::string &name) {
  std::istringstream directories(plain_environment().at("PATH"));
  for (std::string directory; std::getline(directories, directory, ':');) {
    // A test wants Debian's own build of a program, not one from /usr/local.
    if (directory.rfind("/usr/local", 0) == 0) continue;
    if (access((directory + "/" + name).c_str(), X_OK) == 0) return directory + "/" + name;
  }
  throw std::runtime_error(name + " is not installed: tools/check installs what the tests need");
}

PublicCopies::PublicCopies(const std::string &victim_name) : victim_name_(victim_name) {
  fs::copy_file(testing::library(), library());
  fs::copy_file(testing::victim(victim_name), victim());
  fs::permissions(dir_.path(), fs::perms(0755));
}

std::int64_t Reading::operator[](const std::string &counter) const {
  const auto *value = fields_.if_contains(counter);
  if (value == nullptr) throw std::runtime_error("no counter " + counter + " in the reading");
  return value->to_number<std::int64_t>();
}

std::int64_t Reading::by_kind(const std::string &table, const std::string &kind) const {
  return fields_.at(table).as_object().at(kind).to_number<std::int64_t>();
}

Environment Meter::environment(Environment base) const {
  auto &preload = base["LD_PRELOAD"];
  preload = library().string() + (preload.empty() ? "" : ":" + preload);
  base["HEAPMETER_DIR"] = directory();
  base["HEAPMETER_REPORT"] = dir_ / "report.%p";
  fs::create_directories(directory());
  fs::permissions(directory(), fs::perms::owner_all);
  return base;
}

std::vector<fs::path> Meter::sockets() const {
  std::vector<fs::path> found;
  if (!fs::exists(directory())) return found;
  for (const auto &entry : fs::directory_iterator(directory())) found.push_back(entry.path());
  return found;
}

fs::path Meter::socket_of(pid_t pid) const {
  const std::string start = std::to_string(pid) + "-";
  fs::path found;
  const bool appeared = eventually([&] {
    for (const auto &path : sockets()) {
      if (path.filename().string().rfind(start, 0) == 0 && path.extension() == ".sock") found = path;
    }
    return !found.empty();
  });
  if (!appeared)
    throw std::runtime_error("process " + std::to_string(pid) + " has no socket in " + directory().string());
  return found;
}

Reading Meter::snapshot(pid_t pid) const {
  const Answer answer = get(socket_of(pid), "/v1/snapshot");
  if (answer.status != 200) throw std::runtime_error("snapshot: " + answer.head + answer.body);
  return Reading(answer.json().as_object());
}

fs::path Meter::report_path(pid_t pid) const { return dir_ / ("report." + std::to_string(pid)); }

bool Meter::reported(pid_t pid) const { return fs::exists(report_path(pid)); }

std::vector<Reading> Meter::reports() const {
  std::vector<Reading> found;
  for (const auto &entry : fs::directory_iterator(dir_.path())) {
    if (!entry.is_regular_file()) continue;
    found.emplace_back(boost::json::parse(read_file(entry.path())).as_object());
  }
  return found;
}

Reading Meter::report(pid_t pid) const {
  return Reading(boost::json::parse(read_file(report_path(pid))).as_object());
}

int mimalloc_version() {
  static const int version = [] {
    void *const library = dlopen(bare_mimalloc().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(dlerror());
    return reinterpret_cast<int (*)()>(dlsym(library, "mi_version"))();
  }();
  return version;
}

bool is_on_mimalloc() { return mimalloc_version() < 300 || mimalloc_version() > 301; }

Metered run_metered(Command command) {
  Meter meter;
  command.environment = meter.environment(command.environment);
  Outcome outcome = run(command);
  if (!meter.reported(outcome.pid)) {
    std::ostringstream message;
    message << "no report from " << command.argv.at(0) << ": " << outcome;
    throw std::runtime_error(message.str());
  }
  return {outcome, meter.report(outcome.pid)};
}

}  // namespace heapmeter::testing
