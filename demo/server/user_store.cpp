// SPDX-License-Identifier: MIT
#include "server/user_store.h"

#include <mutex>
#include <utility>

namespace demo {

UserStore::Put UserStore::put(const User &user, std::string &out) {
  std::string json = to_json(user);  // before the lock, readers need not wait for it
  out += json;
  const std::unique_lock lock(mutex_);
  if (const auto found = users_.find(user.id); found != users_.end()) {
    found->second.swap(json);
    return Put::kReplaced;
  }
  if (users_.size() >= max_users_) {
    out.resize(out.size() - json.size());
    return Put::kFull;
  }
  users_.emplace(user.id, std::move(json));
  return Put::kCreated;
}

bool UserStore::append_json(std::uint32_t id, std::string &out) const {
  const std::shared_lock lock(mutex_);
  const auto found = users_.find(id);
  if (found == users_.end()) return false;
  out += found->second;
  return true;
}

void UserStore::append_all_json(std::string &out) const {
  const std::shared_lock lock(mutex_);
  out += '[';
  for (const char *separator = ""; const auto &[id, json] : users_) {
    out += separator;
    out += json;
    separator = ",";
  }
  out += ']';
}

std::size_t UserStore::size() const {
  const std::shared_lock lock(mutex_);
  return users_.size();
}

}  // namespace demo
