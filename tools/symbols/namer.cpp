// SPDX-License-Identifier: MIT
#include "symbols/namer.h"

#include <filesystem>
#include <utility>

namespace heapmeter::cli::symbols {

Namer::Namer(int, std::vector<Module> modules, Options) : modules_(std::move(modules)) {}

std::vector<Frame> Namer::name(int module, std::uint64_t return_address_offset) {
  Frame frame;
  frame.offset = return_address_offset;
  if (module >= 0 && static_cast<std::size_t>(module) < modules_.size())
    frame.module = std::filesystem::path(modules_[static_cast<std::size_t>(module)].path).filename().string();
  return {frame};
}

std::vector<std::string> Namer::advice() const { return {}; }

}  // namespace heapmeter::cli::symbols
