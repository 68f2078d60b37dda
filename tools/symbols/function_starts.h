// SPDX-License-Identifier: MIT
//
// Where functions begin whose names were stripped: what unwinders read tells the bounds of each. Only in a
// reader of its own (reader.h).
#pragma once

#include <cstdint>

#include <libelf.h>

namespace heapmeter::cli::symbols {

class FunctionStarts {
 public:
  explicit FunctionStarts(Elf *elf);

  // Of the function that has this address; 0 where the file does not say.
  std::uint64_t of(std::uint64_t address) const;

 private:
  // Null where the file has not so much at this address.
  const unsigned char *bytes_at(std::uint64_t address, std::size_t count) const;
  std::uint64_t entry(std::size_t number, int field) const;

  Elf *elf_;
  std::uint64_t start_ = 0;                 // of .eh_frame_hdr
  const unsigned char *entries_ = nullptr;  // a function's start and its description each, from there on
  std::size_t count_ = 0;
};

}  // namespace heapmeter::cli::symbols
