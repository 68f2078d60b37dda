// SPDX-License-Identifier: MIT
//
// heapmeter doctor: can this program be metered, is this process, and if not or not wholly, why.
#include <algorithm>
#include <charconv>
#include <optional>

#include <unistd.h>

#include <fmt/format.h>

#include "doctor/books.h"
#include "doctor/huge_pages.h"
#include "doctor/process.h"
#include "doctor/program.h"
#include "readings/take_account.h"
#include "readings/target.h"
#include "system/library.h"
#include "system/process.h"
#include "system/program.h"
#include "text/format.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "views/diagnosis.h"

namespace heapmeter::cli {
namespace {

Diagnosis of_program(const std::string &word) {
  Diagnosis about;
  about.target = word;
  try {
    about.program = about.subject = find_program(word);
    about.library = library::find();
    about.findings = program_findings(about.program, about.library);
  } catch (const UserError &error) {
    throw UserError(error.what());  // with our exit code, not run's
  }
  return about;
}

// A runtime leaves no sign of itself in a stripped program, but its heap is there to be seen.
void add_uncounted_memory(const Target &target, Diagnosis &about) {
  constexpr std::uint64_t kNoticed = 8 << 20;
  const bool told = std::any_of(about.findings.begin(), about.findings.end(), [](const Finding &finding) {
    return finding.found == Found::k_own_heap || finding.found == Found::k_embedded_allocator;
  });
  if (told || target.local_pid == 0) return;
  const Account account = take_account(target, std::chrono::milliseconds(2000));
  const std::uint64_t heap = account.of(Holder::kHeap).resident_bytes;
  const std::uint64_t other = account.of(Holder::kOther).resident_bytes;
  if (other < kNoticed || other < heap) return;
  about.findings.push_back(
      {Found::k_own_heap, "",
       fmt::format("{} has {} in anonymous memory that is not malloc's, beside a heap of {}", about.subject,
                   format::bytes(static_cast<double>(other)), format::bytes(static_cast<double>(heap))),
       fmt::format("see heapmeter account {}; a runtime's own heap is read with its own tools", about.pid)});
}

Diagnosis of_process(const std::string &word) {
  Diagnosis about;
  about.target = word;
  const auto parsed = std::from_chars(word.data(), word.data() + word.size(), about.pid);
  if (parsed.ec != std::errc() || about.pid <= 0) {
    throw UserError(fmt::format("{} is no process id; heapmeter ps lists the metered ones", word));
  }
  Target target;
  const bool served = await_endpoint(about.pid, target);
  about.findings = process_findings(about.pid, served);
  about.subject = process::label(about.pid);
  about.program = process::executable(about.pid);
  about.library = library_of(about.pid);
  if (!served) return about;
  about.socket = target.endpoint.path();
  try {
    about.reading = take_reading(target.endpoint, in(std::chrono::milliseconds(2000)));
    const boost::json::value *huge_pages =
        about.reading->fields.if_contains("huge_pages");  // not of an older library
    if (huge_pages != nullptr && huge_pages->is_string()) {
      if (const auto note = huge_pages_finding(about.subject, std::string(huge_pages->get_string())))
        about.findings.push_back(*note);
    }
    for (Finding &each : book_findings(about.subject, about.reading->fields))
      about.findings.push_back(std::move(each));
    read_living(target, [&] { add_uncounted_memory(target, about); });
    std::stable_sort(about.findings.begin(), about.findings.end(),
                     [](const Finding &a, const Finding &b) { return a.effect() > b.effect(); });
  } catch (const NoAnswer &silence) {
    about.findings.push_back({Found::k_not_served, about.socket,
                              fmt::format("{} does not answer ({})", about.subject, silence.what()),
                              "if it is stopped, continue it; if it is busy, try again"});
  }
  return about;
}

// Of one process alone; of several it is not told who is meant.
std::optional<int> metered_pid(const std::string &name) {
  try {
    const int pid = resolve_target(name).local_pid;
    return pid != 0 ? std::optional(pid) : std::nullopt;
  } catch (const UserError &) {
    return std::nullopt;
  }
}

// Where no program has the name, a process may that runs metered, by whatever name it gave itself.
Diagnosis of_name(const std::string &word) {
  try {
    return of_program(word);
  } catch (const UserError &) {
    const auto pid = metered_pid(word);
    if (!pid) throw;
    return of_process(std::to_string(*pid));
  }
}

}  // namespace

int cmd_doctor(const Arguments &arguments) {
  std::string target;
  bool as_json = false;
  Parser parser("doctor", "[OPTIONS] PROGRAM|PID",
                "Tells whether a program can be metered, or whether a process is; and if not, or\n"
                "only in part, why, and what to do. Starts nothing of the program.\n"
                "Exit code: 0 yes, 1 no or in part, 2 usage.",
                "  heapmeter doctor python3      may heapmeter run meter it?\n"
                "  heapmeter doctor 4711         is it metered, and can it be read?\n"
                "  heapmeter doctor ./server --json | jq -r '.findings[].code'");
  parser.word("TARGET", target, "a program's name or path, or a pid, or else a metered process's name");
  parser.json(as_json, "a JSON object");
  if (!parser.parse(arguments)) return kOk;
  if (target.empty()) throw UserError("the target is empty; name a program or a pid", kUsage);

  const bool is_pid = target.find_first_not_of("0123456789") == std::string::npos;
  const Diagnosis about = is_pid ? of_process(target) : of_name(target);
  output::write(as_json
                    ? diagnosis_json(about)
                    : diagnosis_text(about, Paint::for_fd(STDOUT_FILENO), terminal_columns(STDOUT_FILENO)));
  return worst(about.findings) >= Effect::kPartly ? kFailed : kOk;
}

}  // namespace heapmeter::cli
