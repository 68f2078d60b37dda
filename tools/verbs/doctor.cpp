// SPDX-License-Identifier: MIT
//
// heapmeter doctor: can this program be metered, is this process, and if not or not wholly, why.
#include <algorithm>
#include <charconv>
#include <optional>

#include <unistd.h>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "doctor/finding.h"
#include "doctor/huge_pages.h"
#include "doctor/process.h"
#include "doctor/program.h"
#include "readings/take_account.h"
#include "readings/target.h"
#include "system/library.h"
#include "system/process.h"
#include "system/program.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "views/reading.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

struct Diagnosis {
  std::string target;   // as it was given
  std::string subject;  // as it is shown
  std::string program, library;
  int pid = 0;  // 0 of a program
  std::optional<Reading> reading;
  std::string socket;
  Findings findings;
};

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
  std::stable_sort(about.findings.begin(), about.findings.end(),
                   [](const Finding &a, const Finding &b) { return a.effect() > b.effect(); });
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
    const json::value *huge_pages =
        about.reading->fields.if_contains("huge_pages");  // not of an older library
    if (huge_pages != nullptr && huge_pages->is_string()) {
      if (const auto note = huge_pages_finding(about.subject, std::string(huge_pages->get_string())))
        about.findings.push_back(*note);
    }
    read_living(target, [&] { add_uncounted_memory(target, about); });
  } catch (const NoAnswer &silence) {
    about.findings.push_back({Found::k_not_served, about.socket,
                              fmt::format("{} does not answer ({})", about.subject, silence.what()),
                              "if it is stopped, continue it; if it is busy, try again"});
  }
  return about;
}

const char *verdict(const Diagnosis &about) {
  switch (worst(about.findings)) {
    case Effect::kRefused:
    case Effect::kUncounted:
      return "no";
    case Effect::kPartly:
      return "partly";
    case Effect::kNote:
      break;
  }
  return "yes";
}

std::string verdict_text(const Diagnosis &about) {
  const Effect effect = worst(about.findings);
  if (about.pid == 0) {
    if (effect >= Effect::kUncounted) return "cannot be metered";
    return effect == Effect::kPartly ? "can be metered in part" : "can be metered";
  }
  if (about.library.empty()) return "not metered";
  if (effect >= Effect::kUncounted) return "has the meter, which counts nothing";
  return effect == Effect::kPartly ? "metered in part" : "metered";
}

std::string text_of(const Diagnosis &about, const Paint &paint) {
  std::string text = paint.title(printable(about.subject) + ": " + verdict_text(about)) + "\n";
  if (about.pid != 0) {
    if (about.reading) {
      text += labelled(paint, "library",
                       fmt::format("{}, version {}, on {}", about.library, about.reading->version,
                                   about.reading->backend));
      text += labelled(paint, "socket", about.socket);
    } else if (!about.library.empty()) {
      text += labelled(paint, "library", about.library);
    }
  }
  for (const Finding &finding : about.findings) {
    text += labelled(paint, effect_name(finding.effect()), printable(finding.what));
    if (!finding.advice.empty()) text += labelled(paint, "", printable(finding.advice));
  }
  return text;
}

json::value text_or_null(const std::string &text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

std::string json_of(const Diagnosis &about) {
  json::object object = {{"schema", 1}};
  object["target"] = about.target;
  object["verdict"] = verdict(about);
  object["program"] = text_or_null(about.program);
  object["library"] = text_or_null(about.library);
  object["pid"] = about.pid != 0 ? json::value(about.pid) : json::value(nullptr);
  object["socket"] = text_or_null(about.socket);
  object["version"] = about.reading ? json::value(about.reading->version) : json::value(nullptr);
  object["backend"] = about.reading ? json::value(about.reading->backend) : json::value(nullptr);
  json::array findings;
  for (const Finding &finding : about.findings) {
    findings.push_back(json::object{{"code", finding.code()},
                                    {"effect", effect_name(finding.effect())},
                                    {"file", text_or_null(finding.file)},
                                    {"what", finding.what},
                                    {"advice", text_or_null(finding.advice)}});
  }
  object["findings"] = std::move(findings);
  return json_text(object) + "\n";
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
  parser.word("TARGET", target, "a program's name or path, or a pid");
  parser.json(as_json, "a JSON object");
  if (!parser.parse(arguments)) return kOk;
  if (target.empty()) throw UserError("the target is empty; name a program or a pid", kUsage);

  const bool is_pid = target.find_first_not_of("0123456789") == std::string::npos;
  const Diagnosis about = is_pid ? of_process(target) : of_program(target);
  output::write(as_json ? json_of(about) : text_of(about, Paint::for_fd(STDOUT_FILENO)));
  return worst(about.findings) >= Effect::kPartly ? kFailed : kOk;
}

}  // namespace heapmeter::cli
