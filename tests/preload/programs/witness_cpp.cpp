// SPDX-License-Identifier: MIT
// A deterministic C++ program for the witness: strings, maps, shared pointers, streams, exceptions.
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

int main() {
  std::map<std::string, std::shared_ptr<std::vector<int>>> table;
  for (int i = 0; i < 5000; ++i) {
    auto &row = table["a key long enough to leave the small buffer " + std::to_string(i * 7919 % 3000)];
    if (row == nullptr) row = std::make_shared<std::vector<int>>();
    row->push_back(i);
    if (i % 3 == 0) table.erase(table.begin());
  }
  std::ostringstream stream;
  for (const auto &[key, row] : table) stream << key << row->size() << '\n';
  int caught = 0;
  for (int i = 0; i < 100; ++i) {
    try {
      throw std::runtime_error(std::string(static_cast<std::size_t>(i) + 50, 'e'));
    } catch (const std::exception &error) {
      caught += error.what()[0] == 'e';
    }
  }
  std::cout << stream.str().size() << ' ' << caught << '\n';
  return 0;
}
