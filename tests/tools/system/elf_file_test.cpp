// SPDX-License-Identifier: MIT
#include "system/elf_file.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>

#include "support/meter.h"
#include "support/temp_dir.h"
#include "system/smaps.h"

using namespace heapmeter::cli;
namespace testing_support = heapmeter::testing;

namespace {

std::string sample(const std::string &name) {
  return testing_support::build_root() / "tests" / "tools" / name;
}

TEST(ElfFile, OfAnOrdinaryProgram) {
  const auto elf = read_elf(sample("holder_of_bytes"));
  ASSERT_TRUE(elf);
  EXPECT_NE(elf->interpreter.find("ld-linux"), std::string::npos);
  EXPECT_NE(std::find(elf->libraries.begin(), elf->libraries.end(), "libc.so.6"), elf->libraries.end());
  EXPECT_EQ(elf->first(SymbolKind::kSanitizer), nullptr);
  EXPECT_EQ(elf->exported_malloc(), "") << "it wants one, and has none";
  EXPECT_FALSE(elf->is_go);
  EXPECT_TRUE(elf->same_machine(*read_elf(testing_support::library())));
}

TEST(ElfFile, OfAStaticProgramHasNoInterpreter) {
  const auto elf = read_elf(sample("static_program"));
  ASSERT_TRUE(elf);
  EXPECT_EQ(elf->interpreter, "");
}

TEST(ElfFile, OfAProgramWithItsOwnMalloc) {
  const auto elf = read_elf(sample("own_allocator"));
  ASSERT_TRUE(elf);
  EXPECT_NE(elf->exported_malloc().find("malloc"), std::string::npos);
  EXPECT_NE(elf->exported_malloc().find("realloc"), std::string::npos);
}

TEST(ElfFile, KnowsWhatADebuggerSees) {
  const auto elf = read_elf(sample("embedded_allocator"));
  ASSERT_TRUE(elf);
  const SymbolMark *mark = elf->first(SymbolKind::kAllocator);
  ASSERT_NE(mark, nullptr);
  EXPECT_EQ(mark->name, "_rjem_malloc");
  EXPECT_TRUE(mark->defined);
  EXPECT_FALSE(mark->exported);
}

TEST(ElfFile, OfGoIsKnownByItsSection) { EXPECT_TRUE(read_elf(sample("go_like"))->is_go); }

TEST(ElfFile, IsNoneOfAnythingElse) {
  EXPECT_FALSE(read_elf("/etc/passwd"));
  EXPECT_FALSE(read_elf("/nonexistent"));
  EXPECT_FALSE(read_elf("/"));
}

TEST(ElfFile, IsCutOffWhereWhatItSaysItHasIsMissing) {
  const testing_support::TempDir dir;
  const std::string whole = testing_support::read_file(sample("holder_of_bytes"));
  testing_support::write_file(dir / "whole", whole);
  EXPECT_FALSE(read_elf(dir / "whole")->cut_off);
  for (const std::size_t left : {4u, 7u, 63u, 100u, 4096u}) {
    testing_support::write_file(dir / "cut", whole.substr(0, left));
    const auto elf = read_elf(dir / "cut");
    ASSERT_TRUE(elf) << left;
    EXPECT_TRUE(elf->cut_off) << left;
  }
}

// What it says it has in its tables; and the file is as large as it must be, of holes.
class Hostile {
 public:
  Hostile() : bytes_(testing_support::read_file(sample("holder_of_bytes"))) {}
  Elf64_Ehdr &header() { return *reinterpret_cast<Elf64_Ehdr *>(bytes_.data()); }
  Elf64_Phdr &segment(std::uint32_t type) {
    auto *at = reinterpret_cast<Elf64_Phdr *>(bytes_.data() + header().e_phoff);
    while (at->p_type != type) ++at;
    return *at;
  }
  Elf64_Shdr &section(std::uint32_t type) {
    auto *at = reinterpret_cast<Elf64_Shdr *>(bytes_.data() + header().e_shoff);
    while (at->sh_type != type) ++at;
    return *at;
  }
  Elf64_Shdr &section_at(std::size_t index) {
    return reinterpret_cast<Elf64_Shdr *>(bytes_.data() + header().e_shoff)[index];
  }
  // Read in a process of 1 GiB, within a time that the tables of 8 GiB would take many times over.
  std::optional<ElfFile> read() {
    testing_support::write_file(dir_ / "hostile", bytes_);
    std::filesystem::resize_file(dir_ / "hostile", std::uint64_t{8} << 30);
    rlimit before;
    getrlimit(RLIMIT_AS, &before);
    const rlimit little{1u << 30, before.rlim_max};
    setrlimit(RLIMIT_AS, &little);
    auto elf = read_elf(dir_ / "hostile");
    setrlimit(RLIMIT_AS, &before);
    return elf;
  }

 private:
  testing_support::TempDir dir_;
  std::string bytes_;
};

TEST(ElfFile, OfTablesThatAreFarTooLargeIsNotReadFurther) {
  const std::uint64_t huge = std::uint64_t{6} << 30;
  const auto expect_unseen = [](Hostile &file, const char *what) {
    const auto elf = file.read();
    ASSERT_TRUE(elf) << what;
    EXPECT_TRUE(elf->has_unseen_tables) << what;
  };
  for (const std::uint32_t type : {SHT_DYNSYM, SHT_SYMTAB, SHT_DYNAMIC}) {
    Hostile table, names;
    table.section(type).sh_size = huge;
    expect_unseen(table, "a table");
    names.section_at(names.section(type).sh_link).sh_size = huge;
    expect_unseen(names, "its names");
    Hostile packed;
    packed.section_at(packed.section(type).sh_link).sh_flags |= SHF_COMPRESSED;
    expect_unseen(packed, "names to be unpacked");
  }
  Hostile sections;
  sections.section_at(0).sh_size = huge / sizeof(Elf64_Shdr);
  sections.header().e_shnum = 0;
  expect_unseen(sections, "sections without number");
  Hostile section_names;
  section_names.section_at(section_names.header().e_shstrndx).sh_size = huge;
  expect_unseen(section_names, "the sections' names");
}

TEST(ElfFile, TakesNoInterpreterThatIsNoPath) {
  Hostile file;
  file.segment(PT_INTERP).p_filesz = std::uint64_t{6} << 30;
  EXPECT_EQ(file.read()->interpreter, "");
}

extern "C" char _end;  // the linker's: of this program's data
char uninitialised[1 << 20];

TEST(ElfFile, TellsWhereItsDataEndsInMemory) {
  uninitialised[0] = 1;
  std::optional<std::uint64_t> end;
  for (const Mapping &mapping : parse_smaps(testing_support::read_file("/proc/self/smaps"))) {
    if (mapping.name == std::filesystem::read_symlink("/proc/self/exe") && mapping.writable()) {
      end = data_end(ForeignFile::named(mapping.name), mapping.offset, mapping.start);
    }
  }
  const auto last = reinterpret_cast<std::uint64_t>(&_end);
  ASSERT_TRUE(end);
  EXPECT_GE(*end, last);
  EXPECT_LT(*end, last + 65536);
  EXPECT_FALSE(data_end(ForeignFile::named("/proc/self/exe"), 1u << 30, 0))
      << "there is nothing so far behind";
  EXPECT_FALSE(data_end(ForeignFile::named("/proc/self/status"), 0, 0));
}

TEST(ElfFile, DamagedAnywhereDoesNoHarm) {
  const std::string whole = testing_support::read_file(sample("holder_of_bytes"));
  const testing_support::TempDir dir;
  for (std::size_t at = 0; at < std::min<std::size_t>(whole.size(), 2000); at += 7) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(~damaged[at]);
    testing_support::write_file(dir / "damaged", damaged);
    read_elf(dir / "damaged");
    data_end(ForeignFile::found(dir / "damaged"), at, 0);
    testing_support::write_file(dir / "damaged", whole.substr(0, at));
    read_elf(dir / "damaged");
  }
}

}  // namespace
