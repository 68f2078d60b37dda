// SPDX-License-Identifier: MIT
//
// heapmeter doctor PROGRAM, and run in the same words: each finding on a real file.
#include <elf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/meter.h"
#include "tools/doctor/diagnosis.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace fs = std::filesystem;
using Codes = std::vector<std::string>;

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

class Doctor : public ::testing::Test {
 protected:
  Diagnosis of(const std::string &program) const { return diagnose(playground_, program); }
  // The one thing that matters about this program, and that run says the same of it.
  void expect(const std::string &program, const std::string &code, const std::string &words) const {
    const Diagnosis found = of(program);
    EXPECT_EQ(found.serious(), Codes{code}) << found.outcome();
    EXPECT_TRUE(has(found.what(code), words)) << found.outcome();
    EXPECT_EQ(found.outcome().exit_code, 1);
    const Outcome run = playground_.run({"run", "--", program});
    EXPECT_TRUE(has(run.err, "heapmeter: " + found.what(code))) << run;
    EXPECT_EQ(has(run.err, "ended with"), found.effect(code) != "refused") << run;
  }
  void expect_note(const std::string &program, const std::string &code, const std::string &words) const {
    const Diagnosis found = of(program);
    EXPECT_EQ(found.serious(), Codes{}) << found.outcome();
    EXPECT_TRUE(has(found.what(code), words)) << found.outcome();
    EXPECT_EQ(found.outcome().exit_code, 0);
    const Outcome run = playground_.run({"run", "--", program});
    EXPECT_TRUE(run.err.starts_with("\nheapmeter: ")) << "nothing before the summary: " << run;
  }
  std::string script(const std::string &text) const {
    write_file(playground_ / "script", text);
    chmod((playground_ / "script").c_str(), 0755);
    return playground_ / "script";
  }
  Playground playground_;
};

TEST_F(Doctor, FindsNothingWrongWithAnOrdinaryProgram) {
  const Diagnosis found = of(sample("holder_of_bytes"));
  EXPECT_EQ(found.outcome().exit_code, 0) << found.outcome();
  EXPECT_EQ(found.text("verdict"), "yes");
  EXPECT_EQ(found.text("program"), sample("holder_of_bytes"));
  EXPECT_EQ(found.text("library"), library());
  EXPECT_TRUE(has(found.outcome().out, "\"findings\":[]")) << found.outcome();
  EXPECT_EQ(playground_.run({"doctor", sample("holder_of_bytes")}).out,
            sample("holder_of_bytes").string() + ": can be metered\n");
}

TEST_F(Doctor, KnowsAStaticProgram) { expect(sample("static_program"), "static", "statically linked"); }
TEST_F(Doctor, KnowsAMuslProgram) { expect(sample("musl_program"), "other_libc", "runs on musl"); }
TEST_F(Doctor, KnowsSanitizersHoweverTheyGotIn) {
  expect(sample("sanitized_program"), "sanitizer", "sanitizer");
  expect(sample("statically_sanitized"), "sanitizer", "sanitizer");
  expect(sample("needs_sanitized"), "sanitizer", "libsanitized.so is built with a sanitizer");
}
TEST_F(Doctor, KnowsAnotherArchitecture) {
  std::string elf = read_file(sample("holder_of_bytes"));
  elf[18] = static_cast<char>(elf[18] == 40 ? 62 : 40);
  elf[19] = 0;
  expect(script(elf), "other_architecture", "is a program for");
}

TEST_F(Doctor, KnowsAMallocOfTheProgramsOwn) {
  expect(sample("own_allocator"), "own_malloc", "own_allocator brings its own malloc");
  EXPECT_TRUE(has(playground_.run({"doctor", sample("own_allocator")}).out, "calloc"))
      << "and which functions";
}
TEST_F(Doctor, KnowsAMallocThatPassesCallsOn) {
  expect_note(sample("forwarding_allocator"), "forwarding_malloc", "passes calls on to the next one");
  EXPECT_TRUE(playground_.run({"doctor", sample("forwarding_allocator")}).out.find(": can be metered\n") !=
              std::string::npos);
}
TEST_F(Doctor, KnowsAllocatorsUnderNamesOfTheirOwn) {
  expect(sample("embedded_allocator"), "embedded_allocator", "has jemalloc built in");
  expect(sample("hidden_malloc"), "embedded_allocator", "a malloc only it can see");
  expect(sample("direct_calls"), "embedded_allocator", "calls mimalloc directly");
  expect(sample("needs_bound"), "embedded_allocator", "libbound.so brings a malloc that it uses itself");
}
TEST_F(Doctor, KnowsAMallocWhosePlaceTheMeterTakes) {
  if (!fs::exists(sample("needs_jemalloc")) || !fs::exists(sample("needs_tcmalloc")))
    GTEST_SKIP() << "needs libjemalloc-dev and libgoogle-perftools-dev at the time of the build";
  expect_note(sample("needs_jemalloc"), "replaced_malloc", "libjemalloc.so.2 brings a malloc");
  expect_note(sample("needs_tcmalloc"), "replaced_malloc", "libtcmalloc.so.4 brings a malloc");
  playground_.set("HEAPMETER_BACKEND", "next");
  EXPECT_FALSE(of(sample("needs_jemalloc")).has("replaced_malloc")) << "then it keeps its place";
}

TEST_F(Doctor, KnowsHeapsThatAreNotMallocs) {
  expect(sample("go_like"), "own_heap", "is a Go program");
  expect(sample("php_like"), "own_heap", "PHP");
  expect(sample("ruby_like"), "own_heap", "Ruby's objects");
  expect(sample("haskell_like"), "own_heap", "Haskell");
  expect(sample("erlang_like"), "own_heap", "Erlang");
  expect(sample("mono_like"), "own_heap", "Mono");
  expect(sample("sbcl_like"), "own_heap", "SBCL");
  expect(sample("ocaml_like"), "own_heap", "OCaml's values");
  expect(sample("gcc_like"), "own_heap", "a collected heap of its own");
  EXPECT_EQ(of("/usr/bin/python3").serious(), Codes{"own_heap"});
  EXPECT_EQ(of("/usr/bin/node").serious(), Codes{"own_heap"});
  playground_.set("PYTHONMALLOC", "malloc");
  EXPECT_EQ(of("/usr/bin/python3").serious(), Codes{});
}

TEST_F(Doctor, TakesNoQuestionForACall) { EXPECT_EQ(of(sample("wants_weakly")).serious(), Codes{}); }

TEST_F(Doctor, SaysWhatCannotBeKnownOfPlugins) {
  expect_note(sample("needs_ordinary"), "", "");
  const Diagnosis found = of(sample("second_libc"));
  EXPECT_EQ(found.serious(), Codes{});
  EXPECT_TRUE(has(found.what("plugins"), "RTLD_DEEPBIND")) << found.outcome();
}

TEST_F(Doctor, FollowsScripts) {
  expect(script("#!" + sample("static_program").string() + " -x\n"), "static", "static_program");
  const Diagnosis found = of(script("#!/usr/bin/env -S sh -e\n"));
  EXPECT_EQ(found.serious(), Codes{}) << found.outcome();
  EXPECT_TRUE(has(found.what("script"), "is a script for /usr/bin/env")) << found.outcome();
}

TEST_F(Doctor, KnowsPrograms) {
  EXPECT_EQ(of("/nonexistent/program").outcome().exit_code, 1);
  EXPECT_TRUE(has(of("no-such-program").outcome().err, "'no-such-program' in PATH"));
  EXPECT_EQ(of("/etc").outcome().exit_code, 1);
  EXPECT_EQ(playground_.run({"doctor"}).exit_code, 2);
  EXPECT_EQ(playground_.run({"doctor", ""}).exit_code, 2);
}

TEST_F(Doctor, KnowsAProgramThatCannotStartHere) {
  const auto copy = playground_ / "needs_ordinary";
  fs::copy_file(sample("needs_ordinary"), copy);
  const Diagnosis found = of(copy);
  EXPECT_EQ(found.serious(), Codes{"cannot_start"}) << found.outcome();
  EXPECT_TRUE(has(found.what("cannot_start"), "libordinary.so")) << found.outcome();
}

TEST_F(Doctor, KnowsALibraryThatCannotBeLoaded) {
  std::string elf = read_file(library());
  const auto copy = playground_ / "libheapmeter.so";
  playground_.set("HEAPMETER_LIBRARY", copy);
  for (const auto &[series, package] : {std::pair{'2', "libmimalloc2.0"}, {'3', "libmimalloc3"}}) {
    for (std::size_t at = 0; (at = elf.find("imalloc.so.", at)) != elf.npos; ++at) {
      elf[at - 1] = 'n';
      elf[at + sizeof "imalloc.so." - 1] = series;
    }
    write_file(copy, elf);
    expect("/bin/true", "library_missing", std::string("libnimalloc.so.") + series);
    EXPECT_EQ(of("/bin/true").advice("library_missing"), std::string("install ") + package);
  }
  write_file(copy, "no library");
  expect("/bin/true", "library_missing", "is not a shared library");
  fs::remove(copy);
  EXPECT_TRUE(has(of("/bin/true").outcome().err, "HEAPMETER_LIBRARY"));
}

// By which $LIB stands in it, for the children's sake.
TEST_F(Doctor, KnowsALibraryThatCannotBeLoadedByTheNameThatRunGivesIt) {
  const fs::path folder = playground_ / "heapmeter" / "preload";
  fs::create_directories(folder);
  fs::copy(library(), playground_ / "libheapmeter.so");
  playground_.set("HEAPMETER_LIBRARY", playground_ / "libheapmeter.so");
  EXPECT_EQ(of("/bin/true").serious(), Codes{});
  fs::create_symlink("../../libheapmeter.so", folder / "libheapmeter.so");
  expect("/bin/true", "library_missing", "preload/$LIB/libheapmeter.so");
}

TEST_F(Doctor, KnowsAPreloadByHandThatIsInVain) {
  for (const char *name : {"libheapmeter.so", "/nonexistent/$LIB/libheapmeter.so"}) {
    playground_.set("LD_PRELOAD", name);
    const Diagnosis found = of("/bin/true");
    EXPECT_TRUE(
        has(found.what("preload_in_vain"), name + std::string(", which is not loaded into /bin/true: ")))
        << found.outcome();
    EXPECT_EQ(found.text("verdict"), "yes") << "by run";
  }
  const std::string folder = library().parent_path();
  for (const char *name : {"/libheapmeter.so", "/heapmeter/preload/$LIB/libheapmeter.so",
                           "/heapmeter/preload/${LIB}/libheapmeter.so"}) {
    playground_.set("LD_PRELOAD", folder + name);
    EXPECT_FALSE(of("/bin/true").has("preload_in_vain")) << name;
    EXPECT_EQ(of("/bin/true").serious(), Codes{}) << name;
  }
}

TEST_F(Doctor, KnowsTheSwitches) {
  playground_.set("HEAPMETER_OFF", "1");
  expect("/bin/true", "switched_off", "HEAPMETER_OFF=1 switches the meter off for true");
  playground_.set("HEAPMETER_OFF", "0");
  playground_.set("HEAPMETER_ONLY", "a,b");
  expect("/bin/true", "switched_off", "HEAPMETER_ONLY=a,b");
  playground_.set("HEAPMETER_ONLY", "a,true");
  EXPECT_EQ(of("/bin/true").serious(), Codes{});
  playground_.set("HEAPMETER_EXCEPT", "true");
  expect("/bin/true", "switched_off", "HEAPMETER_EXCEPT=true");
  playground_.set("HEAPMETER_EXCEPT", "tru");
  playground_.set("HEAPMETER_SERVE", "off");
  expect("/bin/true", "not_served", "HEAPMETER_SERVE=off");
}

TEST_F(Doctor, TakesTheSameNameForAScriptAsTheLibraryDoes) {
  playground_.set("HEAPMETER_ONLY", "script");
  EXPECT_EQ(of(script("#!/bin/sh\n")).serious(), Codes{}) << "the kernel gives its own name";
  EXPECT_EQ(of(script("#!/usr/bin/env sh\n")).serious(), Codes{"switched_off"}) << "env starts sh";
}

TEST_F(Doctor, KnowsAuditorsAndValgrind) {
  playground_.set("LD_AUDIT", "/nonexistent/auditor.so");
  EXPECT_TRUE(has(of("/bin/true").what("audit"), "/nonexistent/auditor.so"));
  playground_.set("LD_AUDIT", "");
  EXPECT_EQ(of("/usr/bin/valgrind").serious(), Codes{"valgrind"});
}

// --- programs that gain privileges, as a user who is not root has them

TEST_F(Doctor, StartsNoOtherProgramInTheLinkersPlace) {
  Command command = playground_.command({"doctor", "--json", sample("loaded_by_cat")});
  command.input = "what nobody may read";
  const Diagnosis found(run(command));
  EXPECT_TRUE(has(found.what("unreadable"), "loaded by /bin/cat")) << found.outcome();
  EXPECT_NE(found.text("verdict"), "yes");
  EXPECT_FALSE(has(found.outcome().out + found.outcome().err, "nobody may read")) << found.outcome();
}

TEST_F(Doctor, DoesNotCallMeterableWhatIsCutOff) {
  const std::string whole = read_file(sample("holder_of_bytes"));
  for (const std::size_t left : {std::size_t{40}, std::size_t{4000}, whole.size() / 3}) {
    const std::string cut = playground_ / "cut";
    write_file(cut, whole.substr(0, left));
    chmod(cut.c_str(), 0755);
    const Diagnosis found = of(cut);
    EXPECT_TRUE(has(found.what("cannot_start"), "cut off")) << left << found.outcome();
    EXPECT_EQ(found.outcome().exit_code, 1);
  }
}

TEST_F(Doctor, SaysSoWhereItCannotSeeTheSymbols) {
  const std::string holder = playground_ / "without";
  std::string text = read_file(sample("holder_of_bytes"));
  auto *header = reinterpret_cast<Elf64_Ehdr *>(text.data());
  header->e_shoff = header->e_shnum = header->e_shstrndx = 0;
  write_file(holder, text);
  chmod(holder.c_str(), 0755);
  const Diagnosis found = of(holder);
  EXPECT_TRUE(has(found.what("unreadable"), "no tables of symbols")) << found.outcome();
}

class Privileged : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can give privileges to a file";
    fs::permissions(dir_.path(), fs::perms(0755));
    for (const auto &file : {tool(), library(), sample("holder_of_bytes")})
      fs::copy_file(file, dir_ / file.filename());
    program_ = dir_ / "holder_of_bytes";
  }
  Outcome as_nobody(std::vector<std::string> arguments) const {
    Command command{
        {program("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups", dir_ / "heapmeter"}};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.environment["HEAPMETER_LIBRARY"] = dir_ / "libheapmeter.so";
    command.environment["HEAPMETER_SERVE"] = "off";
    return run(command);
  }
  void expect(const std::string &words) const {
    const Diagnosis found(as_nobody({"doctor", "--json", program_}));
    EXPECT_TRUE(has(found.what("privileged"), words)) << found.outcome();
    EXPECT_EQ(found.text("verdict"), "no");
    const Outcome run = as_nobody({"run", "--", program_, "1", "1"});
    EXPECT_EQ(run.exit_code, 1) << run;
    EXPECT_TRUE(has(run.err, "heapmeter: " + found.what("privileged"))) << run;
  }
  TempDir dir_;
  std::string program_;
};

TEST_F(Privileged, BySetUid) {
  ASSERT_EQ(chmod(program_.c_str(), 04755), 0);
  expect("set-uid to user root");
}
TEST_F(Privileged, BySetGid) {
  ASSERT_EQ(chmod(program_.c_str(), 02755), 0);
  expect("set-gid to group 0");
}
TEST_F(Privileged, ByFileCapabilities) {
  const Outcome set = run({{"/usr/sbin/setcap", "cap_net_raw+ep", program_}});
  if (!set.ok()) GTEST_SKIP() << "no file capabilities here: " << set.err;
  expect("given file capabilities");
  const Diagnosis found(as_nobody({"doctor", "--json", "/bin/true"}));
  EXPECT_FALSE(found.has("privileged")) << found.outcome();
}
TEST_F(Privileged, AndNotToBeRead) {
  ASSERT_EQ(chmod(program_.c_str(), 0711), 0);
  const Diagnosis found(as_nobody({"doctor", "--json", program_}));
  EXPECT_TRUE(has(found.what("unreadable"), "not read")) << found.outcome();
}

}  // namespace
