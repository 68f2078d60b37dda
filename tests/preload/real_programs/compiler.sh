# SPDX-License-Identifier: MIT
# g++ on a file that pulls in a good part of the standard library, and on one with an error.
{ for header in regex map unordered_map string vector functional algorithm iostream memory random thread; do
    echo "#include <$header>"
  done
  for i in $(seq 1 60); do
    echo "std::string f$i(const std::map<int, std::string> &m) { std::regex r(\"a$i+b\"); std::string s;"
    echo "  for (auto &[k, v] : m) if (std::regex_match(v, r)) s += v + std::to_string(k * $i); return s; }"
  done; } > big.cpp
g++ -std=c++20 -O1 -c big.cpp -o big.o
sha256sum big.o
g++ -std=c++20 -fsyntax-only - <<<'int main() { return undeclared; }' || echo "exit $?"
