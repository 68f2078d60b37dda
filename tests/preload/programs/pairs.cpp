// SPDX-License-Identifier: MIT
//
// Pairs of an allocation and a release, of a random size in a random place: `pairs
// malloc|calloc|new|aligned|shifted|realloc|usable|medium|medium_realloc COUNT`; aligned ones are multiples
// of 64, shifted ones of any size are aligned so, those of realloc get another random size in between, of
// usable ones it is asked how large they are, after and before, and medium ones have 4 KiB and more, up to 14
// times as much.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include <malloc.h>

namespace {

constexpr uint64_t kPlaces = 1000;
constexpr uint64_t kLargest = 500;
constexpr size_t kMediumUnit = 100, kMediumLeast = 4097;

struct Place {
  void *block;
  size_t bytes;
};

Place places[kPlaces];

template <typename Allocate, typename Release>
void churn(uint64_t pairs, Allocate allocate, Release release) {
  uint64_t random = 88172645463325252u;
  for (uint64_t i = 0; i < pairs; ++i) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    Place &place = places[(random >> 20) % kPlaces];
    if (place.block != nullptr) release(place);
    place.bytes = 1 + (random >> 40) % kLargest;
    place.block = allocate(place.bytes);
  }
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const uint64_t pairs = std::strtoull(argv[2], nullptr, 10);
  if (std::strcmp(argv[1], "malloc") == 0) {
    churn(
        pairs, [](size_t bytes) { return std::malloc(bytes); }, [](Place &place) { std::free(place.block); });
  } else if (std::strcmp(argv[1], "calloc") == 0) {
    churn(
        pairs, [](size_t bytes) { return std::calloc(1, bytes); },
        [](Place &place) { std::free(place.block); });
  } else if (std::strcmp(argv[1], "aligned") == 0) {
    churn(
        pairs, [](size_t bytes) { return std::aligned_alloc(64, (bytes + 63) / 64 * 64); },
        [](Place &place) { std::free(place.block); });
  } else if (std::strcmp(argv[1], "shifted") == 0) {
    churn(
        pairs,
        [](size_t bytes) {
          void *block = nullptr;
          return posix_memalign(&block, 64, bytes) == 0 ? block : nullptr;
        },
        [](Place &place) { std::free(place.block); });
  } else if (std::strcmp(argv[1], "realloc") == 0) {
    churn(
        pairs, [](size_t bytes) { return std::realloc(std::malloc(bytes), 1 + bytes * 7919 % kLargest); },
        [](Place &place) { std::free(place.block); });
  } else if (std::strcmp(argv[1], "medium") == 0) {
    churn(
        pairs, [](size_t bytes) { return std::malloc(kMediumLeast + bytes * kMediumUnit); },
        [](Place &place) { std::free(place.block); });
  } else if (std::strcmp(argv[1], "medium_realloc") == 0) {
    churn(
        pairs,
        [](size_t bytes) {
          void *block = std::malloc(kMediumLeast + bytes * kMediumUnit);
          return std::realloc(block, kMediumLeast + bytes * kMediumUnit + kMediumUnit / 2);
        },
        [](Place &place) { std::free(place.block); });
  } else if (std::strcmp(argv[1], "usable") == 0) {
    size_t held = 0;
    churn(
        pairs,
        [&](size_t bytes) {
          void *block = std::malloc(bytes);
          held += malloc_usable_size(block);
          return block;
        },
        [&](Place &place) {
          held -= malloc_usable_size(place.block);
          std::free(place.block);
        });
  } else {
    churn(
        pairs, [](size_t bytes) { return ::operator new(bytes); },
        [](Place &place) { ::operator delete(place.block, place.bytes); });
  }
}
