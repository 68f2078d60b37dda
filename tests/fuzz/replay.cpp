// SPDX-License-Identifier: MIT
//
// A fuzzer for compilers without one: replays every file of the corpus, then that many mutations of them,
// from a fixed seed, so that a failure repeats.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

using Input = std::vector<uint8_t>;

std::vector<Input> read_corpus(const char *directory) {
  std::vector<Input> corpus;
  for (const auto &file : std::filesystem::directory_iterator(directory)) {
    std::ifstream in(file.path(), std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return corpus;
}

void mutate(Input &input, const std::vector<Input> &corpus, std::mt19937_64 &random) {
  const size_t at = input.empty() ? 0 : random() % input.size();
  switch (random() % 6) {
    case 0:
      if (!input.empty()) input[at] = static_cast<uint8_t>(random());
      break;
    case 1:
      input.insert(input.begin() + static_cast<ptrdiff_t>(at), static_cast<uint8_t>(random()));
      break;
    case 2:
      if (!input.empty()) input.erase(input.begin() + static_cast<ptrdiff_t>(at));
      break;
    case 3:
      input.resize(at);
      break;
    case 4: {
      const Input &other = corpus[random() % corpus.size()];
      input.insert(input.begin() + static_cast<ptrdiff_t>(at), other.begin(), other.end());
      break;
    }
    default:
      input.insert(input.end(), random() % 64, static_cast<uint8_t>("\r\n :/x"[random() % 6]));
  }
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s CORPUS_DIRECTORY MUTATIONS\n", argv[0]);
    return 2;
  }
  const std::vector<Input> corpus = read_corpus(argv[1]);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s: no corpus in %s\n", argv[0], argv[1]);
    return 1;
  }
  for (const Input &input : corpus) LLVMFuzzerTestOneInput(input.data(), input.size());
  std::mt19937_64 random(20240220);
  const long mutations = std::atol(argv[2]);
  for (long i = 0; i < mutations; ++i) {
    Input input = corpus[random() % corpus.size()];
    for (uint64_t steps = 1 + random() % 8; steps > 0; --steps) mutate(input, corpus, random);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%zu corpus files and %ld mutations\n", corpus.size(), mutations);
}
