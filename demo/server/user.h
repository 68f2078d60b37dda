// SPDX-License-Identifier: MIT
//
// The thing the server keeps, and its JSON form.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace demo {

struct User {
  std::uint32_t id = 0;
  std::string name;
  std::string email;

  bool operator==(const User &) const = default;
};

std::string to_json(const User &user);

// On failure a text that says what is wrong; it is safe inside a JSON string.
std::expected<User, std::string_view> parse_user(std::string_view json);

}  // namespace demo
