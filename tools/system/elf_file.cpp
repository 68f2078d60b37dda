// SPDX-License-Identifier: MIT
#include "system/elf_file.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <unistd.h>

#include <fmt/format.h>

namespace heapmeter::cli {
namespace {

// What a file may cost us, whoever made it: no program there is comes near.
constexpr std::uint64_t kMostTableBytes = 256u << 20;
constexpr std::size_t kMostSegments = 1024;
constexpr std::size_t kMostLibraries = 4096;
constexpr std::size_t kLongestName = 4096;   // of a file
constexpr std::size_t kLongestSymbol = 128;  // of those that are known

class OpenElf {
 public:
  explicit OpenElf(const ForeignFile &file) {
    elf_version(EV_CURRENT);
    if (file && begins_as_elf(file)) elf_ = elf_begin(file.fd(), ELF_C_READ, nullptr);
    if (elf_ != nullptr && (elf_kind(elf_) != ELF_K_ELF || gelf_getehdr(elf_, &header_) == nullptr)) {
      elf_end(elf_);
      elf_ = nullptr;
    }
  }
  ~OpenElf() { elf_end(elf_); }
  OpenElf(const OpenElf &) = delete;
  OpenElf &operator=(const OpenElf &) = delete;

  Elf *get() const { return elf_; }
  const GElf_Ehdr &header() const { return header_; }
  bool is_marked() const { return marked_; }        // as ELF, whatever follows
  bool is_overgrown() const { return overgrown_; }  // of more parts than are looked at

 private:
  // More parts than the header has room to count are counted elsewhere, in 64 bits, and libelf makes room for
  // as many as it finds there. Of either byte order: both numbers read the same backwards.
  bool begins_as_elf(const ForeignFile &file) {
    Elf64_Ehdr start{};
    const ssize_t got = pread(file.fd(), &start, sizeof start, 0);
    marked_ = got >= SELFMAG && memcmp(start.e_ident, ELFMAG, SELFMAG) == 0;
    if (!marked_ || got < static_cast<ssize_t>(sizeof(Elf32_Ehdr))) return false;
    Elf32_Ehdr small{};
    memcpy(&small, &start, sizeof small);
    const bool wide = start.e_ident[EI_CLASS] == ELFCLASS64;
    const bool sections = wide ? start.e_shoff != 0 : small.e_shoff != 0;
    overgrown_ = (sections && (wide ? start.e_shnum : small.e_shnum) == 0) ||
                 (wide ? start.e_phnum : small.e_phnum) == PN_XNUM;
    return !overgrown_;
  }

  Elf *elf_ = nullptr;
  GElf_Ehdr header_{};
  bool marked_ = false, overgrown_ = false;
};

// The program headers of one type.
std::vector<GElf_Phdr> program_headers(Elf *elf, std::uint32_t type) {
  std::vector<GElf_Phdr> found;
  std::size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return found;
  for (std::size_t at = 0; at < std::min(count, kMostSegments); ++at) {
    GElf_Phdr header;
    if (gelf_getphdr(elf, static_cast<int>(at), &header) != nullptr && header.p_type == type) {
      found.push_back(header);
    }
  }
  return found;
}

// Whether a part of what the kernel or the dynamic linker would map is not in the file.
bool is_cut_off(const OpenElf &elf, std::uint64_t size) {
  const GElf_Ehdr &header = elf.header();
  const std::uint64_t headers = std::uint64_t{header.e_phnum} * header.e_phentsize;
  if (header.e_phoff > size || headers > size - header.e_phoff) return true;
  const auto loaded = program_headers(elf.get(), PT_LOAD);
  return std::any_of(loaded.begin(), loaded.end(), [size](const GElf_Phdr &each) {
    return each.p_offset > size || each.p_filesz > size - each.p_offset;
  });
}

void read_interpreter(Elf *elf, ElfFile &out) {
  for (const GElf_Phdr &header : program_headers(elf, PT_INTERP)) {
    if (header.p_filesz > kLongestName) continue;
    Elf_Data *data =
        elf_getdata_rawchunk(elf, static_cast<std::int64_t>(header.p_offset), header.p_filesz, ELF_T_BYTE);
    if (data == nullptr) return;
    const char *text = static_cast<const char *>(data->d_buf);
    out.interpreter.assign(text, strnlen(text, data->d_size));
  }
}

// libelf reads a table whole, and keeps it; several headers may name one and the same piece of the file.
class Tables {
 public:
  explicit Tables(Elf *elf) : elf_(elf) {}

  // False for one that would be too much, or that would have to be unpacked first.
  bool affords(std::size_t section) {
    if (!seen_.insert(section).second) return true;
    GElf_Shdr header;
    Elf_Scn *at = elf_getscn(elf_, section);
    if (at == nullptr || gelf_getshdr(at, &header) == nullptr) return false;
    if ((header.sh_flags & SHF_COMPRESSED) == 0 && header.sh_size <= kMostTableBytes - bytes_) {
      bytes_ += header.sh_size;
      return true;
    }
    seen_.erase(section);
    return false;
  }

  // Empty also for a name that is longer than `most`.
  std::string_view name(std::size_t section, std::size_t offset, std::size_t most) const {
    const char *text = elf_strptr(elf_, section, offset);
    const std::size_t length = text == nullptr ? 0 : strnlen(text, most + 1);
    return length > most ? std::string_view() : std::string_view(text, length);
  }

 private:
  Elf *elf_;
  std::set<std::size_t> seen_;
  std::uint64_t bytes_ = 0;
};

void read_dynamic(const Tables &tables, const GElf_Shdr &section, Elf_Data *data, ElfFile &out) {
  for (std::size_t at = 0; at < section.sh_size / section.sh_entsize; ++at) {
    GElf_Dyn entry;
    if (gelf_getdyn(data, static_cast<int>(at), &entry) == nullptr) break;
    if (entry.d_tag == DT_SYMBOLIC || (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_SYMBOLIC) != 0)) {
      out.binds_to_itself = true;
    }
    if (entry.d_tag != DT_NEEDED && entry.d_tag != DT_SONAME) continue;
    const std::string_view name = tables.name(section.sh_link, entry.d_un.d_val, kLongestName);
    if (name.empty()) continue;
    if (entry.d_tag == DT_SONAME)
      out.soname = name;
    else if (out.libraries.size() < kMostLibraries)
      out.libraries.emplace_back(name);
  }
}

void add_mark(SymbolMark mark, ElfFile &out) {
  const bool known = std::any_of(out.marks.begin(), out.marks.end(), [&](const SymbolMark &each) {
    return each.name == mark.name && each.defined == mark.defined && each.exported == mark.exported;
  });
  if (!known) out.marks.push_back(std::move(mark));
}

void read_symbols(const Tables &tables, const GElf_Shdr &section, Elf_Data *data, ElfFile &out) {
  for (std::size_t at = 0; at < section.sh_size / section.sh_entsize; ++at) {
    GElf_Sym symbol;
    if (gelf_getsym(data, static_cast<int>(at), &symbol) == nullptr) break;
    const std::string_view name = tables.name(section.sh_link, symbol.st_name, kLongestSymbol);
    const KnownSymbol *known = name.empty() ? nullptr : known_symbol(name);
    if (known == nullptr) continue;
    const bool defined = symbol.st_shndx != SHN_UNDEF;
    // Wanted weakly, it is asked whether it is there at all. dlopen is: it is libc's.
    if (!defined && GELF_ST_BIND(symbol.st_info) == STB_WEAK && known->mark != SymbolKind::kOpensLibraries)
      continue;
    add_mark({*known, std::string(name), defined, defined && section.sh_type == SHT_DYNSYM}, out);
  }
}

void read_sections(Elf *elf, ElfFile &out) {
  Tables tables(elf);
  std::size_t names = 0;
  const bool named = elf_getshdrstrndx(elf, &names) == 0 && tables.affords(names);
  out.has_unseen_tables |= !named;
  // Those a debugger sees repeat the dynamic ones, and come after them in every file there is.
  for (Elf_Scn *at = elf_nextscn(elf, nullptr); at != nullptr; at = elf_nextscn(elf, at)) {
    GElf_Shdr section;
    if (gelf_getshdr(at, &section) == nullptr) continue;
    const std::string_view name = named ? tables.name(names, section.sh_name, kLongestSymbol) : "";
    out.is_go |= name == ".go.buildinfo" || name == ".note.go.buildid";
    const bool symbols = section.sh_type == SHT_DYNSYM || section.sh_type == SHT_SYMTAB;
    if (section.sh_entsize == 0 || (!symbols && section.sh_type != SHT_DYNAMIC)) continue;
    const bool affordable = tables.affords(elf_ndxscn(at)) && tables.affords(section.sh_link);
    Elf_Data *data = affordable ? elf_getdata(at, nullptr) : nullptr;
    out.has_unseen_tables |= data == nullptr;
    if (data == nullptr) continue;
    symbols ? read_symbols(tables, section, data, out) : read_dynamic(tables, section, data, out);
  }
}

}  // namespace

const SymbolMark *ElfFile::first(SymbolKind mark) const {
  for (const SymbolMark &each : marks) {
    if (each.known.mark == mark) return &each;
  }
  return nullptr;
}

std::string ElfFile::exported_malloc() const {
  std::string names;
  bool malloc = false;
  for (const SymbolMark &each : marks) {
    if (each.known.mark != SymbolKind::kMallocFamily || !each.exported) continue;
    malloc |= each.name == "malloc";
    names += (names.empty() ? "" : ", ") + each.name;
  }
  return malloc ? names : "";
}

bool ElfFile::passes_malloc_on() const {
  const auto wants = [this](SymbolKind mark) {
    return std::any_of(marks.begin(), marks.end(),
                       [mark](const SymbolMark &each) { return each.known.mark == mark && !each.defined; });
  };
  return wants(SymbolKind::kNextMalloc) ||
         (wants(SymbolKind::kLooksUp) && !wants(SymbolKind::kAsksForMemory));
}

bool ElfFile::needs(const ElfFile &library) const {
  return !library.soname.empty() &&
         std::find(libraries.begin(), libraries.end(), library.soname) != libraries.end();
}

std::string ElfFile::machine_name() const {
  switch (machine) {
    case EM_X86_64:
      return bits == 32 ? "x32" : "x86-64";
    case EM_386:
      return "32-bit x86";
    case EM_AARCH64:
      return "arm64";
    case EM_ARM:
      return "32-bit arm";
    case EM_RISCV:
      return "riscv";
    case EM_PPC64:
      return "ppc64";
    case EM_S390:
      return "s390";
    default:
      return fmt::format("machine {} of {} bits", machine, bits);
  }
}

std::optional<ElfFile> read_elf(const ForeignFile &file) {
  const OpenElf elf(file);
  if (!elf.is_marked()) return std::nullopt;
  ElfFile found;
  found.has_unseen_tables = elf.is_overgrown();
  found.cut_off = !elf.is_overgrown() && (elf.get() == nullptr || is_cut_off(elf, file.size()));
  if (elf.get() == nullptr) return found;
  const GElf_Ehdr &header = elf.header();
  found.machine = header.e_machine;
  found.bits = header.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
  found.big_endian = header.e_ident[EI_DATA] == ELFDATA2MSB;
  read_interpreter(elf.get(), found);
  read_sections(elf.get(), found);
  return found;
}

std::optional<ElfFile> read_elf(const std::string &path) { return read_elf(ForeignFile::named(path)); }

std::optional<std::uint64_t> data_end(const ForeignFile &file, std::uint64_t offset, std::uint64_t address) {
  const OpenElf elf(file);
  if (elf.get() == nullptr) return std::nullopt;
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  for (const GElf_Phdr &segment : program_headers(elf.get(), PT_LOAD)) {
    // It is mapped by whole pages of the file, from the one it begins in, where one of code may end.
    const std::uint64_t first = segment.p_offset / page * page;
    const bool holds = offset >= first && offset < segment.p_offset + segment.p_filesz;
    if ((segment.p_flags & PF_W) == 0 || !holds) continue;
    const std::uint64_t start = address - (offset - first) + (segment.p_offset - first);
    const std::uint64_t end = start + segment.p_memsz;
    // No address space has room for more.
    if (end < start || end > UINT64_MAX - page) return std::nullopt;
    return (end + page - 1) / page * page;
  }
  return std::nullopt;
}

}  // namespace heapmeter::cli
