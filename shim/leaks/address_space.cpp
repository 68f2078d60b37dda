// SPDX-License-Identifier: MIT
#include "leaks/address_space.h"

#include <string.h>

#include <initializer_list>

#include "base/map_lines.h"
#include "base/sys.h"

namespace heapmeter::leaks {
namespace {

bool starts(const char *text, const char *with) noexcept { return strncmp(text, with, strlen(with)) == 0; }

Mapping::Kind kind_of(const char *name, uint64_t inode) noexcept {
  if (starts(name, "[stack]")) return Mapping::Kind::kStack;
  if (starts(name, "[v")) return Mapping::Kind::kKernels;
  for (const char *memory :
       {"/dev/zero", "/dev/shm/", "/dev/hugepages/", "/memfd:", "/SYSV", "/anon_hugepage"}) {
    if (starts(name, memory)) return Mapping::Kind::kMemory;
  }
  if (starts(name, "/dev/")) return Mapping::Kind::kDevice;
  return inode == 0 ? Mapping::Kind::kAnonymous : Mapping::Kind::kFile;
}

// Of the memory that the kernel shares by no name, or by one that is no file's; huge pages are another's.
uint64_t device_of_nameless(const char *text) noexcept {
  for (MapLine line; take_map_line(text, line);) {
    if (line.shared && starts(line.name, "/dev/zero")) return line.device;
  }
  return ~uint64_t{0};
}

}  // namespace

size_t AddressSpace::parse(const char *text, Mapping *out, size_t most) noexcept {
  size_t count = 0;
  const uint64_t kernels_own = device_of_nameless(text);
  for (MapLine line; count < most && take_map_line(text, line); ++count) {
    const Mapping::Kind kind = kind_of(line.name, line.inode);
    const bool sparse = line.shared && kind == Mapping::Kind::kMemory &&
                        (starts(line.name, "/dev/shm/") || line.device == kernels_own);
    out[count] = {line.start,  line.end, line.inode, line.readable,  line.writable,
                  line.shared, sparse,   kind,       line.executable};
  }
  return count;
}

// The text stays, too: the list has the place where it is, and what came there next would count as the
// program's.
bool AddressSpace::read(const char *path) noexcept {
  // Where address space is limited, no more than most programs need.
  for (size_t text = kTextBytes; text <= kMostTextBytes; text *= kMostTextBytes / kTextBytes) {
    if (const Reading reading = read(path, text); reading != Reading::kTooLong)
      return reading == Reading::kAll;
    forget();
  }
  return false;
}

AddressSpace::Reading AddressSpace::read(const char *path, size_t text_bytes) noexcept {
  bytes_ = kMost * sizeof(Mapping) + text_bytes;
  mappings_ = static_cast<Mapping *>(sys::map(bytes_));
  if (mappings_ == nullptr) return Reading::kNot;
  auto *text = reinterpret_cast<char *>(mappings_ + kMost);
  const long bytes = sys::read_file(path, text, text_bytes - 1);
  if (bytes <= 0) return Reading::kNot;
  if (static_cast<size_t>(bytes) == text_bytes - 1) return Reading::kTooLong;
  size_ = parse(text, mappings_, kMost);
  size_t lines = 0;
  for (const char *at = text; (at = strchr(at, '\n')) != nullptr; ++at) ++lines;
  return size_ != 0 && size_ == lines ? Reading::kAll : Reading::kNot;
}

void AddressSpace::forget() noexcept {
  if (mappings_ != nullptr) sys::unmap(mappings_, bytes_);
  mappings_ = nullptr;
  size_ = 0;
}

}  // namespace heapmeter::leaks
