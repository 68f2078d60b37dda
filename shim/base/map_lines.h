// SPDX-License-Identifier: MIT
//
// The lines of /proc/PID/maps: "5581000-5585000 r-xp 00000000 08:01 1234   /usr/lib/x.so". Mappings that come
// and go while they are read may be missed, or be there.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter {

struct MapLine {
  uintptr_t start, end;
  uint64_t inode;  // 0: none
  uint64_t device;
  bool readable, writable, executable, shared;
  const char *name;  // "/usr/lib/x.so", "[stack]" or "", in the text that was parsed
  size_t name_bytes;
};

// The line at `text`, which is then behind it; false where none begins, and nothing is known of it.
bool take_map_line(const char *&text, MapLine &line) noexcept;

class MapLines {
 public:
  explicit MapLines(const char *path) noexcept;
  ~MapLines() noexcept;
  MapLines(const MapLines &) = delete;
  MapLines &operator=(const MapLines &) = delete;

  bool opened() const noexcept;
  // By way of `text`, where the name is then. False at the end. Of a line that has no room the rest of the
  // name is left out.
  bool next(char *text, size_t capacity, MapLine &line) noexcept;
  bool is_cut() const noexcept { return cut_; }

 private:
  int next_letter() noexcept;

  char chunk_[2048];
  long fd_, length_ = 0, at_ = 0;
  bool cut_ = false;
};

}  // namespace heapmeter
