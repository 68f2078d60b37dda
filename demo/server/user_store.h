// SPDX-License-Identifier: MIT
//
// All users, shared by every thread of the server: any number of readers, or one writer. Each user is kept
// with its JSON, made once when it is stored, so that answering a GET copies bytes and allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <shared_mutex>
#include <string>

#include "server/user.h"

namespace demo {

class UserStore {
 public:
  enum class Put { kCreated, kReplaced, kFull };

  explicit UserStore(std::size_t max_users) : max_users_(max_users) {}

  // Appends the stored user's JSON to `out` unless the store was full.
  Put put(const User &user, std::string &out);

  // False when there is no such user.
  bool append_json(std::uint32_t id, std::string &out) const;

  // A JSON array, ordered by id.
  void append_all_json(std::string &out) const;

  std::size_t size() const;

 private:
  const std::size_t max_users_;
  mutable std::shared_mutex mutex_;
  std::map<std::uint32_t, std::string> users_;
};

}  // namespace demo
