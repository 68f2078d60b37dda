# SPDX-License-Identifier: MIT
# clang on the standard library's headers, to an object and to LLVM's own notation, and on a file with an error.
{ for header in regex map unordered_map string vector functional algorithm iostream memory; do echo "#include <$header>"; done
  for i in $(seq 1 40); do
    echo "std::string f$i(const std::map<int, std::string> &m) { std::regex r(\"a$i+b\"); std::string s;"
    echo "  for (auto &[k, v] : m) if (std::regex_match(v, r)) s += v + std::to_string(k * $i); return s; }"
  done; } > big.cpp
clang++-14 -std=c++20 -O2 -c big.cpp -o big.o && sha256sum big.o
clang++-14 -std=c++20 -O1 -S -emit-llvm big.cpp -o - | sha256sum
clang++-14 -std=c++20 -fsyntax-only -x c++ - <<<'int main() { return undeclared; }' || echo "exit $?"
