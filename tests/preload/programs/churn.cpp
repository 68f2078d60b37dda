// SPDX-License-Identifier: MIT
//
// churn THREADS OPERATIONS [threads] [forks] [peak]: random work on the heap from many threads, each keeping
// its own tally; with everybody at rest the meter's books must equal the tallies' sum to the byte.
//   threads  short-lived threads come and go meanwhile      forks  so do forked children, with books of their
//   own peak     follows the true peak between two bounds, so that the meter's can be checked against it
// Prints what differs, or "balanced"; exit code 1 when something does, 3 when the program is not metered.
#include "churn.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace churn {

bool follow_peak = false;
std::atomic<std::int64_t> surely_live{0}, perhaps_live{0}, surely_peak{0}, perhaps_peak{0};
std::vector<std::unique_ptr<Mailbox>> mailboxes;

namespace {

heapmeter_snapshot reading() {
  const auto now = heapmeter::process();
  if (!now) {
    std::puts("not metered");
    std::exit(3);
  }
  return *now;
}

struct Gate {  // everybody at rest: the readings before and after the work are taken behind it
  pthread_barrier_t barrier;
  explicit Gate(unsigned count) { pthread_barrier_init(&barrier, nullptr, count); }
  void pass() { pthread_barrier_wait(&barrier); }
};

struct Job {
  unsigned number = 0;
  std::uint64_t operations = 0;
  bool threads = false, forks = false;
  Gate *gate = nullptr;
  Worker worker{0};
  Tally visitors;  // of the short-lived threads it started
  std::uint64_t started = 0;
  bool good = true;
};

// A short-lived thread: what it counted itself is what the meter says of this thread.
void *visit(void *argument) {
  auto *worker = static_cast<Worker *>(argument);
  const heapmeter::Scope scope;
  worker->work(2000);
  worker->release_all();
  const auto seen = scope.spent();
  return reinterpret_cast<void *>(std::uintptr_t{seen.has_value() && equals(*seen, worker->tally)});
}

// A child's books go on from its parent's; what it does from here on must be in them exactly.
bool child_balances(Worker &worker) {
  const pid_t child = fork();
  if (child == 0) {
    const auto before = reading();
    const Tally at_fork = worker.tally;
    worker.alone = true;
    worker.work(3000);
    worker.release_all();
    const auto after = reading();
    _exit(compare("child", before, after, worker.tally - at_fork, 0, 0) ? 0 : 1);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

void *labour(void *argument) {
  auto &job = *static_cast<Job *>(argument);
  const std::uint64_t slices = 20;
  Worker visitor(job.number + 1000);
  job.gate->pass();
  job.gate->pass();
  for (std::uint64_t slice = 0; slice < slices; ++slice) {
    job.worker.work(job.operations / slices);
    if (job.threads) {
      pthread_t thread;
      void *good = nullptr;
      if (pthread_create(&thread, nullptr, visit, &visitor) != 0) job.good = false;
      pthread_join(thread, &good);
      job.visitors += visitor.tally;
      visitor.tally = {};
      ++job.started;
      if (good == nullptr) std::puts("a thread's own counters differ from its tally"), job.good = false;
    }
    if (job.forks && !child_balances(job.worker)) job.good = false;
  }
  job.gate->pass();
  job.gate->pass();
  return nullptr;
}

// Everything live since the first reading is in the tables and the mailboxes.
bool usable_is_right(const std::vector<std::unique_ptr<Job>> &jobs, const heapmeter_snapshot &before,
                     const heapmeter_snapshot &after) {
  std::uint64_t usable = 0;
  for (const auto &job : jobs) usable += job->worker.usable();
  for (const auto &mailbox : mailboxes) usable += mailbox->usable();
  if (after.usable_bytes - before.usable_bytes == usable) return true;
  std::printf("usable_bytes grew by %llu, the allocator says %llu\n",
              static_cast<unsigned long long>(after.usable_bytes - before.usable_bytes),
              static_cast<unsigned long long>(usable));
  return false;
}

// pthread_create makes one calloc of a fixed size for a new thread's vector of thread-local blocks.
std::uint64_t bytes_of_a_new_thread() {
  const auto nothing = [](void *) -> void * { return nullptr; };
  pthread_t thread;
  const auto before = reading();
  pthread_create(&thread, nullptr, nothing, nullptr);
  const auto after = reading();
  pthread_join(thread, nullptr);
  return after.allocated_bytes - before.allocated_bytes;
}

int run(unsigned threads, std::uint64_t operations, const std::string &flags) {
  follow_peak = flags.find("peak") != std::string::npos;
  const std::uint64_t thread_bytes = bytes_of_a_new_thread();
  Gate gate(threads + 1);
  std::vector<std::unique_ptr<Job>> jobs;
  std::vector<pthread_t> handles(threads);
  for (unsigned i = 0; i < threads; ++i) {
    mailboxes.push_back(std::make_unique<Mailbox>());
    auto job = std::make_unique<Job>();
    job->number = i;
    job->operations = operations / threads;
    job->threads = flags.find("threads") != std::string::npos;
    job->forks = flags.find("forks") != std::string::npos;
    job->gate = &gate;
    job->worker = Worker(i);
    job->worker.may_calloc = !job->threads;  // so that every calloc is a new thread's
    jobs.push_back(std::move(job));
  }
  for (unsigned i = 0; i < threads; ++i) pthread_create(&handles[i], nullptr, labour, jobs[i].get());
  gate.pass();
  const auto before = reading();
  surely_live = perhaps_live = surely_peak = perhaps_peak = static_cast<std::int64_t>(before.live_bytes);
  gate.pass();
  gate.pass();
  const auto after = reading();
  Tally sum;
  bool good = true;
  std::uint64_t started = 0;
  for (const auto &job : jobs) {
    sum += job->worker.tally;
    sum += job->visitors;
    good = good && job->good;
    started += job->started;
  }
  good = compare("process", before, after, sum, thread_bytes, started) && good;
  if (started == 0) good = usable_is_right(jobs, before, after) && good;
  if (follow_peak) good = peak_is_right(after, before) && good;
  gate.pass();
  for (const auto handle : handles) pthread_join(handle, nullptr);
  for (const auto &job : jobs) job->worker.release_all();
  for (const auto &mailbox : mailboxes) mailbox->release_all();
  std::printf("%s after %llu operations\n", good ? "balanced" : "NOT balanced",
              static_cast<unsigned long long>(sum.operations));
  return good ? 0 : 1;
}

}  // namespace
}  // namespace churn

int main(int argc, char **argv) {
  static char buffer[4096];
  std::setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
  if (argc < 3) {
    std::fputs("usage: churn THREADS OPERATIONS [threads] [forks] [peak]\n", stderr);
    return 2;
  }
  std::string flags;
  for (int i = 3; i < argc; ++i) flags += std::string(argv[i]) + " ";
  return churn::run(static_cast<unsigned>(std::atoi(argv[1])), std::strtoull(argv[2], nullptr, 10), flags);
}
