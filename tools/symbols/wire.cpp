// SPDX-License-Identifier: MIT
#include "symbols/wire.h"

#include <algorithm>
#include <climits>

#include <string.h>

namespace heapmeter::cli::symbols {

void put_number(std::string &bytes, std::uint64_t number) {
  char raw[sizeof number];
  memcpy(raw, &number, sizeof number);
  bytes.append(raw, sizeof raw);
}

void put_text(std::string &bytes, std::string_view text) {
  text = text.substr(0, kLongestText);
  put_number(bytes, text.size());
  bytes += text;
}

void put_named(std::string &bytes, const Named &named) {
  const std::size_t count = std::min(named.frames.size(), kMostInlined);
  put_number(bytes, named.address);
  put_number(bytes, count);
  for (std::size_t each = 0; each < count; ++each) {
    const Frame &frame = named.frames[each];
    put_text(bytes, frame.function);
    put_text(bytes, frame.linkage);
    put_text(bytes, frame.file);
    put_number(bytes, static_cast<std::uint64_t>(frame.line));
    put_number(bytes, frame.inlined ? 1 : 0);
    put_number(bytes, frame.begin);
  }
}

std::optional<std::uint64_t> WireReader::number() {
  std::uint64_t number = 0;
  if (bytes_.size() < sizeof number) return std::nullopt;
  memcpy(&number, bytes_.data(), sizeof number);
  bytes_.remove_prefix(sizeof number);
  return number;
}

std::optional<std::string> WireReader::text() {
  const auto length = number();
  if (!length || *length > kLongestText || *length > bytes_.size()) return std::nullopt;
  std::string text(bytes_.substr(0, *length));
  bytes_.remove_prefix(*length);
  return text;
}

std::optional<Named> WireReader::named() {
  const auto address = number(), count = number();
  if (!address || !count || *count > kMostInlined) return std::nullopt;
  Named named{*address, {}};
  for (std::uint64_t each = 0; each < *count; ++each) {
    auto function = text(), linkage = text(), file = text();
    const auto line = number(), inlined = number(), begin = number();
    if (!function || !linkage || !file || !line || *line > INT_MAX || !inlined || !begin) return std::nullopt;
    Frame frame;
    frame.function = *std::move(function);
    frame.linkage = *std::move(linkage);
    frame.file = *std::move(file);
    frame.line = static_cast<int>(*line);
    frame.inlined = *inlined != 0;
    frame.begin = *begin;
    named.frames.push_back(std::move(frame));
  }
  return named;
}

}  // namespace heapmeter::cli::symbols
