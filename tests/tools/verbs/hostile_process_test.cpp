// SPDX-License-Identifier: MIT
//
// A program of which everything that has a name has one meant to deceive who reads about it: its file, its
// command, its threads, functions, source files and tags. No verb, in no format, lets a terminal obey them,
// lets them begin a line of their own, or lets a browser take them for markup.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/meter.h"
#include "text/utf8.h"
#include "tools/tool.h"

using namespace heapmeter::testing;
namespace fs = std::filesystem;

namespace {

constexpr const char *kForged = "FORGED";
// Short enough for the kernel's names of processes; the rest is for who has room.
const std::string kHostile =
    "\n" + std::string(kForged) + "\x1b[2J\u202e\u061c\u009b1m\r\u2066\"',</title><script>alert(1)</script>";

std::string replaced(std::string text, const std::string &old, std::string by) {
  by.resize(old.size(), 'x');
  for (std::size_t at = text.find(old); at != text.npos; at = text.find(old, at))
    text.replace(at, old.size(), by);
  return text;
}

// What is wrong with a text that people are shown, or ""; what begins a line there is ours.
std::string trouble(std::string_view text) {
  std::size_t start = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto letter = heapmeter::cli::first_letter(rest);
    if (letter.bytes == 0) return "no UTF-8";
    if (rest[0] == '\n') {
      start = rest.find_first_not_of(" \n\"");
      if (start != rest.npos && rest.substr(start).starts_with(kForged)) return "a line of its own";
    } else if (rest[0] != '\t' && (letter.code == 0x61c || heapmeter::cli::steers(letter.code))) {
      return "code " + std::to_string(letter.code);
    }
    rest.remove_prefix(letter.bytes);
  }
  return "";
}

class HostileProcess : public ::testing::Test {
 protected:
  void SetUp() override {
    constexpr const char *kEnd = "_to_be_named_by_the_test_as_it_likes_0123456789_0123456789_0123456789";
    std::string file_name = kHostile;
    std::replace(file_name.begin(), file_name.end(), '/', '|');
    program_ = playground_ / file_name;
    std::string image =
        replaced(read_file(sample("hostile_names")), std::string("function") + kEnd, kHostile);
    image = replaced(std::move(image), std::string("file") + kEnd, kHostile);
    write_file(program_, image);
    fs::permissions(program_, fs::perms::owner_all);
    Command command{{program_, kHostile, kHostile}};
    command.environment = playground_.environment();
    command.environment["LD_PRELOAD"] = library();
    command.environment["HEAPMETER_SAMPLE"] = "every";
    command.deadline = std::chrono::seconds(600);
    process_ = std::make_unique<Process>(command);
    ASSERT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
    socket_of(playground_.sockets(), process_->pid());
    pid_ = std::to_string(process_->pid());
  }
  Outcome run(std::vector<std::string> arguments) const {
    Command command = playground_.command(std::move(arguments));
    command.environment["HOME"] = command.directory = playground_ / "";
    return heapmeter::testing::run(command);
  }
  // Shown, and without trouble in what was printed and in the file it was to make.
  void expect_harmless(const std::vector<std::string> &arguments, const std::string &file = "") const {
    const Outcome outcome = run(arguments);
    std::string what;
    for (const std::string &word : arguments) what += word.substr(0, 30) + " ";
    EXPECT_EQ(outcome.exit_code, 0) << what << outcome;
    EXPECT_EQ(trouble(outcome.out), "") << what << outcome;
    EXPECT_EQ(trouble(outcome.err), "") << what << outcome;
    if (file.empty()) return;
    const std::string text = read_file(playground_ / file);
    EXPECT_FALSE(text.empty()) << what;
    EXPECT_EQ(trouble(text), "") << what;
    EXPECT_TRUE(!text.starts_with("<") || text.find("<script>alert") == text.npos) << what;
  }

  Playground playground_;
  fs::path program_;
  std::unique_ptr<Process> process_;
  std::string pid_;
};

TEST_F(HostileProcess, IsShownByNoVerbAsItWants) {
  const std::vector<std::vector<std::string>> verbs = {
      {"ps"},
      {"ps", "--json"},
      {"ps", "--csv"},
      {"ps", "--groups"},
      {"stat", pid_},
      {"stat", "--csv", pid_},
      {"stat", "--json", pid_},
      {"stat", "--below", pid_},
      {"account", pid_},
      {"account", "--csv", pid_},
      {"account", "--json", pid_},
      {"sizes", pid_},
      {"threads", pid_},
      {"threads", "--json", pid_},
      {"top", "--once"},
      {"top", "--once", "--tree"},
      {"top", "--once", "--json"},
      {"top", "--once", pid_},
      {"sites", pid_},
      {"sites", "--json", pid_},
      {"sites", "--folded", pid_},
      {"sites", "--tree=callers", pid_},
      {"sites", "--tree=callees", pid_},
      {"sites", "--thread", pid_, pid_},
      {"sites", "--below", pid_},
      {"leaks", "--once", pid_},
      {"leaks", "--once", "--json", pid_},
      {"leaks", "--once", "--contents", pid_},
      {"leaks", "--once", "--below", pid_},
      {"leaks", "--growth=1", pid_},
      {"leaks", "--growth=1", "--json", pid_},
      {"holders", "--class", "500-71000", pid_},
      {"holders", "--class", "500-71000", "--tree", pid_},
      {"holders", "--class", "500-71000", "--json", pid_},
      {"doctor", pid_},
      {"doctor", "--json", pid_},
      {"doctor", program_},
      {"doctor", "--json", program_},
      {"mark", "kept", pid_},
      {"mark"},
      {"mark", "--json"},
      {"diff", "kept"},
      {"diff", "--json", "kept"},
      {"during", pid_, "--save", "load", "--sites", "--", "true", kHostile},
      {"during", pid_, "--against", "load", "--sites", "--", "true", kHostile},
      {"during", pid_, "--json", "--sites", "--", "true", kHostile},
  };
  for (const auto &verb : verbs) expect_harmless(verb);
}

TEST_F(HostileProcess, IsANameInWhatIsSaved) {
  expect_harmless({"sites", "--svg", "file", pid_}, "file");
  expect_harmless({"sites", "--flame", "file", pid_}, "file");
  expect_harmless({"sites", "--flame", "file", "--holders", "--yes", pid_}, "file");
  expect_harmless({"sites", "--speedscope", "file", pid_}, "file");
  // Compressed; and go tool pprof prints what is in it.
  expect_harmless({"sites", "--pprof", "packed", pid_});
  const std::string profile = heapmeter::testing::run({{program("gzip"), "-dc", playground_ / "packed"}}).out;
  EXPECT_NE(profile.find(kForged), profile.npos);
  EXPECT_EQ(profile.find(kHostile.substr(0, 10)), profile.npos);
  expect_harmless({"leaks", "--once", "--gen-suppressions", "file", pid_}, "file");
  expect_harmless({"leaks", "--once", "--suppressions", "file", pid_});
  expect_harmless({"mark", "kept", pid_});
  expect_harmless({"diff", "kept", "--flame", "file"}, "file");
  expect_harmless({"diff", "kept", "--svg", "file"}, "file");
}

TEST_F(HostileProcess, IsANameInARecording) {
  expect_harmless({"record", "-o", "recording", "-i", "1", "--for", "2"});
  expect_harmless({"report", "recording"});
  expect_harmless({"report", "--all", "recording"});
  expect_harmless({"report", "--csv", "recording"});
  expect_harmless({"report", "--json", "recording"});
  expect_harmless({"report", "--html", "file", "recording"}, "file");
  expect_harmless({"report", "--svg", "file", "recording"}, "file");
}

TEST_F(HostileProcess, IsANameInASummary) {
  process_.reset();
  const std::vector<std::string> program = {"--", "sh", "-c",
                                            "timeout 1 \"$0\" \"$0\" > /dev/null; :", program_};
  const auto run_so = [&](std::vector<std::string> options, const std::string &file = "") {
    options.insert(options.begin(), "run");
    options.insert(options.end(), program.begin(), program.end());
    expect_harmless(options, file);
  };
  run_so({});
  run_so({"--sites=every"});
  run_so({"--sites=every", "--leaks"});
  run_so({"--sites=every", "--leaks", "--markdown", "file"}, "file");
  run_so({"--sites=every", "--json", "--output", "one.json"}, "one.json");
  run_so({"--output", "file"}, "file");
  expect_harmless({"diff", playground_ / "one.json", playground_ / "one.json"});
}

}  // namespace
