// SPDX-License-Identifier: MIT
//
// A recording to be read, frame by frame: what makes no sense is said, and left out, never followed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "record/decoder.h"
#include "record/frame.h"

namespace heapmeter::cli::record {

// Whether a file that begins so is a recording. Throws UserError, naming it `where`, when it is one of
// another layout.
bool is_recording(std::string_view beginning, const std::string &where);

class Recording {
 public:
  // Of what is_recording().
  explicit Recording(Source source) : frames_(std::move(source)) {}

  // None at the end.
  std::optional<Frame> next();
  const std::vector<Process> &processes() const { return decoder_.processes(); }
  // After the end.
  std::uint64_t good_end() const { return frames_.good_end(); }
  std::uint64_t torn_bytes() const { return frames_.torn_bytes(); }
  std::uint64_t damaged_bytes() const { return frames_.skipped_bytes() + senseless_; }

 private:
  Frames frames_;
  Decoder decoder_;
  std::uint64_t senseless_ = 0;
};

}  // namespace heapmeter::cli::record
