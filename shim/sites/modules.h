// SPDX-License-Identifier: MIT
//
// Which file the code at an address is of, found without the loader's lock. What was closed is kept, so that
// a stack through it can still be named; what comes to lie at the same addresses is another module.
//
// A module is noted when the first frame within it is: rarely, by any thread, in signal handlers too. Two
// that note the same at once may leave it twice, each as good as the other.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sites/budget.h"

namespace heapmeter::sites {

struct Module {
  static constexpr size_t kBuildId = 32;

  uint64_t start, end;  // of its mappings
  uint64_t bias;        // what the loader added to the file's addresses
  const char *path;     // "" for the program itself, when the loader does not say
  uint8_t build_id[kBuildId];
  uint32_t build_id_bytes;
};

class Modules {
 public:
  static constexpr uint16_t kNone = 0;

  bool map() noexcept;
  bool mapped() const noexcept { return modules_ != nullptr; }
  // The number of the module with code at that address; kNone when there is none known.
  uint16_t of(Budget &budget, uint64_t address) noexcept;
  // Code was unmapped: those noted that are gone are found no more, until they are back; by number they stay.
  void code_went() noexcept;
  // Another for each set of modules that are gone: where addresses may have become another's, a stack is told
  // apart from an equal one by it.
  uint64_t salt() const noexcept { return load_whole(salt_); }

  // For readers: 1 to count() - 1.
  uint16_t count() const noexcept;
  const Module &at(uint16_t number) const noexcept { return modules_[number].module; }

  void clear() noexcept;
  Memory memory() const noexcept { return {modules_, mapped() ? kBytes : 0}; }
  void unmap() noexcept;

 private:
  static constexpr uint32_t kMost = 4096;
  static constexpr size_t kTexts = size_t{1} << 20;
  static constexpr size_t kBytes = kMost * 80 + kTexts;
  enum class State : uint32_t { kFree, kLive, kClosed };
  struct Entry {
    Module module;
    State state;
  };
  static_assert(kMost * sizeof(Entry) + kTexts == kBytes);

  const char *keep(const char *text) noexcept;
  uint16_t known_live(uint64_t address) const noexcept;
  uint16_t back_again(const Module &found, const char *path) noexcept;
  bool change(uint16_t number, State from, State to) noexcept;
  bool is_still_there(const Module &module) const noexcept;

  Entry *modules_ = nullptr;
  char *texts_ = nullptr;
  uint32_t given_ = 0;
  uint32_t texts_used_ = 0;
  uint64_t salt_ = 0;
};

}  // namespace heapmeter::sites
