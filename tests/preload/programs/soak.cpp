// SPDX-License-Identifier: MIT
//
// soak SEED STEPS PLUGIN: a life of random steps, the same for the same seed: crowds of threads at work,
// children by every way there is, libraries loaded and unloaded, limits hit, storms of signals. After every
// crowd the books must equal the threads' tallies to the byte, here and in every forked child. Prints the
// steps; exit code 1 when something is wrong.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <iterator>
#include <thread>

#include "churn.h"

namespace churn {

bool follow_peak = false;
std::atomic<std::int64_t> surely_live{0}, perhaps_live{0}, surely_peak{0}, perhaps_peak{0};
std::vector<std::unique_ptr<Mailbox>> mailboxes;

namespace {

std::minstd_rand draw;
const char *plugin = nullptr;
volatile sig_atomic_t alarms = 0;

heapmeter_snapshot reading() {
  const auto now = heapmeter::process();
  if (now) return *now;
  std::puts("not metered");
  std::_Exit(3);
}

// Threads work side by side behind barriers; what they counted is what the meter counted between the
// barriers.
bool crowd(unsigned threads, std::uint64_t operations) {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, threads + 1);
  std::vector<Worker> workers;
  for (unsigned i = 0; i < threads; ++i) workers.emplace_back(draw() + i);
  std::vector<std::thread> crew;
  for (Worker &worker : workers) {
    crew.emplace_back([&] {
      for (int gate = 0; gate < 2; ++gate) pthread_barrier_wait(&barrier);
      worker.work(operations);
      for (int gate = 0; gate < 2; ++gate) pthread_barrier_wait(&barrier);
      worker.release_all();
    });
  }
  pthread_barrier_wait(&barrier);
  const auto before = reading();
  pthread_barrier_wait(&barrier);
  pthread_barrier_wait(&barrier);
  const auto after = reading();
  Tally sum;
  for (const Worker &worker : workers) sum += worker.tally;
  pthread_barrier_wait(&barrier);
  for (auto &thread : crew) thread.join();
  for (const auto &mailbox : mailboxes) mailbox->release_all();
  pthread_barrier_destroy(&barrier);
  return compare("crowd", before, after, sum, 0, 0);
}

// Says what became of it, where it did not.
bool ended_well(pid_t child) {
  int status = 0;
  const bool reaped = child > 0 && waitpid(child, &status, 0) == child;
  if (!reaped) std::printf("no child, or not to be waited for: %s\n", std::strerror(errno));
  if (status != 0) std::printf("the child's status is 0x%x\n", static_cast<unsigned>(status));
  return reaped && status == 0;
}

// Children and grandchildren, each with exact books of its own.
bool fork_chain(unsigned depth) {
  const pid_t child = fork();
  if (child == 0) _exit(crowd(2, 2000) && (depth == 0 || fork_chain(depth - 1)) ? 0 : 1);
  return ended_well(child);
}

// Forked while other threads are in the middle of their work: the child has exact books too.
bool fork_amid_work() {
  std::atomic<bool> stop{false};
  std::vector<std::thread> crew;
  for (unsigned i = 0; i < 3; ++i) {
    crew.emplace_back([&stop, seed = draw() + i] {
      Worker worker(seed);
      worker.alone = true;
      while (!stop) worker.work(100);
      worker.release_all();
    });
  }
  bool good = true;
  for (int i = 0; i < 5; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      Worker worker(7);
      worker.alone = true;
      const auto before = reading();
      worker.work(2000);
      worker.release_all();
      _exit(compare("child amid work", before, reading(), worker.tally, 0, 0) ? 0 : 1);
    }
    good = ended_well(child) && good;
  }
  stop = true;
  for (auto &thread : crew) thread.join();
  return good;
}

bool spawn_program() {
  char name[] = "/bin/true";
  char *argv[] = {name, nullptr};
  pid_t child = 0;
  if (posix_spawn(&child, name, nullptr, nullptr, argv, environ) != 0 || !ended_well(child)) return false;
  child = vfork();
  if (child == 0) {
    execv(name, argv);
    _exit(127);
  }
  return ended_well(child);
}

bool load_and_unload() {
  for (int i = 0; i < 10; ++i) {
    void *library =
        dlopen(plugin, i % 2 == 0 ? RTLD_NOW | RTLD_LOCAL : RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND);
    if (library == nullptr) return false;
    auto work = reinterpret_cast<long (*)()>(dlsym(library, "plugin_words"));
    if (work == nullptr || work() != 1000) return false;
    dlclose(library);
  }
  return true;
}

// Memory runs out under a limit: refused, counted as a failure, and everything made so far is freed. Of
// the last blocks some may have come when there was no memory for their entries any more: what allocators
// reserve at once is still given out then (a heap of glibc's 64 MiB, a segment of mimalloc's 32).
bool hit_a_limit() {
  constexpr unsigned kReservedBlocks = 64;
  const pid_t child = fork();
  if (child == 0) {
    const rlimit limit{rlim_t{600} << 20, rlim_t{600} << 20};
    setrlimit(RLIMIT_AS, &limit);
    static void *blocks[4096];
    const auto before = reading();
    unsigned count = 0;
    while (count < 4096 && (blocks[count] = std::malloc(std::size_t{1} << 20)) != nullptr) ++count;
    const bool refused = count < 4096;
    const auto full = reading();
    for (unsigned i = 0; i < count; ++i) std::free(blocks[i]);
    const auto after = reading();
    const auto counted = after.allocations - before.allocations,
               uncounted = full.uncounted_blocks - before.uncounted_blocks;
    const bool balanced =
        after.live_bytes == before.live_bytes && after.uncounted_blocks == before.uncounted_blocks;
    const bool good = refused && after.failures - before.failures == 1 && counted + uncounted == count &&
                      uncounted <= kReservedBlocks && balanced;
    if (!good) {
      std::printf("%u blocks, %llu counted, %llu not, %llu failures, %lld bytes live\n", count,
                  static_cast<unsigned long long>(counted), static_cast<unsigned long long>(uncounted),
                  static_cast<unsigned long long>(after.failures - before.failures),
                  static_cast<long long>(after.live_bytes - before.live_bytes));
      std::fflush(stdout);
    }
    _exit(good ? 0 : 1);
  }
  return ended_well(child);
}

bool storm_of_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { alarms = alarms + 1; };
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, nullptr);
  const itimerval often{{0, 300}, {0, 300}}, never{};
  setitimer(ITIMER_REAL, &often, nullptr);
  const bool good = crowd(3, 20000);
  setitimer(ITIMER_REAL, &never, nullptr);
  return good;
}

// Detached ones too, up to their last free; the service's thread may be there.
bool all_threads_ended() {
  for (int tries = 0; tries < 10000; ++tries) {
    const auto tasks = std::filesystem::directory_iterator("/proc/self/task");
    if (std::distance(begin(tasks), end(tasks)) <= 2) return true;
    usleep(1000);
  }
  return false;
}

bool many_short_threads() {
  for (int i = 0; i < 200; ++i) {
    std::thread([] { std::free(std::malloc(1000)); }).join();
    std::thread([] { delete[] new int[100]; }).detach();
  }
  return all_threads_ended();
}

struct Step {
  const char *name;
  bool (*take)();
};

const Step kSteps[] = {
    {"a crowd", [] { return crowd(1 + draw() % 8, 1000 + draw() % 40000); }},
    {"a chain of forks", [] { return fork_chain(draw() % 3); }},
    {"forks amid work", fork_amid_work},
    {"programs", spawn_program},
    {"libraries", load_and_unload},
    {"a limit", hit_a_limit},
    {"a storm of signals", storm_of_signals},
    {"short threads", many_short_threads},
};

int live(unsigned seed, unsigned steps) {
  draw.seed(seed);
  for (int i = 0; i < 4; ++i) mailboxes.push_back(std::make_unique<Mailbox>());
  for (unsigned i = 0; i < steps; ++i) {
    const Step &step = kSteps[draw() % std::size(kSteps)];
    std::printf("%u: %s\n", i, step.name);
    if (!step.take()) {
      std::printf("seed %u, step %u, %s: wrong\n", seed, i, step.name);
      return 1;
    }
  }
  std::puts("balanced");
  return 0;
}

}  // namespace
}  // namespace churn

int main(int argc, char **argv) {
  static char buffer[4096];
  std::setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
  if (argc != 4) {
    std::fputs("usage: soak SEED STEPS PLUGIN\n", stderr);
    return 2;
  }
  churn::plugin = argv[3];
  return churn::live(static_cast<unsigned>(std::atoi(argv[1])), static_cast<unsigned>(std::atoi(argv[2])));
}
