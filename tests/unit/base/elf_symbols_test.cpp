// SPDX-License-Identifier: MIT
#include "base/elf_symbols.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/compiler.h"
#include "base/search_order.h"

namespace elf_symbols = heapmeter::elf_symbols;
namespace search_order = heapmeter::search_order;

namespace {

const link_map &libc() {
  return *elf_symbols::object_of(reinterpret_cast<const void *>(&gnu_get_libc_version));
}

}  // namespace

TEST(ElfSymbols, FindsWhatAnObjectDefines) {
  EXPECT_EQ(elf_symbols::find(libc(), "gnu_get_libc_version"),
            reinterpret_cast<void *>(&gnu_get_libc_version));
  EXPECT_EQ(elf_symbols::find(libc(), "no_such_function"), nullptr);
  EXPECT_EQ(elf_symbols::find(libc(), "environ"), nullptr) << "no function";
}

TEST(ElfSymbols, ResolvesAnIfunc) {
  auto *length = reinterpret_cast<decltype(strlen) *>(elf_symbols::find(libc(), "strlen"));
  ASSERT_NE(length, nullptr);
  EXPECT_EQ(length("four"), 4U);
}

TEST(ElfSymbols, OfSeveralVersionsFindsTheOneThatProgramsAreLinkedToNow) {
  // Of libc's own, past whoever stands before it.
  void *own = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
  ASSERT_NE(own, nullptr) << dlerror();
  for (const char *name : {"posix_spawn", "memcpy", "pthread_cond_wait"})
    EXPECT_EQ(elf_symbols::find(libc(), name), dlsym(own, name)) << name;
  dlclose(own);
}

TEST(ElfSymbols, AnyOfManyNames) {
  const elf_symbols::Symbols symbols(libc());
  EXPECT_TRUE(symbols.define_any({"no_such_function", "malloc"}));
  EXPECT_FALSE(symbols.define_any({"no_such_function", "mi_malloc"}));
}

// The test itself stands where a library linked with the program does: nobody is ahead of it.
TEST(SearchOrder, LeavesOutTheBackend) {
  EXPECT_EQ(search_order::behind("mi_malloc"), nullptr);
  EXPECT_FALSE(search_order::meter_ahead());
#if defined(HEAPMETER_SANITIZED)
  GTEST_SKIP() << "the sanitizer's malloc stands before libc's";
#endif
  EXPECT_EQ(search_order::behind("malloc"), search_order::in_libc("malloc"));
  EXPECT_FALSE(search_order::heap_calls_ahead());
  EXPECT_FALSE(search_order::sanitizer_behind());
}
