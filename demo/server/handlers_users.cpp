// SPDX-License-Identifier: MIT
#include <charconv>
#include <optional>

#include "server/handlers.h"
#include "server/user.h"

namespace demo {
namespace {

std::optional<std::uint32_t> id_in(std::string_view path) {
  path.remove_prefix(std::string_view("/users/").size());
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), id);
  if (error != std::errc{} || end != path.data() + path.size()) return std::nullopt;
  return id;
}

}  // namespace

void list_users(App &app, const Request &, Response &response) { app.users.append_all_json(response.body); }

void get_user(App &app, const Request &request, Response &response) {
  const auto id = id_in(request.path);
  if (!id) return response.fail(http::status::bad_request, "Invalid user ID");
  if (!app.users.append_json(*id, response.body)) response.fail(http::status::not_found, "User not found");
}

void create_user(App &app, const Request &request, Response &response) {
  if (request.body.empty()) return response.fail(http::status::bad_request, "No body found");
  const auto user = parse_user(request.body);
  if (!user) return response.fail(http::status::bad_request, user.error());
  switch (app.users.put(*user, response.body)) {
    case UserStore::Put::kCreated:
      response.status = http::status::created;
      break;
    case UserStore::Put::kReplaced:
      response.status = http::status::ok;
      break;
    case UserStore::Put::kFull:
      response.fail(http::status::insufficient_storage, "No room for more users");
      break;
  }
}

}  // namespace demo
