// SPDX-License-Identifier: MIT
#include "runner.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace heapmeter::testing::matrix {
namespace {

std::string expanded(const std::string &word, bool is_program) {
  if (word.starts_with('@')) return victim(word.substr(1));
  return is_program && word.find('/') == std::string::npos ? program(word).string() : word;
}

// What the mode adds to the environment of the program.
Environment additions(const Row &row, Mode mode, const Meter *meter, const TempDir &told) {
  if (mode == Mode::kPlain) return {};
  if (mode == Mode::kBareMimalloc) return {{"LD_PRELOAD", bare_mimalloc()}};
  Environment added = meter->environment({});
  added["HEAPMETER_BACKEND"] = name(mode);
  if (row.counted == Counted::kNoMatter) added.erase("HEAPMETER_REPORT");
  if (row.looked_at) added["HEAPMETER_LEAKS"] = "exit";
  if (row.by_tool) added.erase("LD_PRELOAD");
  const std::string sample = sample_of_all();
  if (!sample.empty()) added["HEAPMETER_SAMPLE"] = sample;
  if (all_under_run() && !row.by_tool) added["HEAPMETER_RUN"] = told.path();
  return added;
}

Command command_of(const Row &row, Mode mode, const Environment &added, const TempDir &scratch) {
  Command command;
  // Each child that ends by _exit then has its own look at exit: some rows make a thousand.
  command.deadline = row.deadline * (all_under_run() && row.looked_at ? 10 : 1);
  if (mode == Mode::kBareMimalloc && row.bare_deadline) command.deadline = *row.bare_deadline;
  command.environment.insert(row.environment.begin(), row.environment.end());
  command.environment["TMPDIR"] = scratch.path();
  if (row.by_tool) command.environment["HEAPMETER_LIBRARY"] = library();
  if (row.script.empty()) {
    if (row.by_tool && metered(mode)) command.argv = {build_root() / "tools" / "heapmeter", "run", "--"};
    for (const std::string &word : row.argv) command.argv.push_back(expanded(word, &word == &row.argv[0]));
    command.environment.insert(added.begin(), added.end());
    return command;
  }
  // Only what $METERED stands before gets the mode's environment: the shell itself is not part of the row.
  std::string assignments = program("env");
  for (const auto &[name, value] : added) assignments += " " + name + "=" + value;
  command.argv = {program("bash"), "--norc", "-c", row.script};
  command.environment["METERED"] = assignments;
  command.environment["VICTIMS"] = victim("").string();
  command.environment["METER"] = library();
  command.environment["PRELOADED"] = added.count("LD_PRELOAD") != 0 ? added.at("LD_PRELOAD") : "";
  return command;
}

// The process's own; where a script or another program started it, the only one.
std::optional<Reading> report_of(const Meter &meter, pid_t pid) {
  if (meter.reported(pid)) return meter.report(pid);
  const auto reports = meter.reports();
  return reports.size() == 1 ? std::optional(reports[0]) : std::nullopt;
}

}  // namespace

std::filesystem::path Visit::socket() const {
  const std::string start = std::to_string(process.pid()) + "-";
  const auto there = [&] {
    const auto sockets = meter->sockets();
    return std::any_of(sockets.begin(), sockets.end(), [&](const std::filesystem::path &each) {
      return each.filename().string().starts_with(start);
    });
  };
  if (eventually(there, std::chrono::seconds(5))) return meter->socket_of(process.pid());
  Command doctor{{build_root() / "tools" / "heapmeter", "doctor", std::to_string(process.pid())}};
  doctor.environment["HEAPMETER_DIR"] = meter->directory();
  throw std::runtime_error("no socket: " + testing::run(doctor).out);
}

Reading Visit::snapshot() const {
  socket();
  return meter->snapshot(process.pid());
}

const char *name(Mode mode) {
  switch (mode) {
    case Mode::kPlain:
      return "plain";
    case Mode::kBareMimalloc:
      return "bare_mimalloc";
    case Mode::kMimalloc:
      return "mimalloc";
    case Mode::kNext:
      return "next";
  }
  throw std::logic_error("no such mode");
}

std::function<void(Visit &)> is_served(std::int64_t least_live_bytes) {
  return [=](Visit &visit) {
    if (!eventually([&] { return visit.process.out().ends_with("ready\n"); }))
      throw std::runtime_error("not ready: " + visit.process.out() + visit.process.err());
    if (visit.meter != nullptr) {
      EXPECT_GE(visit.snapshot()["live_bytes"], least_live_bytes);
    }
    visit.process.signal(SIGTERM);
  };
}

Row with_every(Row row) {
  row.name += "_every";
  row.promise += ", while every allocation is attributed";
  row.environment["HEAPMETER_SAMPLE"] = "every";
  return row;
}

std::string sample_of_all() {
  const char *sample = getenv("HEAPMETER_MATRIX_SAMPLE");
  return sample == nullptr || std::string(sample) == "off" ? "" : sample;
}

bool all_under_run() { return getenv("HEAPMETER_MATRIX_RUN") != nullptr; }

std::string mode_of_all() {
  const std::string sample = sample_of_all();
  return !all_under_run() ? sample : sample.empty() ? "run" : sample + "-run";
}

std::string unless_root() { return geteuid() == 0 ? "" : "needs root"; }

std::string unless_machine_is_ours() {
  if (geteuid() != 0) return "needs root";
  const bool ours = getenv("HEAPMETER_MACHINE_IS_OURS") != nullptr;
  return ours ? "" : "all of the machine notices it; HEAPMETER_MACHINE_IS_OURS=1 allows it";
}

Trial run_row(const Row &row, Mode mode, const Meter *meter) {
  const TempDir scratch, told;
  const auto start = std::chrono::steady_clock::now();
  Process process(command_of(row, mode, additions(row, mode, meter, told), scratch));
  std::optional<Looker> looker;
  if (row.looked_at && meter != nullptr) looker.emplace(meter->directory());
  if (row.visit) {
    Visit visit{mode, process, meter};
    row.visit(visit);
  }
  Trial trial{{mode, meter, process.wait(), {}, {}}, 0};
  trial.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (looker) trial.run.looks = looker->end();
  if (meter != nullptr) trial.run.report = report_of(*meter, trial.run.outcome.pid);
  return trial;
}

std::string difference(const Outcome &plain, const Outcome &other) {
  if (other.timed_out) return "hangs";
  if (other.signal != plain.signal && other.signal != 0)
    return std::string("SIG") + sigabbrev_np(other.signal);
  if (other.exit_code != plain.exit_code) return "exit code " + std::to_string(other.exit_code);
  if (other.signal != plain.signal) return "no signal";
  if (other.out != plain.out) return "other output";
  if (other.err != plain.err) return "other messages";
  return "";
}

}  // namespace heapmeter::testing::matrix
