// SPDX-License-Identifier: MIT
//
// sites_at_rest THREADS OPERATIONS: stands still after each step, for who reads it, until SIGUSR1 comes; ends
// when it is SIGTERM.
//   ready    some old blocks are there
//   churned  threads did so many operations of every kind, on blocks of each other's, too; some old blocks
//   are
//            gone, and a child does the same and then stands still
//   freed    nothing is left
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <random>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kOld = 1000, kOldFreed = 300, kPlaces = 5000;

struct Block {
  void *start;
  unsigned how;
};
std::atomic<Block *> places[kPlaces];
void *old_blocks[kOld];
sigset_t goes_on;
pid_t child = 0;

void rest(const char *step) {
  std::printf("%s\n", step);
  int number = 0;
  sigwait(&goes_on, &number);
  if (number != SIGTERM) return;
  if (child != 0) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  std::exit(0);
}

std::size_t some_size(std::minstd_rand &random) {
  const unsigned kind = random() % 100;
  return kind < 90 ? random() % 600 : kind < 99 ? random() % 9000 : random() % 300'000;
}

void *make(unsigned how, std::size_t bytes) {
  switch (how) {
    case 0:
      return std::malloc(bytes);
    case 1:
      return std::calloc(bytes / 8 + 1, 8);
    case 2:
      return std::aligned_alloc(64, bytes);
    case 3:
      return ::operator new(bytes);
    case 4:
      return ::operator new[](bytes, std::nothrow);
    default:
      return ::operator new (bytes, std::align_val_t{128});
  }
}

void release(const Block &block) {
  if (block.how <= 2) return std::free(block.start);
  if (block.how == 3) return ::operator delete(block.start);
  if (block.how == 4) return ::operator delete[](block.start);
  ::operator delete (block.start, std::align_val_t{128});
}

void work(unsigned seed, long operations) {
  std::minstd_rand random(seed + 1);
  for (long i = 0; i < operations; ++i) {
    std::atomic<Block *> &place = places[random() % kPlaces];
    Block *block = place.exchange(nullptr);
    if (block == nullptr) {
      block = new Block{nullptr, static_cast<unsigned>(random() % 6)};
      block->start = make(block->how, some_size(random));
    } else if (block->how <= 2 && random() % 3 != 0) {
      block->start = std::realloc(block->start, some_size(random) + 1);
      block->how = 0;
    } else {
      release(*block);
      delete block;
      continue;
    }
    if (Block *other = place.exchange(block)) {
      release(*other);
      delete other;
    }
  }
}

void churn(unsigned count, long operations) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) threads.emplace_back(work, i, operations / count);
  for (std::thread &thread : threads) thread.join();
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  static char buffer[4096];
  std::setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
  sigemptyset(&goes_on);
  sigaddset(&goes_on, SIGUSR1);
  sigaddset(&goes_on, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &goes_on, nullptr);
  const auto threads = static_cast<unsigned>(std::atoi(argv[1]));
  const long operations = std::atol(argv[2]);

  for (std::size_t i = 0; i < kOld; ++i) old_blocks[i] = std::malloc(i);
  rest("ready");
  churn(threads, operations);
  for (std::size_t i = 0; i < kOldFreed; ++i) std::free(old_blocks[i]);
  child = fork();
  if (child == 0) {
    churn(threads, operations);
    std::printf("child %d\n", getpid());
    pause();
  }
  rest("churned");
  for (std::atomic<Block *> &place : places) {
    if (Block *block = place.exchange(nullptr)) {
      release(*block);
      delete block;
    }
  }
  for (std::size_t i = kOldFreed; i < kOld; ++i) std::free(old_blocks[i]);
  rest("freed");
}
