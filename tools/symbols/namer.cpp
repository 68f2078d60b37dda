// SPDX-License-Identifier: MIT
#include "symbols/namer.h"

#include <utility>

namespace heapmeter::cli::symbols {
namespace {

std::string file_name(const std::string &path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

Namer::Namer(int pid, std::vector<Module> modules, Options options)
    : pid_(pid), modules_(std::move(modules)), options_(options) {}

void Namer::prepare(std::vector<Place> places) {
  for (const Place &place : places) {
    Frame frame;
    frame.offset = place.offset;
    if (place.module >= 0 && static_cast<std::size_t>(place.module) < modules_.size())
      frame.module = file_name(modules_[static_cast<std::size_t>(place.module)].path);
    named_[place] = {frame};
  }
}

std::vector<Frame> Namer::name(int module, std::uint64_t return_address_offset) {
  const Place place{module, return_address_offset};
  if (!named_.contains(place)) prepare({place});
  return named_[place];
}

std::vector<std::string> Namer::advice() const { return advice_; }

}  // namespace heapmeter::cli::symbols
