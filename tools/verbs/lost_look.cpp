// SPDX-License-Identifier: MIT
#include "verbs/lost_look.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <errno.h>
#include <string.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "lost/in_registers.h"
#include "lost/made_rules.h"
#include "readings/thread_list.h"
#include "sites/page.h"
#include "symbols/namer.h"
#include "system/foreign_memory.h"
#include "system/process.h"
#include "system/registers.h"
#include "text/user_error.h"
#include "verbs/before_look.h"
#include "verbs/in_turn.h"

namespace heapmeter::cli {
namespace {

using Clock = std::chrono::steady_clock;

// The process goes on meanwhile; it is the copy that is looked at. Where hundreds of its threads share few
// processors, the one that answers has its turn every few seconds.
constexpr std::chrono::seconds kPatienceWithLook{120};
constexpr std::chrono::seconds kPatienceForReading{40};

constexpr std::uint64_t kContents = 16;
constexpr int kMostTries = 10;
constexpr std::chrono::milliseconds kUntilNextThread{100};
constexpr int kMostLate = 3;  // each of a second in which nothing of it runs

lost::Look take_look(const Target &target, std::chrono::milliseconds patience) {
  return change_target(target, HEAPMETER_PATH_LEAKS, patience, lost::parse_look);
}
lost::Look take_look(const Target &target) {
  return take_look(target, patience_for(target, kPatienceWithLook));
}

// Asked anew each time: a process that changes its user starts another one. It says so itself, as any thread
// may have its name.
int meters_thread(const Target &target) {
  const int own = ask_target(target, HEAPMETER_PATH_IDENTITY, patience_for(target, kPatienceForReading),
                             parse_service_thread);
  if (own == 0)
    throw UserError(
        fmt::format("--registers: the library in {} is older than this tool, and does not say which "
                    "thread is its own",
                    target.label()));
  const std::map<int, int> threads = process::threads(target.local_pid);
  const auto found = threads.find(own);
  return found == threads.end() ? 0 : found->second;
}

// Its threads stand still until the image is made. Where that was made anew, because a call was half-way,
// they ran again when the one was made that counts.
lost::Look take_look_with_registers(const Target &target, LostView &view) {
  // Before it stands still: of one that was stopped little is to be waited for.
  const auto patience = patience_for(target, kPatienceWithLook);
  int late = 0, unanswered = 0;
  for (int tries = 0; tries < kMostTries && late < kMostLate; ++tries) {
    const int meters = meters_thread(target);
    if (meters == 0) {  // it has just ended, and the next one is not there yet
      ++unanswered;
      std::this_thread::sleep_for(kUntilNextThread);
      continue;
    }
    Standstill standstill(target.local_pid, meters);
    lost::Look look = take_look(target, patience);
    const Registers read = standstill.end();
    if (read.held == Held::kNeither) ++late;
    if (read.held == Held::kNeither || (read.held == Held::kUntilImage && look.tries != look.unprepared + 1))
      continue;
    doubt_held(look, read.words, read.slept, read.left_out - std::min(read.slept, read.left_out),
               read.others_came);
    view.registers = {read.threads, read.left_out, read.others_came, read.seconds};
    return look;
  }
  if (late == kMostLate)
    throw UserError(
        fmt::format("{} times the threads of {} were stopped and no copy was ready within a second, so "
                    "they were let go: without --registers a look takes the time it needs",
                    late, target.label()));
  if (unanswered == kMostTries)
    throw UserError(
        fmt::format("--registers: in each of {} tries the thread of {} that answers was gone once it had "
                    "answered; without --registers a look does not need to know it",
                    kMostTries, target.label()));
  throw UserError(
      fmt::format("in each of {} tries a thread of {} was stopped amid a call, so that its books were not "
                  "complete; without --registers a look tries for longer",
                  kMostTries - late - unanswered, target.label()));
}

void name_rows(const Target &target, LostView &view, Suppress &suppress) {
  sites::Profile profile = ask_target(target, HEAPMETER_PATH_SITES, kPatienceWithLook, sites::parse_profile);
  view.stacks_known = profile.mode != sites::Mode::kOff;
  symbols::Namer namer(target.local_pid, profile.modules);
  namer.prepare(places(only_lost(view.look, profile)));
  const auto naming = [&](int module, std::uint64_t offset) { return namer.name(module, offset); };
  lost::Suppressor suppressor(suppress.rules());
  suppressor.take_from(view.look, profile, naming);
  view.suppressed = {suppressor.all(), suppressor.fitting(), suppressor.idle()};
  if (suppress.wants_made())
    suppress.save(lost::made_rules(lost::rows(view.look), profile, naming), !view.look.blocks.empty());
  view.rows = named(view.look, std::move(profile), naming);
  if (!view.rows.empty()) view.advice = namer.advice();
}

// Under the kernel's own rules: the service never sends contents.
void read_contents(const Target &target, LostView &view) {
  view.contents.emplace();
  for (const lost::NamedRow &row : view.rows) {
    ForeignMemory memory;
    // Not more than the block has.
    const auto block = std::find_if(view.look.blocks.begin(), view.look.blocks.end(),
                                    [&](const lost::Block &one) { return one.address == row.row.example; });
    const std::uint64_t bytes = block == view.look.blocks.end() ? 0 : std::min(block->bytes, kContents);
    memory = foreign_memory(target.local_pid, row.row.example, bytes);
    if (memory.error != 0) {
      const std::string refusal = memory.error == EPERM ? refusal_to_trace(target.local_pid) : "";
      view.no_contents = refusal.empty() ? strerror(memory.error) : "only who may trace it may: " + refusal;
      return;
    }
    (*view.contents)[row.row.example] = std::move(memory.bytes);
  }
}

}  // namespace

void LostLook::prepare() {
  before_ = read_target(target_, patience_for(target_, kPatienceForReading));
  if (options_.registers) {
    if (target_.local_pid == 0)
      throw UserError(fmt::format("--registers: which process here {} is, is not known", target_.label()));
    if (const std::string reason = refusal_to_trace(target_.local_pid); !reason.empty())
      throw UserError(fmt::format("--registers: {} may not be traced: {}", target_.label(), reason));
  }
  agree_to_look(before_, options_.agreed);
}

void LostLook::look_first() {
  if (options_.once) return;
  first_ = in_turn([&] { return take_look(target_); });
  first_at_ = Clock::now();
}

void LostLook::look_last() {
  if (!options_.once)
    std::this_thread::sleep_until(first_at_ + std::chrono::duration_cast<Clock::duration>(
                                                  std::chrono::duration<double>(options_.wait_seconds)));
  // Who waits for his turn lets its threads run meanwhile.
  view_.look = in_turn(
      [&] { return options_.registers ? take_look_with_registers(target_, view_) : take_look(target_); });
  if (options_.once) return;
  view_.look = confirmed(first_, std::move(view_.look));
  view_.apart_seconds = options_.wait_seconds;
}

LostView LostLook::end(Suppress &suppress) {
  name_rows(target_, view_, suppress);
  if (options_.contents) read_contents(target_, view_);
  // What was found is not thrown away for a process that answers late.
  if (read_target(target_, kPatienceWithLook).counting_since_ns != before_.counting_since_ns)
    throw UserError(fmt::format("{} started another program meanwhile; try again", target_.label()));
  return std::move(view_);
}

}  // namespace heapmeter::cli
