// SPDX-License-Identifier: MIT
#include "server/target.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/beast/core/string.hpp>

namespace demo {
namespace {

// The path of an absolute-form target, "/" when it has none; nothing when it is not http.
std::optional<std::string_view> path_of_absolute(std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  if (!boost::beast::iequals(target.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  target.remove_prefix(kScheme.size());
  const auto end = std::min(target.find_first_of("/?#"), target.size());
  const auto authority = target.substr(0, end);
  if (authority.empty() || !is_host(authority)) return std::nullopt;
  target.remove_prefix(end);
  return target.starts_with('/') ? target : std::string_view("/");
}

bool percent_decode(std::string_view text, std::string &out) {
  out.clear();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const auto digits = text.substr(at + 1, 2);
    unsigned char byte = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2 || byte == 0) return false;
    out += static_cast<char>(byte);
    at += 2;
  }
  return true;
}

}  // namespace

bool decode_target(std::string_view target, std::string &path) {
  if (target == "*") {
    path = target;
    return true;
  }
  if (!target.starts_with('/')) {
    const auto absolute = path_of_absolute(target);
    if (!absolute) return false;
    target = *absolute;
  }
  if (target.find('#') != std::string_view::npos) return false;
  return percent_decode(target.substr(0, target.find('?')), path);
}

bool is_host(std::string_view value) {
  constexpr std::string_view kAllowed = "-._~%!$&'()*+,;=:[]";
  return std::ranges::all_of(value, [&](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
           kAllowed.find(character) != std::string_view::npos;
  });
}

}  // namespace demo
