// SPDX-License-Identifier: MIT
// A C++ program that carries heapmeter.hpp, not linked with the library: measures where there is a meter.
#include <cstdio>
#include <thread>
#include <vector>

#include <heapmeter/heapmeter.hpp>

// Without a look whether there is one.
template <typename Reading>
static const char *read_all_the_same(const Reading &reading) {
  try {
    return reading->allocations == (*reading).allocations ? "read" : "read as two";
  } catch (const std::bad_optional_access &) {
    return "refused";
  }
}

int main() {
  heapmeter::Scope scope;
  std::vector<int> kept(1000);
  std::vector<int>(500).push_back(1);
  std::thread([] { delete[] new char[999]; }).join();  // another thread's business, but for its own start
  const std::int64_t net = scope.net_bytes();
  if (const auto spent = scope.spent()) {
    std::printf("metered, kept %s\n", net >= 4000 && net < 5000 ? "4000 and a bit" : "something else");
    std::printf("%d reallocations, %d blocks more\n", static_cast<int>(spent->reallocations),
                static_cast<int>(scope.net_blocks()) >= 1);
    heapmeter::Scope inner;
    ::operator delete(::operator new(77));
    const auto small = inner.spent();
    std::printf("inner: %d bytes, net %d\n", static_cast<int>(small->allocated_bytes),
                static_cast<int>(inner.net_bytes()));
    int frees = 0;
    std::thread([&frees, others = new char[10]] {
      heapmeter::Scope first;
      delete[] others;
      frees = static_cast<int>(first.spent()->frees);
    }).join();
    std::printf("a thread that only frees: %d\n", frees);
    std::printf("process: %s\n", heapmeter::process()->allocations > spent->allocations ? "more" : "less");
  } else {
    std::printf("not metered, net %d, process %s\n", static_cast<int>(net),
                heapmeter::process() ? "known" : "unknown");
  }
  std::printf("spent %s, ", read_all_the_same(scope.spent()));
  std::printf("thread %s, ", read_all_the_same(heapmeter::thread()));
  std::printf("process %s\n", read_all_the_same(heapmeter::process()));
  return kept[999];
}
