// SPDX-License-Identifier: MIT
#include "sites/modules.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

#include "base/sys.h"

// Weak: glibc has it since 2.35.
extern "C" __attribute__((weak)) int _dl_find_object(void *address, struct dl_find_object *found) noexcept;

namespace heapmeter::sites {
namespace {

// Headers lie on the first page.
constexpr uint64_t kHeaders = 4096;

bool find(uint64_t address, dl_find_object &found) noexcept {
  return _dl_find_object != nullptr && _dl_find_object(reinterpret_cast<void *>(address), &found) == 0;
}

// Of what the loader mapped: the file's header is at the start of its first mapping, and says where the note
// is. No further than the mappings reach.
void read_build_id(Module &module) noexcept {
  const auto *header = reinterpret_cast<const ElfW(Ehdr) *>(module.start);
  const uint64_t size = module.end - module.start;
  if (size < sizeof *header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return;
  if (header->e_phentsize != sizeof(ElfW(Phdr)) || header->e_phoff > kHeaders || kHeaders > size ||
      header->e_phnum * sizeof(ElfW(Phdr)) > kHeaders - header->e_phoff) {
    return;
  }
  const auto *segments = reinterpret_cast<const ElfW(Phdr) *>(module.start + header->e_phoff);
  for (size_t i = 0; i < header->e_phnum; ++i) {
    if (segments[i].p_type != PT_NOTE) continue;
    uint64_t at = module.bias + segments[i].p_vaddr;
    if (at < module.start || at > module.end || segments[i].p_memsz > module.end - at) continue;
    const uint64_t end = at + segments[i].p_memsz;
    while (end - at >= sizeof(ElfW(Nhdr))) {
      const auto *note = reinterpret_cast<const ElfW(Nhdr) *>(at);
      const uint64_t name = (uint64_t{note->n_namesz} + 3) & ~uint64_t{3};
      const uint64_t content = (uint64_t{note->n_descsz} + 3) & ~uint64_t{3};
      if (name + content > end - at - sizeof *note) break;
      const auto *what = reinterpret_cast<const char *>(note + 1);
      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(what, "GNU", 4) == 0 &&
          note->n_descsz <= Module::kBuildId) {
        memcpy(module.build_id, what + name, note->n_descsz);
        module.build_id_bytes = note->n_descsz;
        return;
      }
      at += sizeof *note + name + content;
    }
  }
}

bool contains(const Module &module, uint64_t address) noexcept {
  return address >= module.start && address < module.end;
}

}  // namespace

bool Modules::map() noexcept {
  if (mapped()) return true;
  auto *start = static_cast<char *>(sys::map(kBytes));
  if (start == nullptr) return false;
  sys::keep_out_of_core_dumps(start, kBytes);
  given_ = 1;
  texts_ = start + kMost * sizeof(Entry);
  __atomic_store_n(&modules_, reinterpret_cast<Entry *>(start), __ATOMIC_RELEASE);
  return true;
}

// "" where there is no more room.
const char *Modules::keep(const char *text) noexcept {
  const size_t bytes = strlen(text) + 1;
  if (bytes == 1 || bytes > kTexts) return "";
  const uint32_t at = __atomic_fetch_add(&texts_used_, static_cast<uint32_t>(bytes), __ATOMIC_RELAXED);
  if (at > kTexts - bytes) {
    __atomic_fetch_sub(&texts_used_, static_cast<uint32_t>(bytes), __ATOMIC_RELAXED);
    return "";
  }
  memcpy(texts_ + at, text, bytes);
  return texts_ + at;
}

bool Modules::change(uint16_t number, State from, State to) noexcept {
  if (!change_whole(modules_[number].state, from, to)) return false;
  __atomic_fetch_xor(&salt_, (uint64_t{number} + 1) * 0x9FB21C651E98DF25u, __ATOMIC_RELEASE);
  return true;
}

uint16_t Modules::known_live(uint64_t address) const noexcept {
  const uint16_t known = count();
  for (uint16_t number = 1; number < known; ++number) {
    const Entry &entry = modules_[number];
    if (load_acquire(entry.state) == State::kLive && contains(entry.module, address)) return number;
  }
  return kNone;
}

// One that was closed and is there again, at the same place.
uint16_t Modules::back_again(const Module &found, const char *path) noexcept {
  const uint16_t known = count();
  for (uint16_t number = 1; number < known; ++number) {
    const Entry &entry = modules_[number];
    if (load_acquire(entry.state) != State::kClosed) continue;
    const Module &module = entry.module;
    if (module.start == found.start && module.end == found.end && strcmp(module.path, path) == 0 &&
        module.build_id_bytes == found.build_id_bytes &&
        memcmp(module.build_id, found.build_id, found.build_id_bytes) == 0) {
      change(number, State::kClosed, State::kLive);
      return number;
    }
  }
  return kNone;
}

uint16_t Modules::of(Budget &budget, uint64_t address) noexcept {
  if (const uint16_t known = known_live(address)) return known;
  dl_find_object found;
  if (!find(address, found)) return kNone;
  const char *path = found.dlfo_link_map->l_name;
  Module module = {reinterpret_cast<uint64_t>(found.dlfo_map_start),
                   reinterpret_cast<uint64_t>(found.dlfo_map_end),
                   found.dlfo_link_map->l_addr,
                   "",
                   {},
                   0};
  read_build_id(module);
  if (const uint16_t back = back_again(module, path)) return back;
  if (load_whole(given_) >= kMost || !budget.take(sizeof(Entry))) return kNone;
  const uint32_t number = __atomic_fetch_add(&given_, 1, __ATOMIC_RELAXED);
  if (number >= kMost) return kNone;
  Entry &entry = modules_[number];
  module.path = keep(path);
  entry.module = module;
  store_release(entry.state, State::kLive);
  return static_cast<uint16_t>(number);
}

bool Modules::is_still_there(const Module &module) const noexcept {
  dl_find_object found;
  return find(module.start, found) && reinterpret_cast<uint64_t>(found.dlfo_map_start) == module.start &&
         strcmp(found.dlfo_link_map->l_name, module.path) == 0;
}

void Modules::code_went() noexcept {
  if (!mapped()) return;
  const uint16_t known = count();
  for (uint16_t number = 1; number < known; ++number) {
    const Entry &entry = modules_[number];
    const bool live = load_acquire(entry.state) == State::kLive;
    if (live && !is_still_there(entry.module)) change(number, State::kLive, State::kClosed);
  }
}

uint16_t Modules::count() const noexcept {
  const uint32_t given = load_whole(given_);
  return static_cast<uint16_t>(given < kMost ? given : kMost);
}

void Modules::clear() noexcept {
  if (!mapped()) return;
  sys::forget(modules_, kBytes);
  store_whole(given_, 1u);
  store_whole(texts_used_, 0u);
  store_whole(salt_, uint64_t{0});
}

void Modules::unmap() noexcept {
  if (mapped()) sys::unmap(modules_, kBytes);
}

}  // namespace heapmeter::sites
