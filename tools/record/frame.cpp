// SPDX-License-Identifier: MIT
#include "record/frame.h"

#include <algorithm>
#include <cstring>

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

namespace heapmeter::cli::record {
namespace {

constexpr std::size_t kChunk = 256u << 10;
// So many bytes are looked at in vain, and so many for each byte of the file: damage takes less.
constexpr std::uint64_t kInVain = 32u << 20, kInVainForEach = 8;

std::string number_bytes(std::uint32_t number) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(number >> shift & 0xff);
  return bytes;
}

std::uint32_t number_at(const char *bytes) {
  std::uint32_t number = 0;
  for (int at = 3; at >= 0; --at) number = number << 8 | static_cast<unsigned char>(bytes[at]);
  return number;
}

// Of the length, too.
std::uint32_t checksum(std::string_view length, std::string_view payload) {
  const auto add = [](uLong so_far, std::string_view more) {
    return crc32(so_far, reinterpret_cast<const Bytef *>(more.data()), static_cast<uInt>(more.size()));
  };
  return static_cast<std::uint32_t>(add(add(crc32(0, nullptr, 0), length), payload));
}

}  // namespace

std::string framed(std::string_view payload) {
  std::string bytes = number_bytes(static_cast<std::uint32_t>(payload.size()));
  bytes += number_bytes(checksum(bytes, payload));
  return bytes.append(payload);
}

Source source_of(int fd) {
  return [fd](char *into, std::size_t most, std::uint64_t offset) -> std::size_t {
    ssize_t got = 0;
    do {
      got = pread(fd, into, most, static_cast<off_t>(offset));
    } while (got < 0 && errno == EINTR);
    return got < 0 ? 0 : static_cast<std::size_t>(got);
  };
}

Source source_of(std::string_view bytes) {
  return [bytes](char *into, std::size_t most, std::uint64_t offset) -> std::size_t {
    if (offset >= bytes.size()) return 0;
    return bytes.copy(into, most, static_cast<std::size_t>(offset));
  };
}

bool Frames::have(std::size_t bytes) {
  while (buffer_.size() < at_ + bytes) {
    buffer_.erase(0, at_);
    start_ += at_;
    at_ = 0;
    const std::size_t old = buffer_.size();
    buffer_.resize(std::max(bytes, old + kChunk));
    const std::size_t got = source_(buffer_.data() + old, buffer_.size() - old, start_ + old);
    buffer_.resize(old + got);
    if (got == 0) return false;
  }
  return true;
}

std::optional<std::string_view> Frames::whole_frame() {
  if (!have(kFrameHead)) return std::nullopt;
  const std::size_t length = number_at(buffer_.data() + at_);
  if (length > kLongestFrame || in_vain_ > kInVain + kInVainForEach * (start_ + at_)) return std::nullopt;
  in_vain_ += length;
  if (!have(kFrameHead + length)) return std::nullopt;
  const std::string_view frame = std::string_view(buffer_).substr(at_, kFrameHead + length);
  const std::string_view payload = frame.substr(kFrameHead);
  if (checksum(frame.substr(0, 4), payload) != number_at(frame.data() + 4)) return std::nullopt;
  in_vain_ -= length;
  length_ = frame.size();
  return payload;
}

bool Frames::find_segment() {
  const std::size_t window = kFrameHead + kSegmentMark.size();
  if (!have(1)) return false;
  for (++at_; have(window); ++at_) {
    // From here the marks that are in the buffer.
    const std::size_t found = buffer_.find(kSegmentMark, at_ + kFrameHead);
    if (found == buffer_.npos) {
      at_ = buffer_.size() - window;
      continue;
    }
    at_ = found - kFrameHead;
    return true;
  }
  return false;
}

std::optional<std::string_view> Frames::next() {
  at_ += length_;
  length_ = 0;
  bool damaged = false;
  do {
    const auto payload = whole_frame();
    if (!payload) continue;
    if (damaged) skipped_ += start_ + at_ - good_end_;
    good_end_ = start_ + at_ + length_;
    return payload;
  } while ((damaged = true) && find_segment());
  torn_ = start_ + buffer_.size() - good_end_;
  return std::nullopt;
}

}  // namespace heapmeter::cli::record
