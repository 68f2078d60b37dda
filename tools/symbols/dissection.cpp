// SPDX-License-Identifier: MIT
#include "symbols/dissection.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <unistd.h>

#include "symbols/debug_information.h"
#include "symbols/function_name.h"
#include "symbols/function_starts.h"
#include "symbols/symbol_table.h"

namespace heapmeter::cli::symbols {
namespace {

constexpr std::uint64_t kFlagSymbols = 1, kFlagDebugInformation = 2;

std::string build_id_of(Elf *elf) {
  const void *bits = nullptr;
  const ssize_t length = elf == nullptr ? 0 : dwelf_elf_gnu_build_id(elf, &bits);
  std::string text;
  for (ssize_t at = 0; at < length && at < 64; ++at) {
    const unsigned char byte = static_cast<const unsigned char *>(bits)[at];
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// Of .gnu_debuglink: that of zlib.
std::uint32_t crc_of(int fd) {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t each = 0; each < table.size(); ++each) {
    table[each] = each;
    for (int bit = 0; bit < 8; ++bit)
      table[each] = (table[each] >> 1) ^ ((table[each] & 1) != 0 ? 0xedb88320u : 0);
  }
  std::uint32_t crc = ~0u;
  std::vector<unsigned char> bytes(64u << 10);
  off_t at = 0;
  for (ssize_t got = 0; (got = pread(fd, bytes.data(), bytes.size(), at)) > 0; at += got)
    for (ssize_t each = 0; each < got; ++each)
      crc = (crc >> 8) ^ table[(crc ^ bytes[static_cast<std::size_t>(each)]) & 255];
  return ~crc;
}

// Whether the separate file is that of this one.
bool fits(Elf *whole, int separate) {
  Elf *elf = elf_begin(separate, ELF_C_READ_MMAP_PRIVATE, nullptr);
  if (elf == nullptr) return false;
  const std::string wanted = build_id_of(whole), there = build_id_of(elf);
  elf_end(elf);
  if (!wanted.empty() || !there.empty()) return wanted == there;
  GElf_Word crc = 0;
  return dwelf_elf_gnu_debuglink(whole, &crc) != nullptr && crc_of(separate) == crc;
}

// Set for the one module that a reader ever has.
int separate_file = -1;

int find_separate(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr start, const char *file,
                  const char *link, GElf_Word crc, char **found) {
  if (separate_file >= 0) {
    GElf_Addr bias = 0;
    const int given = std::exchange(separate_file, -1);
    if (fits(dwfl_module_getelf(module, &bias), given)) return given;
  }
  return dwfl_standard_find_debuginfo(module, data, name, start, file, link, crc, found);
}

// Only below this directory: what lies beside the file may be anything, and was looked for by who asks us.
char trusted_place[] = "/usr/lib/debug";
char *trusted_path = trusted_place;

class Session {
 public:
  explicit Session(const Work &work) {
    separate_file = work.separate < 0 ? -1 : dup(work.separate);
    callbacks_.find_elf = nullptr;
    callbacks_.find_debuginfo = find_separate;
    callbacks_.debuginfo_path = &trusted_path;
    dwfl_ = dwfl_begin(&callbacks_);
    if (dwfl_ == nullptr) return;
    dwfl_report_begin(dwfl_);
    module_ = dwfl_report_elf(dwfl_, work.path.c_str(), work.path.c_str(), dup(work.file), 0, true);
    if (dwfl_report_end(dwfl_, nullptr, nullptr) != 0) module_ = nullptr;
  }
  ~Session() { dwfl_end(dwfl_); }
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  Dwfl_Module *module() const { return module_; }

 private:
  Dwfl_Callbacks callbacks_{};
  Dwfl *dwfl_ = nullptr;
  Dwfl_Module *module_ = nullptr;
};

bool has_section(Elf *elf, std::uint32_t type) {
  for (Elf_Scn *at = elf_nextscn(elf, nullptr); at != nullptr; at = elf_nextscn(elf, at)) {
    GElf_Shdr header;
    if (gelf_getshdr(at, &header) != nullptr && header.sh_type == type) return true;
  }
  return false;
}

bool is_mangled(std::string_view name) { return name.starts_with("_Z") || name.starts_with("_R"); }

// What the source calls a function is less than what the linker does: C++ and Rust hide namespaces and types
// there.
void take_symbol(const char *symbol, std::vector<Frame> &frames) {
  if (symbol == nullptr) return;
  if (frames.empty()) frames.emplace_back();
  Frame &outermost = frames.back();
  if (outermost.inlined) {
    frames.emplace_back();
    frames.back().function = symbol;
  } else if (outermost.function.empty() || (!is_mangled(outermost.function) && is_mangled(symbol))) {
    outermost.function = symbol;
  }
}

// Whether the function around all has a name.
bool has_name(const std::vector<Frame> &frames) { return !frames.empty() && !frames.back().function.empty(); }

void send_head(Findings::End end, std::uint64_t flags, const char *link,
               const std::function<void(std::string_view)> &send) {
  std::string head;
  put_number(head, static_cast<std::uint64_t>(end));
  put_number(head, flags);
  put_text(head, link != nullptr ? link : "");
  send(head);
}

}  // namespace

void dissect(const Work &work, const std::function<void(std::string_view)> &send) {
  elf_version(EV_CURRENT);
  const Session session(work);
  GElf_Addr bias = 0;
  Elf *elf = session.module() == nullptr ? nullptr : dwfl_module_getelf(session.module(), &bias);
  if (elf == nullptr) return send_head(Findings::End::kNoElf, 0, nullptr, send);
  if (!work.build_id.empty() && build_id_of(elf) != work.build_id)
    return send_head(Findings::End::kOtherBuild, 0, nullptr, send);
  Dwarf_Addr debug_bias = 0;
  Dwarf *dwarf = work.with_debug_information ? dwfl_module_getdwarf(session.module(), &debug_bias) : nullptr;
  const SymbolTable symbols(session.module());
  const FunctionStarts starts(elf);
  GElf_Word crc = 0;
  const char *link = dwelf_elf_gnu_debuglink(elf, &crc);
  send_head(Findings::End::kWell,
            (dwarf != nullptr || has_section(elf, SHT_SYMTAB) ? kFlagSymbols : 0) |
                (dwarf != nullptr ? kFlagDebugInformation : 0),
            link, send);
  const auto answer = [&](Named named) {
    named.address += debug_bias - bias;
    take_symbol(symbols.name(named.address + bias), named.frames);
    if (!has_name(named.frames)) {
      if (named.frames.empty()) named.frames.emplace_back();
      named.frames.back().begin = starts.of(named.address);
    }
    for (Frame &frame : named.frames) {
      std::string name = short_name(demangled(frame.function));
      if (name != frame.function) frame.linkage = std::move(frame.function);
      frame.function = std::move(name);
    }
    std::string bytes;
    put_named(bytes, named);
    send(bytes);
  };
  std::vector<std::uint64_t> inner = work.addresses;
  for (std::uint64_t &address : inner) address += bias - debug_bias;
  if (dwarf != nullptr) {
    DebugInformation(dwarf).name(inner, answer);
  } else {
    for (const std::uint64_t address : inner) answer({address, {}});
  }
}

void assemble(std::string_view bytes, Findings &findings) {
  WireReader reader(bytes);
  const auto end = reader.number(), flags = reader.number();
  auto link = reader.text();
  if (!end || !flags || !link) return;
  if (*end > static_cast<std::uint64_t>(Findings::End::kOtherBuild)) return;
  findings.end = static_cast<Findings::End>(*end);
  findings.has_symbols = (*flags & kFlagSymbols) != 0;
  findings.has_debug_information = (*flags & kFlagDebugInformation) != 0;
  findings.debug_link = *std::move(link);
  while (auto named = reader.named()) findings.named.push_back(*std::move(named));
}

}  // namespace heapmeter::cli::symbols
