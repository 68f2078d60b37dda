// SPDX-License-Identifier: MIT
//
// What a process holds and does by size class, from the JSON of /v1/sizes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "client/client.h"

namespace heapmeter::cli {

struct SizeClass {
  std::uint64_t class_bytes = 0;  // the largest request it takes; a small class's block takes just that much
  std::uint64_t live_blocks = 0, live_bytes = 0;
  std::optional<std::uint64_t> usable_bytes = {};  // the backend `next` does not say it of small classes
  std::uint64_t allocations = 0, frees = 0;
  std::optional<std::uint64_t> least_bytes = {};  // the smallest request; an older library does not say it
};

// By ascending size; classes that were never used are absent. Throws NoAnswer.
std::vector<SizeClass> parse_size_classes(std::string_view json);
std::vector<SizeClass> size_classes_of(const boost::json::object &page);
std::vector<SizeClass> take_size_classes(const Endpoint &endpoint, Deadline deadline);

}  // namespace heapmeter::cli
