// SPDX-License-Identifier: MIT
//
// Names as bytes, through a pipe and in a file; pure. Whoever reads them trusts nobody: what is cut off or
// too long ends the reading.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/frame.h"

namespace heapmeter::cli::symbols {

// What is known of one address without its module: innermost first.
struct Named {
  std::uint64_t address = 0;
  std::vector<Frame> frames;  // function, linkage, file, line, inlined, begin; at most kMostInlined
};

inline constexpr std::size_t kMostInlined = 64;

void put_number(std::string &bytes, std::uint64_t number);
void put_text(std::string &bytes, std::string_view text);  // at most kLongestText of it
void put_named(std::string &bytes, const Named &named);

class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return bytes_.empty(); }
  std::optional<std::uint64_t> number();
  std::optional<std::string> text();
  std::optional<Named> named();

 private:
  std::string_view bytes_;
};

}  // namespace heapmeter::cli::symbols
