// SPDX-License-Identifier: MIT
#include "leaks/image.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include <heapmeter/protocol.h>

#include "base/sys.h"
#include "leaks/turns.h"

using namespace heapmeter;
using namespace heapmeter::leaks;

namespace {

constexpr uint32_t kPatienceMs = 60'000;

uint32_t no_site(const void *) { return 0; }

std::string line_of(pid_t pid, const char *file) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/" + file);
  std::string line;
  std::getline(in, line);
  return line;
}

bool becomes(pid_t pid, const char *file, const std::string &line) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
  while (line_of(pid, file) != line) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

// By its name threads that were held for it are let go: those that have gone on when they are seen again may
// have gone on before, and then all that they left on their stacks counts.
TEST(Image, HasItsNameOnceItIsKnownWhereTheThreadsStand) {
  void *shared = mmap(nullptr, sizeof(Findings), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto &findings = *static_cast<Findings *>(shared);
  findings.kernel_seen = true;
  AddressSpace space;
  ASSERT_TRUE(space.read("/proc/self/maps"));
  const image::Given given = {.findings = &findings,
                              .space = &space,
                              .before = nullptr,
                              .before_count = 0,
                              .own_stack_pointer = 0,
                              .workshop = {0, 0},
                              .knowledge = {nullptr, no_site},
                              .patience_ms = kPatienceMs,
                              .half_told_from_ns = UINT64_MAX,
                              .process = sys::pid(),
                              .maker = sys::tid(),
                              .wanted = nullptr};
  const pid_t child = fork();
  if (child == 0) image::look(given);
  // The last it does before it waits for them.
  ASSERT_TRUE(becomes(child, "oom_score_adj", "1000"));
  EXPECT_NE(line_of(child, "comm"), HEAPMETER_IMAGE_NAME);
  turns::give(findings, Findings::State::kThreadsKnown);
  EXPECT_TRUE(becomes(child, "comm", HEAPMETER_IMAGE_NAME));
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
  munmap(shared, sizeof findings);
}

}  // namespace
