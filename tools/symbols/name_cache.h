// SPDX-License-Identifier: MIT
//
// Names kept for the next time, by what is in a file, not by what it says it is: whoever makes a file may
// give it the build-id of another. A directory of the user's own, bounded; what is broken there, or somebody
// else's, is as if it were not there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "symbols/frame.h"
#include "symbols/keyed_hash.h"
#include "system/foreign_file.h"

namespace heapmeter::cli::symbols {

using NamesByAddress = std::map<std::uint64_t, std::vector<Frame>>;

class NameCache {
 public:
  // $XDG_CACHE_HOME/heapmeter, or below HOME; "" when neither says where.
  static std::filesystem::path of_user();

  // With "", or where it cannot be ours alone, nothing is kept.
  explicit NameCache(std::filesystem::path directory);

  // What these files' names are kept by; empty when none are kept.
  std::optional<std::uint64_t> key(const ForeignFile &whole, const ForeignFile *separate) const;
  NamesByAddress load(std::uint64_t key) const;
  void save(std::uint64_t key, const NamesByAddress &names) const;

 private:
  std::filesystem::path path_of(std::uint64_t key) const;
  void keep_small() const;

  std::filesystem::path directory_;
  std::optional<KeyedHash::Secret> secret_;
};

}  // namespace heapmeter::cli::symbols
