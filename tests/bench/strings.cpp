// SPDX-License-Identifier: MIT
//
// Workload: C++ strings, maps and shared pointers, made and thrown away for about a second.
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

int main() {
  uint64_t random = 88172645463325252u;
  auto next = [&random] {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    return random;
  };
  std::map<std::string, std::shared_ptr<std::vector<std::string>>> index;
  size_t total = 0;
  for (int i = 0; i < 1'200'000; ++i) {
    std::string key = "key-" + std::to_string(next() % 40'000) + "-of-the-index";
    auto &list = index[key];
    if (list == nullptr) list = std::make_shared<std::vector<std::string>>();
    list->push_back(std::string(next() % 120, 'x'));
    if (list->size() > 12) {
      total += list->size();
      index.erase(key);
    }
  }
  std::printf("%zu %zu\n", total, index.size());
}
