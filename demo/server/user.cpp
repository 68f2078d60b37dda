// SPDX-License-Identifier: MIT
#include "server/user.h"

#include <limits>
#include <optional>

#include <boost/json.hpp>

namespace demo {
namespace {

namespace json = boost::json;

std::optional<std::uint32_t> as_id(const json::value *value) {
  if (value == nullptr || !value->is_number()) return std::nullopt;
  json::error_code error;
  const auto id = value->to_number<std::uint32_t>(error);
  if (error || value->is_double()) return std::nullopt;
  return id;
}

}  // namespace

std::string to_json(const User &user) {
  return json::serialize(json::object{{"id", user.id}, {"name", user.name}, {"email", user.email}});
}

std::expected<User, std::string_view> parse_user(std::string_view text) {
  // The tree lives on the stack; only a body too large for it goes to the heap.
  unsigned char room[4096];
  json::monotonic_resource memory(room);
  json::error_code error;
  const auto value = json::parse(text, error, &memory);
  if (error) return std::unexpected("Invalid JSON");
  const auto *object = value.if_object();
  if (object == nullptr) return std::unexpected("A user is a JSON object with id, name and email");

  const auto id = as_id(object->if_contains("id"));
  if (!id) return std::unexpected("id must be a whole number from 0 to 4294967295");
  const auto *name = object->if_contains("name");
  if (name == nullptr || !name->is_string()) return std::unexpected("name must be a string");
  const auto *email = object->if_contains("email");
  if (email == nullptr || !email->is_string()) return std::unexpected("email must be a string");
  return User{*id, std::string(name->get_string()), std::string(email->get_string())};
}

}  // namespace demo
