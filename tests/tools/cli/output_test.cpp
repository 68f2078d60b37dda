// SPDX-License-Identifier: MIT
//
// Standard output and error that are closed, full, or read by somebody who left: for every verb of the
// command table, in each form its own parser says it has. A verb whose arguments the usage line does not tell
// needs a line in arguments_of.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <fstream>

#include "cli/verb_sheet.h"
#include "tools/tool.h"

using namespace heapmeter::testing;
using heapmeter::cli::VerbSheet;

namespace {

using Words = std::vector<std::string>;

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

bool has_option(const VerbSheet &sheet, const std::string &name) {
  return std::any_of(sheet.options.begin(), sheet.options.end(), [&](const auto &option) {
    return std::find(option.names.begin(), option.names.end(), name) != option.names.end();
  });
}

Words with(Words first, const Words &more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

// Every way to print something and end; what a verb prints again and again, it prints twice.
std::vector<Words> forms_of(const VerbSheet &sheet, const std::string &pid, const std::string &mark) {
  std::vector<Words> forms = {{sheet.name, "--help"}};
  const bool needs_target = has(sheet.usage, "] TARGET");
  Words end;
  if (has(sheet.usage, "[--] PROGRAM")) {
    end = {"--", "cat", "/etc/passwd"};
  } else if (has(sheet.usage, "-- COMMAND")) {
    end = {pid, "--", "true"};
  } else if (has(sheet.usage, "] MARK")) {
    end = {mark};
  } else if (needs_target || has(sheet.usage, "PID")) {
    end = {pid};
  }
  if (sheet.name == "report") end = {mark + ".hm"};
  if (sheet.name == "record") end = {"-o", mark + ".hm", "--interval", "0.1", "--for", "0.2"};
  if (sheet.name == "holders") end = with({"--class", "100"}, end);
  for (const char *format : {"--json", "--csv", "--folded", "--once", ""}) {
    if (*format != '\0' && !has_option(sheet, format)) continue;
    if (*format == '\0' && has_option(sheet, "--once")) continue;  // else it needs a terminal
    if (*format == '\0' && sheet.name == "record") continue;       // which prints what people read on stderr
    Words form = {sheet.name};
    if (*format != '\0') form.emplace_back(format);
    const bool once = std::string(format) == "--folded";
    if (!once && has_option(sheet, "--interval") && has_option(sheet, "--count")) {
      form = with(form, {"--interval", "0.1", "--count", "2"});
    }
    forms.push_back(with(form, end));
  }
  return forms;
}

std::string text_of(const Words &words) {
  std::string text;
  for (const std::string &word : words) text += " " + word;
  return text;
}

// So that there are sites to print.
class Attributing : public Playground {
 public:
  Attributing() { set("HEAPMETER_SAMPLE", "every"); }
};

class Streams : public testing::Test {
 protected:
  Streams() {
    playground_.set("XDG_STATE_HOME", playground_ / "state");
    playground_.run({"mark", mark_, holder_.pid_text()});
    playground_.run({"record", "-o", mark_ + ".hm", "--interval", "0.1", "--for", "0.2"});
  }

  // By bash, with what it does to the streams before it becomes the tool.
  Outcome run(const std::string &preparation, const std::string &streams, const Words &words) const {
    Command command = playground_.command({});
    command.argv = {"bash", "-c", preparation + "; exec \"$@\" " + streams, "bash", tool()};
    command.argv = with(command.argv, words);
    return heapmeter::testing::run(command);
  }

  template <typename Check>
  void for_every_form(Check check) const {
    for (const VerbSheet &sheet : heapmeter::cli::describe_all()) {
      for (const Words &form : forms_of(sheet, holder_.pid_text(), mark_)) {
        SCOPED_TRACE("heapmeter" + text_of(form));
        check(form);
      }
    }
  }

  Attributing playground_;
  Holder holder_{playground_, {"10", "10"}};
  const std::string mark_ = playground_ / "mark.json";
};

TEST_F(Streams, HaveSomethingFromEveryForm) {
  for_every_form([&](const Words &form) {
    const Outcome outcome = playground_.run(form);
    EXPECT_EQ(outcome.exit_code, 0) << "give it its arguments in output_test.cpp\n" << outcome;
    EXPECT_NE(outcome.out, "") << outcome;
  });
}

// The program of `run` has the streams, so what it makes of them counts; the tool adds no complaint of its
// own.
void expect_error(const Words &form, const Outcome &outcome, const char *reason) {
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_TRUE(has(outcome.err, reason)) << outcome;
  if (form[0] == "run" && form[1] != "--help") return;
  EXPECT_EQ(outcome.err, std::string("heapmeter: the output could not be written: ") + reason + "\n");
}

TEST_F(Streams, FullAreAnError) {
  for_every_form([&](const Words &form) {
    expect_error(form, run("true", ">/dev/full", form), "No space left on device");
  });
}

TEST_F(Streams, ClosedAreAnError) {
  for_every_form(
      [&](const Words &form) { expect_error(form, run("true", ">&-", form), "Bad file descriptor"); });
}

TEST_F(Streams, WithoutAReaderEndItQuietly) {
  for_every_form([&](const Words &form) {
    // A pipe whose reader has ended, for sure.
    const Outcome outcome = run("exec 3> >(:); wait $!", ">&3 3>&-", form);
    if (form[0] == "run" && form[1] != "--help") {
      EXPECT_EQ(outcome.exit_code, 128 + 13) << outcome;
    } else {
      EXPECT_EQ(outcome.exit_code, 0) << outcome;
      EXPECT_EQ(outcome.err, "");
    }
  });
}

TEST_F(Streams, EndASeriesWithTheirReader) {
  for (const VerbSheet &sheet : heapmeter::cli::describe_all()) {
    if (!has_option(sheet, "--interval") || sheet.name == "record") continue;
    Words words = {tool(), sheet.name, "--interval", "0.1", "--json"};
    if (!has(sheet.usage, "[TARGET...]")) words.push_back(holder_.pid_text());
    Command command = playground_.command({});
    command.argv = with({"bash", "-c", "\"$@\" | head -1; exit ${PIPESTATUS[0]}", "bash"}, words);
    const Outcome outcome = heapmeter::testing::run(command);
    EXPECT_EQ(outcome.exit_code, 0) << text_of(words) << outcome;
    EXPECT_EQ(outcome.err, "");
    EXPECT_TRUE(boost::json::parse(outcome.out).is_structured()) << outcome;
  }
}

TEST_F(Streams, ForErrorsAreNotNeeded) {
  for (const char *stderr_is : {"2>/dev/full", "<&- 2>&-"}) {
    for_every_form([&](const Words &form) {
      const Outcome outcome = run("true", stderr_is, form);
      EXPECT_EQ(outcome.exit_code, 0) << stderr_is << outcome;
      EXPECT_NE(outcome.out, "") << stderr_is;
    });
    EXPECT_EQ(run("true", stderr_is, {"frobnicate"}).exit_code, 2) << stderr_is;
    EXPECT_EQ(run("true", stderr_is, {}).exit_code, 2) << stderr_is;
    EXPECT_EQ(run("true", stderr_is, {"stat", "nobody-of-this-name"}).exit_code, 1) << stderr_is;
  }
}

// A file that may grow to 1 KiB and no further stands for a full disk; the second reading meets its end.
TEST_F(Streams, ThatBecomeFullHoldWholeLines) {
  const std::string file = playground_ / "readings";
  const Outcome outcome = run("trap '' XFSZ; ulimit -f 1", ">" + file,
                              {"stat", holder_.pid_text(), "--csv", "-i", "0.02", "-c", "50"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_TRUE(has(outcome.err, "File too large")) << outcome;
  std::ifstream readings(file);
  const std::string text{std::istreambuf_iterator<char>(readings), {}};
  EXPECT_GT(std::count(text.begin(), text.end(), '\n'), 1) << text;
  EXPECT_TRUE(text.ends_with('\n')) << text;
}

// One line elsewhere: for grep, and for logs.
TEST(Output, FoldsWhatItNotesBetweenWordsOnATerminal) {
  const Playground playground;
  Command command = playground.command({});
  command.argv = {"/usr/bin/script", "-qec", "stty cols 40; exec " + tool().string() + " stat nobody",
                  "/dev/null"};
  const Outcome outcome = run(command);
  EXPECT_NE(outcome.out.find("heapmeter: no metered process is named\r\n  'nobody'; heapmeter ps lists"),
            std::string::npos)
      << outcome;
  const Outcome piped = playground.run({"stat", "nobody"});
  EXPECT_EQ(std::count(piped.err.begin(), piped.err.end(), '\n'), 1) << piped;
}

}  // namespace
