// SPDX-License-Identifier: MIT
//
// Captures while code comes and goes at the same addresses, in one thread and in several; and a million of
// them through calls of every shape.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "unwound.h"
#include "wanderer.h"

namespace heapmeter::testing {
namespace {

std::vector<std::string> modules;

void look(void *witness) { static_cast<Witness *>(witness)->look(); }

class Module {
 public:
  explicit Module(const std::string &path) : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) throw std::runtime_error(dlerror());
    go_through_ = reinterpret_cast<GoThrough>(dlsym(handle_, "go_through"));
  }
  ~Module() {
    sites::invalidate();
    dlclose(handle_);
    sites::invalidate();
  }
  Module(const Module &) = delete;
  Module &operator=(const Module &) = delete;

  void go_through(Witness &witness, int times) const { go_through_(look, &witness, times); }
  const void *place() const { return reinterpret_cast<const void *>(go_through_); }

 private:
  using GoThrough = void (*)(void (*)(void *), void *, int);
  void *handle_;
  GoThrough go_through_;
};

void expect_right(const Witness &witness, uint64_t at_least) {
  EXPECT_GE(witness.captures(), at_least);
  EXPECT_EQ(witness.wrong(), 0u) << witness.first_wrong();
}

TEST(Torture, CodeComesAndGoesAtTheSameAddress) {
  Witness witness;
  std::map<const void *, std::vector<bool>> seen;  // by place, which modules
  for (size_t round = 0; round < 400; ++round) {
    const size_t which = round % modules.size();
    const Module module(modules[which]);
    auto &those = seen[module.place()];
    those.resize(modules.size());
    those[which] = true;
    for (int times : {0, 3, 3, 1}) module.go_through(witness, times);
  }
  expect_right(witness, 1'600);
  size_t shared = 0;
  for (const auto &[place, those] : seen) shared += std::count(those.begin(), those.end(), true) > 1 ? 1 : 0;
  EXPECT_GT(shared, 0u) << "no address was used again: nothing was tried";
}

TEST(Torture, CodeComesAndGoesInSeveralThreadsAtOnce) {
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (size_t which = 0; which < modules.size(); ++which) {
    threads.emplace_back([which] {
      Witness witness;
      for (int round = 0; round < 300; ++round) {
        const Module module(modules[which]);
        for (int times : {0, 3, 3, 1}) module.go_through(witness, times);
      }
      expect_right(witness, 1'200);
      EXPECT_EQ(witness.cut_short(), 0u);
    });
  }
  std::thread wanderer([&] {
    Witness witness;
    for (uint32_t seed = 0; !done || seed < 10; ++seed) Wanderer(witness, seed).wander(12);
    expect_right(witness, 10);
  });
  for (std::thread &thread : threads) thread.join();
  done = true;
  wanderer.join();
}

TEST(Torture, LargeOfAMillionCaptures) {
  Witness witness;
  uint32_t seed = 0;
  for (; witness.captures() < 1'000'000; ++seed)
    Wanderer(witness, seed).wander(1 + static_cast<int>(seed % 40));
  std::printf("%lu captures, %lu known again, %lu cut short, %lu wrong\n", witness.captures(),
              witness.known(), witness.cut_short(), witness.wrong());
  expect_right(witness, 1'000'000);
  EXPECT_EQ(witness.cut_short(), 0u);
}

}  // namespace
}  // namespace heapmeter::testing

int main(int argc, char **argv) {
  ::testing::InitGoogleTest(&argc, argv);
  heapmeter::testing::modules.assign(argv + 1, argv + argc);
  if (heapmeter::testing::modules.size() < 2) return 2;
  return RUN_ALL_TESTS();
}
