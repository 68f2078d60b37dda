// SPDX-License-Identifier: MIT
#include "readings/target.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <thread>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "client/own_places.h"
#include "doctor/process.h"
#include "readings/census.h"
#include "readings/reachable.h"
#include "readings/target_word.h"
#include "system/process.h"
#include "text/format.h"
#include "text/nearest.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// One time for a whole search: there may be many who say nothing, and none of them is waited for alone.
constexpr std::chrono::milliseconds kSearch = 1s;

bool first_there(const std::vector<Target> &candidates, Target &out) {
  const auto found = those_there(candidates);
  if (!found.empty()) out = found.front();
  return !found.empty();
}

// In the directory of a process that has other variables, or another root, than we have.
bool find_by_its_own_environment(int pid, Target &out) {
  std::vector<Target> candidates;
  for (const Endpoint &endpoint : endpoints_of(pid)) candidates.push_back({endpoint, pid});
  return first_there(candidates, out);
}

Target resolve_pid(int pid) {
  Target found;
  if (await_endpoint(pid, found)) return found;
  const Findings findings = process_findings(pid, false);
  const auto reason = std::find_if(findings.begin(), findings.end(),
                                   [](const Finding &finding) { return finding.keeps_from_reading(); });
  throw UserError(reason->sentence());
}

Target resolve_path(const std::string &path) {
  const fs::path full = fs::absolute(path);
  struct stat status;
  if (stat(path.c_str(), &status) != 0) {
    if (errno == EACCES) {
      throw UserError(
          fmt::format("{} is not yours to see ({}); read it as its user or as root", path, strerror(errno)));
    }
    throw UserError(fmt::format("there is no socket {}; heapmeter ps lists the metered processes", path));
  }
  if (S_ISREG(status.st_mode) && access(path.c_str(), X_OK) == 0) {
    throw UserError(
        fmt::format("{} is a program, no process; heapmeter run -- {} starts it metered", path, path));
  }
  if (!S_ISSOCK(status.st_mode))
    throw UserError(fmt::format("{} is not a socket; give a pid or a name", path));
  Target target;
  target.endpoint.directory = SocketDirectory::open_unchecked(full.parent_path());
  target.endpoint.file = full.filename();
  if (!parse_socket_name(target.endpoint.file, target.endpoint.pid, target.endpoint.start_time)) {
    target.endpoint.pid = 0;
  }
  target.local_pid = listening_pid(target.endpoint);
  return target;
}

bool is_named(int pid, const std::string &name) {
  return process::name(pid) == name.substr(0, 15) || process::program(pid) == name;
}

// As many as fit on some lines: those that hold most.
std::string describe(const std::vector<Target> &candidates) {
  constexpr std::size_t kMost = 5;
  Census census(0ms, [&](std::vector<std::string> &) {
    std::vector<Endpoint> endpoints;
    for (const Target &each : candidates) endpoints.push_back(each.endpoint);
    return endpoints;
  });
  census.begin();
  census.go_on(in(kSearch));
  std::vector<Member> all = census.members();
  const auto live = [](const Member &member) { return member.reading ? member.reading->live_bytes : 0; };
  std::stable_sort(all.begin(), all.end(),
                   [&](const Member &a, const Member &b) { return live(a) > live(b); });
  std::string list;
  for (std::size_t at = 0; at < std::min(all.size(), kMost); ++at) {
    const Member &each = all[at];
    const std::string about =
        each.reading ? fmt::format("{} live, up {}", format::bytes(static_cast<double>(live(each))),
                                   format::duration(each.reading->uptime_seconds))
                     : "not answering";
    list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", each.shown_pid(), about);
  }
  if (all.size() > kMost) list += fmt::format(", and {} more", all.size() - kMost);
  return list;
}

Target resolve_name(const std::string &name) {
  std::vector<Target> candidates;
  std::vector<std::string> others;
  for (Target &each : reachable_targets()) {
    if (!is_named(each.local_pid, name))
      others.push_back(process::name(each.local_pid));
    else
      candidates.push_back(std::move(each));
  }
  candidates = those_there(candidates);
  if (candidates.empty() && (is_pattern(name) || is_unit(name))) {
    throw UserError(fmt::format(
        "this takes one process, and '{}' may be several; heapmeter ps '{}' lists them: give a pid",
        printable(name), printable(name)));
  }
  if (candidates.empty()) {
    throw UserError(
        fmt::format("no metered process is named '{}'{} heapmeter ps lists them, heapmeter run starts one",
                    printable(name), printable(did_you_mean(name, others))));
  }
  if (candidates.size() > 1) {
    throw UserError(fmt::format("{} metered processes are named '{}': {}; give a pid (heapmeter ps)",
                                candidates.size(), printable(name), describe(candidates)));
  }
  return candidates.front();
}

// Its socket closes a moment before it is gone.
bool has_ended(const Target &target) {
  if (target.local_pid == 0) return true;
  for (const Deadline end = in(500ms);; std::this_thread::sleep_for(5ms)) {
    const auto status = process::status(target.local_pid);
    const bool another =
        status && target.endpoint.start_time != 0 && status->start_time != target.endpoint.start_time;
    if (!status || another || status->state == 'Z') return true;
    if (std::chrono::steady_clock::now() >= end) return false;
  }
}

bool is_stopped(const Target &target) {
  const auto status = process::status(target.local_pid);
  return status && (status->state == 'T' || status->state == 't');
}

}  // namespace

std::vector<Target> reachable_targets() {
  std::vector<Target> found;
  for (const Endpoint &endpoint : reachable_endpoints()) {
    if (const int pid = listening_pid(endpoint); pid != 0) found.push_back({endpoint, pid});
  }
  return found;
}

std::vector<Target> those_there(const std::vector<Target> &candidates) {
  constexpr std::size_t kMost = 64;  // of more it is known that they are many
  std::vector<Endpoint> asked;
  for (const Target &each : candidates) {
    if (asked.size() < kMost) asked.push_back(each.endpoint);
  }
  const auto silences = ask_all(asked, HEAPMETER_PATH_SNAPSHOT, in(kSearch));
  std::vector<Target> found;
  for (std::size_t at = 0; at < candidates.size(); ++at) {
    const auto silence = at < silences.size() ? silences[at] : std::nullopt;
    if (silence != Silence::kGone && silence != Silence::kForged) found.push_back(candidates[at]);
  }
  return found;
}

std::string Target::label() const {
  if (local_pid != 0) return process::label(local_pid);
  return endpoint.pid != 0 ? std::to_string(endpoint.pid) : printable(endpoint.path());
}

bool find_endpoint(int pid, Target &out) {
  std::vector<Target> candidates;
  for (const Endpoint &endpoint : reachable_endpoints()) {
    if (listening_pid(endpoint) == pid) candidates.push_back({endpoint, pid});
  }
  return first_there(candidates, out) || find_by_its_own_environment(pid, out);
}

bool await_endpoint(int pid, Target &out) {
  for (const Deadline end = in(500ms);;) {
    if (find_endpoint(pid, out)) return true;
    if (process::has_library(pid) != true || std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(20ms);
  }
}

Target resolve_target(const std::string &text) {
  if (text.empty()) throw UserError("the target is empty; give a pid, a name or a socket's path", kUsage);
  if (text.find('/') != std::string::npos) return resolve_path(text);
  int pid = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), pid);
  const bool all_digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!all_digits) return resolve_name(text);
  if (parsed.ec != std::errc() || pid <= 0) {
    throw UserError(fmt::format("{} is no process id; heapmeter ps lists the metered ones", text));
  }
  return resolve_pid(pid);
}

Reading follow_target(Target &target, std::chrono::milliseconds patience) {
  try {
    return take_reading(target.endpoint, in(patience));
  } catch (const NoAnswer &silence) {
    Target moved;
    if (silence.why() == Silence::kGone && !has_ended(target) && await_endpoint(target.local_pid, moved)) {
      target = moved;
    }
  }
  return read_target(target, patience);
}

void throw_why_silent(const Target &target, const NoAnswer &silence, std::chrono::milliseconds patience) {
  switch (silence.why()) {
    case Silence::kGone:
      if (has_ended(target)) throw ProcessEnded{};
      throw UserError(
          fmt::format("nobody answers at {} ({}), though the process lives; it may have replaced "
                      "itself by an unmetered program",
                      target.endpoint.path(), silence.what()));
    case Silence::kLate: {
      const bool stopped = is_stopped(target);
      throw UserError(fmt::format("{} did not answer within {}{}", target.label(),
                                  format::duration(std::chrono::duration<double>(patience).count()),
                                  stopped ? ": it is stopped; continue it with kill -CONT"
                                          : "; it or the machine is too busy, or it is stuck: try again"));
    }
    case Silence::kRefused:
      throw UserError(
          fmt::format("{} refused: {}; try as its user or as root", target.label(), silence.what()));
    case Silence::kUnable:
      if (silence.what() == std::string_view(HEAPMETER_LOOK_UNDER_WAY))
        throw LookUnderWay(fmt::format("{}: {}; try again when it is done", target.label(), silence.what()));
      throw UserError(fmt::format("{} cannot do that: {}", target.label(), silence.what()));
    case Silence::kForged:
      throw UserError(fmt::format("{} is not to be believed: {}", target.endpoint.path(), silence.what()));
    case Silence::kStrange:
      break;
  }
  throw UserError(fmt::format("{} is not understood: {}; is its library of the same version as this tool?",
                              target.endpoint.path(), silence.what()));
}

Reading read_target(const Target &target, std::chrono::milliseconds patience) {
  return ask_target(target, HEAPMETER_PATH_SNAPSHOT, patience, parse_reading);
}

std::chrono::milliseconds patience_for(const Target &target, std::chrono::milliseconds patience) {
  return is_stopped(target) ? std::min<std::chrono::milliseconds>(patience, 2s) : patience;
}

void throw_ended(const Target &target) {
  throw UserError(
      fmt::format("nobody listens at {}, its process has ended; heapmeter ps lists the living and "
                  "removes such sockets",
                  target.endpoint.path()));
}

}  // namespace heapmeter::cli
