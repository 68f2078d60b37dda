// SPDX-License-Identifier: MIT
#include "tools/tool.h"

#include <signal.h>

#include <sstream>
#include <stdexcept>

#include "support/meter.h"

namespace heapmeter::testing {
namespace fs = std::filesystem;

fs::path tool() { return build_root() / "tools" / "heapmeter"; }

fs::path sample(const std::string &name) { return build_root() / "tests" / "tools" / name; }

std::string unfolded(const std::string &text) {
  std::istringstream words(text);
  std::string line;
  for (std::string word; words >> word;) line += (line.empty() ? "" : " ") + word;
  return line;
}

Playground::Playground() : environment_(plain_environment()) {
  environment_["HEAPMETER_DIR"] = sockets();
  environment_["TMPDIR"] = dir_.path();
  // As a link, where the build's own name has a blank.
  if (build_root() != fs::canonical(build_root())) environment_["HEAPMETER_LIBRARY"] = library();
  fs::create_directory(sockets());
  fs::permissions(sockets(), fs::perms::owner_all);
}

Command Playground::command(std::vector<std::string> arguments) const {
  Command command;
  command.argv = {tool()};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.environment = environment_;
  return command;
}

std::string socket_of(const fs::path &directory, pid_t pid) {
  const std::string start = std::to_string(pid) + "-";
  std::string found;
  const bool appeared = eventually([&] {
    for (const auto &entry : fs::directory_iterator(directory)) {
      const fs::path &path = entry.path();  // one that is still being made ends in .part
      if (path.filename().string().starts_with(start) && path.extension() == ".sock") found = path;
    }
    return !found.empty();
  });
  if (!appeared) throw std::runtime_error("no socket of process " + std::to_string(pid));
  return found;
}

Holder::Holder(const Playground &playground, std::vector<std::string> arguments, const std::string &program) {
  Command command;
  command.argv = {sample(program)};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.environment = playground.environment();
  command.environment["LD_PRELOAD"] = library();
  process_ = std::make_unique<Process>(command);
  if (!eventually([&] { return process_->out() == "ready\n"; }))
    throw std::runtime_error("the holder did not start");
  socket_ = socket_of(playground.sockets(), pid());
}

void Holder::end() {
  signal(SIGUSR1);
  if (!process_->wait().ok()) throw std::runtime_error("the holder ended badly");
}

}  // namespace heapmeter::testing
