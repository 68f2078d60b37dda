// SPDX-License-Identifier: MIT
#include "system/elf_file.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <unistd.h>

#include <fmt/format.h>

namespace heapmeter::cli {
namespace {

class OpenElf {
 public:
  explicit OpenElf(const std::string &path) {
    elf_version(EV_CURRENT);
    fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ >= 0) elf_ = elf_begin(fd_, ELF_C_READ, nullptr);
  }
  ~OpenElf() {
    elf_end(elf_);
    if (fd_ >= 0) close(fd_);
  }
  OpenElf(const OpenElf &) = delete;
  OpenElf &operator=(const OpenElf &) = delete;
  Elf *get() const { return elf_; }

 private:
  int fd_ = -1;
  Elf *elf_ = nullptr;
};

// The program headers of one type.
std::vector<GElf_Phdr> program_headers(Elf *elf, std::uint32_t type) {
  std::vector<GElf_Phdr> found;
  std::size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return found;
  for (std::size_t at = 0; at < count; ++at) {
    GElf_Phdr header;
    if (gelf_getphdr(elf, static_cast<int>(at), &header) != nullptr && header.p_type == type) {
      found.push_back(header);
    }
  }
  return found;
}

void read_interpreter(Elf *elf, ElfFile &out) {
  for (const GElf_Phdr &header : program_headers(elf, PT_INTERP)) {
    Elf_Data *data =
        elf_getdata_rawchunk(elf, static_cast<std::int64_t>(header.p_offset), header.p_filesz, ELF_T_BYTE);
    if (data == nullptr) return;
    const char *text = static_cast<const char *>(data->d_buf);
    out.interpreter.assign(text, strnlen(text, data->d_size));
  }
}

void read_dynamic(Elf *elf, const GElf_Shdr &section, Elf_Data *data, ElfFile &out) {
  for (std::size_t at = 0; at < section.sh_size / section.sh_entsize; ++at) {
    GElf_Dyn entry;
    if (gelf_getdyn(data, static_cast<int>(at), &entry) == nullptr) continue;
    if (entry.d_tag == DT_SYMBOLIC || (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_SYMBOLIC) != 0)) {
      out.binds_to_itself = true;
    }
    if (entry.d_tag != DT_NEEDED && entry.d_tag != DT_SONAME) continue;
    const char *name = elf_strptr(elf, section.sh_link, entry.d_un.d_val);
    if (name == nullptr) continue;
    if (entry.d_tag == DT_NEEDED)
      out.libraries.emplace_back(name);
    else
      out.soname = name;
  }
}

void read_symbols(Elf *elf, const GElf_Shdr &section, Elf_Data *data, ElfFile &out) {
  for (std::size_t at = 0; at < section.sh_size / section.sh_entsize; ++at) {
    GElf_Sym symbol;
    if (gelf_getsym(data, static_cast<int>(at), &symbol) == nullptr) continue;
    const char *text = elf_strptr(elf, section.sh_link, symbol.st_name);
    const KnownSymbol *known = text == nullptr ? nullptr : known_symbol(text);
    if (known == nullptr) continue;
    const bool defined = symbol.st_shndx != SHN_UNDEF;
    // Wanted weakly, it is asked whether it is there at all. dlopen is: it is libc's.
    if (!defined && GELF_ST_BIND(symbol.st_info) == STB_WEAK && known->mark != Mark::kOpensLibraries)
      continue;
    out.marks.push_back({*known, text, defined, defined && section.sh_type == SHT_DYNSYM});
  }
}

bool is_gos(Elf *elf, const GElf_Shdr &section) {
  std::size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0) return false;
  const char *name = elf_strptr(elf, names, section.sh_name);
  return name != nullptr && (strcmp(name, ".go.buildinfo") == 0 || strcmp(name, ".note.go.buildid") == 0);
}

void read_sections(Elf *elf, ElfFile &out) {
  // Those a debugger sees repeat the dynamic ones, and come after them in every file there is.
  for (Elf_Scn *at = elf_nextscn(elf, nullptr); at != nullptr; at = elf_nextscn(elf, at)) {
    GElf_Shdr section;
    if (gelf_getshdr(at, &section) == nullptr) continue;
    out.is_go |= is_gos(elf, section);
    const bool symbols = section.sh_type == SHT_DYNSYM || section.sh_type == SHT_SYMTAB;
    if (section.sh_entsize == 0 || (!symbols && section.sh_type != SHT_DYNAMIC)) continue;
    Elf_Data *data = elf_getdata(at, nullptr);
    if (data == nullptr) continue;
    symbols ? read_symbols(elf, section, data, out) : read_dynamic(elf, section, data, out);
  }
}

}  // namespace

const SymbolMark *ElfFile::first(Mark mark) const {
  for (const SymbolMark &each : marks) {
    if (each.known.mark == mark) return &each;
  }
  return nullptr;
}

std::string ElfFile::exported_malloc() const {
  std::string names;
  bool malloc = false;
  for (const SymbolMark &each : marks) {
    if (each.known.mark != Mark::kMallocFamily || !each.exported) continue;
    malloc |= each.name == "malloc";
    names += (names.empty() ? "" : ", ") + each.name;
  }
  return malloc ? names : "";
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

std::optional<ElfFile> read_elf(const std::string &path) {
  const OpenElf file(path);
  GElf_Ehdr header;
  if (file.get() == nullptr || elf_kind(file.get()) != ELF_K_ELF ||
      gelf_getehdr(file.get(), &header) == nullptr) {
    return std::nullopt;
  }
  ElfFile found;
  found.machine = header.e_machine;
  found.bits = header.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
  found.big_endian = header.e_ident[EI_DATA] == ELFDATA2MSB;
  read_interpreter(file.get(), found);
  read_sections(file.get(), found);
  return found;
}

std::optional<std::uint64_t> data_end(const std::string &path, std::uint64_t offset, std::uint64_t address) {
  const OpenElf file(path);
  if (file.get() == nullptr || elf_kind(file.get()) != ELF_K_ELF) return std::nullopt;
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  for (const GElf_Phdr &segment : program_headers(file.get(), PT_LOAD)) {
    // It is mapped by whole pages of the file, from the one it begins in, where one of code may end.
    const std::uint64_t first = segment.p_offset / page * page;
    const bool holds = offset >= first && offset < segment.p_offset + segment.p_filesz;
    if ((segment.p_flags & PF_W) == 0 || !holds) continue;
    const std::uint64_t start = address - (offset - first) + (segment.p_offset - first);
    return (start + segment.p_memsz + page - 1) / page * page;
  }
  return std::nullopt;
}

}  // namespace heapmeter::cli
