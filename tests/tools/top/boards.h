// SPDX-License-Identifier: MIT
//
// Boards as an afternoon of readings might leave them, always the same.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "top/board.h"
#include "top/inspection.h"

namespace heapmeter::testing {

struct OnBoard {
  int pid = 0, parent = 0;
  std::string name = "prog";
  double live = 1 << 20, wave = 0;  // how far it swings
  std::string complaint = {};
  std::uint64_t wrong = 0;
  std::string sampling = {};
  double growth = 0;  // bytes a second
  double beside = 0;  // likewise, of memory that is in no block
};

class BoardMaker {
 public:
  // `seconds` readings, one a second.
  cli::tui::Board make(const std::vector<OnBoard> &processes, int seconds = 100) {
    cli::tui::Board board;
    for (int second = 0; second < seconds; ++second) {
      std::vector<cli::Member> members;
      for (const OnBoard &made : processes) members.push_back(member(made, second));
      board.update(std::move(members), second);
    }
    return board;
  }

 private:
  cli::Member member(const OnBoard &made, int second) {
    cli::Member member;
    member.endpoint = {directory_, std::to_string(made.pid) + "-1.sock", made.pid, 1};
    member.local_pid = made.pid;
    member.parent = made.parent;
    member.complaint = made.complaint;
    if (made.complaint == "never") {
      member.local_pid = 0;
      return member;
    }
    member.resident = static_cast<std::uint64_t>(made.live * 1.5) + (2 << 20);
    if (made.beside > 0)
      member.anonymous = *member.resident += static_cast<std::uint64_t>(made.beside * second);
    member.earlier = reading(made, second - 1);
    member.reading = reading(made, second);
    return member;
  }

  std::shared_ptr<const cli::Reading> reading(const OnBoard &made, int second) {
    auto found = std::make_shared<cli::Reading>();
    found->name = made.name;
    found->version = "1.2.3";
    found->backend = "mimalloc";
    found->sampling = made.sampling;
    found->pid = made.pid;
    found->parent_pid = made.parent;
    found->start_time = 1;
    found->uptime_seconds = 100.0 + second;
    found->monotonic_ns = 1'000'000'000ull * static_cast<std::uint64_t>(100 + second);
    found->live_bytes =
        static_cast<std::uint64_t>(made.live + made.growth * second + made.wave * std::sin(second / 8.0));
    found->live_blocks = found->live_bytes / 100;
    found->usable_bytes = found->live_bytes * 9 / 8;
    found->peak_bytes = static_cast<std::uint64_t>(made.live + made.growth * second + made.wave);
    found->peak_error_bytes = 98'304;
    found->allocations = found->live_blocks + static_cast<std::uint64_t>(second + 2) * 5000;
    found->frees = found->allocations - found->live_blocks;
    found->allocated_bytes = found->live_bytes + static_cast<std::uint64_t>(second + 2) * 400'000;
    found->freed_bytes = found->allocated_bytes - found->live_bytes;
    found->reallocations = 1234;
    found->reallocations_moved = 234;
    found->mismatches = made.wrong;
    found->threads = 4;
    found->meter_bytes = 300'000;
    found->allocations_by_kind = {{"malloc", 9000}, {"calloc", 400}, {"new", 0}, {"new_array", 77}};
    found->frees_by_kind = {{"free", 9100}, {"delete_array", 60}};
    if (made.wrong > 0) found->faults = {{"mismatch", "new_array", "free", 24, made.wrong}};
    return found;
  }

  std::shared_ptr<const cli::SocketDirectory> directory_ = cli::SocketDirectory::open_unchecked("/");
};

inline cli::tui::Board usual_board() {
  return BoardMaker().make(
      {{.pid = 4711, .name = "python3", .live = 39e6, .wave = 5e6},
       {.pid = 4712, .parent = 4711, .name = "worker-of-python", .live = 12e6, .wave = 1e6},
       {.pid = 4713, .parent = 4711, .name = "python3", .live = 500e3, .wrong = 3},
       {.pid = 815, .name = "redis-server", .live = 2.5e9, .wave = 1e9},
       {.pid = 999, .name = "stuck", .live = 3e6, .complaint = "not answering"},
       {.pid = 1001, .complaint = "never"},
       {.pid = 3'000'000, .name = "naïve-漢字-\x1b[2J", .live = 70e3}});
}

inline cli::tui::Inspection usual_inspection(const std::string &key) {
  cli::tui::Inspection inspection{key};
  for (const std::uint64_t grown : {0, 100}) {
    std::vector<cli::SizeClass> classes;
    for (std::uint64_t size = 16; size < 4'000'000; size *= 2) {
      classes.push_back({size, 3'000'000 / size, 2'900'000 - size / 2 + (size == 1 << 18 ? grown * 3000 : 0),
                         3'000'000, 9000, 8000, size / 2 + 1});
    }
    inspection.take_sizes(std::move(classes));
  }
  for (const std::uint64_t second : {1, 2}) {
    cli::ThreadList list;
    const char *names[] = {"python3", "io-worker", "io-worker", "a-long-thread-n", "idle"};
    for (int thread = 0; thread < 5; ++thread) {
      const auto speed = static_cast<std::uint64_t>(4 - thread);
      list.threads.push_back({4711 + thread,
                              names[thread],
                              {100 + second * speed * 1000, 50, 0, 1000 + second * speed * 100'000, 500}});
    }
    list.exited = {77, 70, 0, 7000, 6000};
    inspection.take_threads(std::move(list), static_cast<double>(second));
  }
  cli::Account account;
  account.live_bytes = 38'000'000;
  account.live_blocks = 380'000;
  account.usable_bytes = 42'000'000;
  account.committed_bytes = 60'000'000;
  account.of(cli::Holder::kHeap).resident_bytes = 48'000'000;
  account.of(cli::Holder::kMeter).resident_bytes = 300'000;
  account.of(cli::Holder::kStacks).resident_bytes = 80'000;
  account.of(cli::Holder::kProgram).resident_bytes = 9'000'000;
  account.of(cli::Holder::kOther).resident_bytes = 3'000'000;
  account.resident_bytes = 60'300'000;  // with a remainder below zero
  inspection.account = account;
  return inspection;
}

}  // namespace heapmeter::testing
