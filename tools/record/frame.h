// SPDX-License-Identifier: MIT
//
// The outer layer of a recording: a line that says what it is, then frames of a length, a checksum and so
// many bytes. Whoever writes may be killed at any moment: what is behind the last whole frame is torn, and no
// more. Where a frame in the middle is damaged, reading goes on at the next segment.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace heapmeter::cli::record {

inline constexpr std::string_view kBegins = "heapmeter recording ";
inline constexpr std::string_view kSignature = "heapmeter recording 1\n";
// The first bytes of the payload of every frame that begins a segment.
inline constexpr std::string_view kSegmentMark = "\x0a\x10hm segment start";
inline constexpr std::size_t kFrameHead = 8, kLongestFrame = 4u << 20;

// What a frame says makes no sense, whoever gave it its checksum.
struct Damaged : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string framed(std::string_view payload);

// Where it reads from: so many bytes at most from that offset on; how many it got, 0 at the end.
using Source = std::function<std::size_t(char *into, std::size_t most, std::uint64_t offset)>;
Source source_of(int fd);
Source source_of(std::string_view bytes);

class Frames {
 public:
  // From behind the signature on.
  explicit Frames(Source source) : source_(std::move(source)), start_(kSignature.size()) {}

  // Of the next whole frame, until the next call; none at the end.
  std::optional<std::string_view> next();
  // Of the last whole frame.
  std::uint64_t good_end() const { return good_end_; }
  // Bytes behind that, after the end; and those in the middle that were left out.
  std::uint64_t torn_bytes() const { return torn_; }
  std::uint64_t skipped_bytes() const { return skipped_; }

 private:
  bool have(std::size_t bytes);
  std::optional<std::string_view> whole_frame();
  bool find_segment();

  Source source_;
  std::string buffer_;
  std::uint64_t start_;     // of the buffer, in the file
  std::size_t at_ = 0;      // in the buffer
  std::size_t length_ = 0;  // of the frame that was given last
  // Bytes of what were no frames. Marks may lie close together, each with a length of its own.
  std::uint64_t in_vain_ = 0;
  std::uint64_t good_end_ = kSignature.size(), torn_ = 0, skipped_ = 0;
};

}  // namespace heapmeter::cli::record
