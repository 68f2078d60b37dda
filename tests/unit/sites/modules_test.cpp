// SPDX-License-Identifier: MIT
#include "sites/modules.h"

#include <argz.h>
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <memory>
#include <string>

using namespace heapmeter::sites;

namespace {

// Loaded by nobody else here.
constexpr const char *kPlugin = "libresolv.so.2";

struct Fixture {
  Modules modules;
  Budget budget;

  Fixture() {
    EXPECT_TRUE(modules.map());
    budget.start(1 << 20);
  }
  ~Fixture() { modules.unmap(); }
  uint16_t of(const void *address) { return modules.of(budget, reinterpret_cast<uint64_t>(address)); }
};

struct Plugin {
  void *handle = dlopen(kPlugin, RTLD_NOW);
  const void *code() const { return dlsym(handle, "ns_sprintrr"); }
};

}  // namespace

TEST(Modules, KnowTheFileAndItsBuildId) {
  Fixture f;
  const uint16_t libc = f.of(reinterpret_cast<const void *>(&gnu_get_libc_version));
  ASSERT_NE(libc, Modules::kNone);
  EXPECT_EQ(f.of(reinterpret_cast<const void *>(&argz_count)), libc);
  const Module &module = f.modules.at(libc);
  EXPECT_NE(std::string(module.path).find("libc.so.6"), std::string::npos);
  EXPECT_EQ(module.build_id_bytes, 20u);
  Dl_info info;
  ASSERT_NE(dladdr(reinterpret_cast<const void *>(&gnu_get_libc_version), &info), 0);
  EXPECT_EQ(module.bias, reinterpret_cast<uint64_t>(info.dli_fbase));
}

TEST(Modules, KnowNothingOfWhatIsNoCode) {
  Fixture f;
  const auto data = std::make_unique<int>();
  EXPECT_EQ(f.of(data.get()), Modules::kNone);
  EXPECT_EQ(f.of(nullptr), Modules::kNone);
}

TEST(Modules, KeepWhatWasClosedAndKnowItAgain) {
  Fixture f;
  const uint16_t libc = f.of(reinterpret_cast<const void *>(&gnu_get_libc_version));
  EXPECT_EQ(f.modules.salt(), 0u);
  Plugin plugin;
  if (plugin.handle == nullptr || plugin.code() == nullptr) GTEST_SKIP() << kPlugin << " is not to be had";
  const void *code = plugin.code();
  const uint16_t number = f.of(code);
  ASSERT_NE(number, Modules::kNone);
  ASSERT_NE(number, libc);
  f.modules.code_went();
  EXPECT_EQ(f.modules.salt(), 0u) << "nothing went";

  dlclose(plugin.handle);
  f.modules.code_went();
  EXPECT_NE(f.modules.salt(), 0u);
  EXPECT_EQ(f.of(code), Modules::kNone);
  EXPECT_NE(std::string(f.modules.at(number).path).find(kPlugin), std::string::npos);
  EXPECT_EQ(f.of(reinterpret_cast<const void *>(&gnu_get_libc_version)), libc);

  const Plugin again;
  if (again.code() != code) GTEST_SKIP() << "it was loaded elsewhere";
  EXPECT_EQ(f.of(code), number);
  EXPECT_EQ(f.modules.salt(), 0u);
  dlclose(again.handle);
}
