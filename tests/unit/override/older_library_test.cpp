// SPDX-License-Identifier: MIT
//
// heapmeter.hpp on a library that is older than it: one that knows the first figures of a site only, and has
// nothing readable behind them.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <heapmeter/heapmeter.hpp>

namespace {

constexpr std::size_t kKnown = offsetof(heapmeter_site, temporary);

}  // namespace

extern "C" __attribute__((visibility("default"))) int heapmeter_sites(heapmeter_site_visitor visit,
                                                                      void *context) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void *pages = mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED || mprotect(static_cast<char *>(pages) + page, page, PROT_NONE) != 0) return ENOMEM;
  heapmeter_site whole{};
  whole.size = kKnown;
  whole.live_bytes = 1000;
  whole.allocated_bytes = 3000;
  char *const last = static_cast<char *>(pages) + page - kKnown;
  std::memcpy(last, &whole, kKnown);
  visit(reinterpret_cast<const heapmeter_site *>(last), context);
  munmap(pages, 2 * page);
  return 0;
}

TEST(OlderLibrary, HandsOutSitesWhoseUnknownFiguresAreZero) {
  int visited = 0;
  ASSERT_TRUE(heapmeter::for_each_site([&](const heapmeter::Site &site) {
    const heapmeter::Site kept = site;
    EXPECT_EQ(kept.size, kKnown);
    EXPECT_EQ(kept.live_bytes, 1000u);
    EXPECT_EQ(kept.allocated_bytes, 3000u);
    EXPECT_EQ(kept.temporary + kept.peak_bytes + kept.live_samples + kept.variance_bytes, 0u);
    ++visited;
  }));
  EXPECT_EQ(visited, 1);
}
