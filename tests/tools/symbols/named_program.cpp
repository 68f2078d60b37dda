// SPDX-License-Identifier: MIT
#include "tools/symbols/named_program.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include <unistd.h>

namespace heapmeter::testing {

namespace fs = std::filesystem;

fs::path sample(const std::string &name) { return fs::canonical("/proc/self/exe").parent_path() / name; }

void must_run(std::vector<std::string> argv) {
  Command command{std::move(argv)};
  command.environment["PATH"] = "/usr/bin:/bin";
  const Outcome outcome = run(command);
  if (!outcome.ok()) throw std::runtime_error(command.argv.front() + ": " + outcome.err);
}

std::string build_id_of(const fs::path &file) {
  Command command{{"readelf", "-n", file}};
  command.environment["PATH"] = "/usr/bin:/bin";
  const std::string out = run(command).out;
  const std::string head = "Build ID: ";
  const std::size_t at = out.find(head);
  return at == out.npos ? "" : out.substr(at + head.size(), out.find('\n', at) - at - head.size());
}

NamedProgram::NamedProgram(const fs::path &file, const fs::path &plugin)
    : NamedProgram(Command{{file, plugin}}) {}

NamedProgram::NamedProgram(const Command &command) : process_(command) {
  if (!eventually([&] { return process_.out().ends_with("ready\n") || !process_.running(); }) ||
      !process_.running())
    throw std::runtime_error("did not start: " + process_.err());
  read();
}

void NamedProgram::read() {
  std::istringstream text(process_.out());
  for (std::string line; std::getline(text, line) && line != "ready";) {
    std::istringstream fields(line);
    std::string label, path;
    std::getline(fields, label, '\t');
    std::getline(fields, path, '\t');
    cli::symbols::Module module{path, "", 0, 0, 0};
    Call call;
    fields >> module.bias >> module.start >> module.end >> call.offset >> call.line;
    const auto known = std::find_if(modules_.begin(), modules_.end(),
                                    [&](const cli::symbols::Module &each) { return each.path == path; });
    call.module = static_cast<int>(known - modules_.begin());
    if (known == modules_.end()) {
      module.build_id = build_id_of(path);
      modules_.push_back(module);
    }
    calls_[label] = call;
  }
}

}  // namespace heapmeter::testing
