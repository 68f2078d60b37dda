// SPDX-License-Identifier: MIT
#include "system/elf_file.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(elf->first(Mark::kSanitizer), nullptr);
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
  const SymbolMark *mark = elf->first(Mark::kAllocator);
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
  const testing_support::TempDir dir;
  testing_support::write_file(dir / "cut", std::string("\x7f"
                                                       "ELF\x02\x01\x01",
                                                       7));
  EXPECT_FALSE(read_elf(dir / "cut"));
}

extern "C" char _end;  // the linker's: of this program's data
char uninitialised[1 << 20];

TEST(ElfFile, TellsWhereItsDataEndsInMemory) {
  uninitialised[0] = 1;
  std::optional<std::uint64_t> end;
  for (const Mapping &mapping : parse_smaps(testing_support::read_file("/proc/self/smaps"))) {
    if (mapping.name == std::filesystem::read_symlink("/proc/self/exe") && mapping.writable()) {
      end = data_end(mapping.name, mapping.offset, mapping.start);
    }
  }
  const auto last = reinterpret_cast<std::uint64_t>(&_end);
  ASSERT_TRUE(end);
  EXPECT_GE(*end, last);
  EXPECT_LT(*end, last + 65536);
  EXPECT_FALSE(data_end("/proc/self/exe", 1u << 30, 0)) << "there is nothing so far behind";
  EXPECT_FALSE(data_end("/proc/self/status", 0, 0));
}

TEST(ElfFile, DamagedAnywhereDoesNoHarm) {
  const std::string whole = testing_support::read_file(sample("holder_of_bytes"));
  const testing_support::TempDir dir;
  for (std::size_t at = 0; at < std::min<std::size_t>(whole.size(), 2000); at += 7) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(~damaged[at]);
    testing_support::write_file(dir / "damaged", damaged);
    read_elf(dir / "damaged");
    data_end(dir / "damaged", at, 0);
    testing_support::write_file(dir / "damaged", whole.substr(0, at));
    read_elf(dir / "damaged");
  }
}

}  // namespace
