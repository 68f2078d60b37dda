// SPDX-License-Identifier: MIT
//
// Files that want to harm whoever names a process: broken ones, and what is no file at all.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <numeric>
#include <random>
#include <set>
#include <sstream>

#include "symbols/namer.h"
#include "symbols/reader.h"
#include "system/foreign_file.h"
#include "system/process.h"
#include "tools/symbols/named_program.h"

using namespace heapmeter::testing;
using heapmeter::cli::ForeignFile;
using heapmeter::cli::symbols::Findings;
namespace process = heapmeter::cli::process;
using heapmeter::cli::symbols::Module;
using heapmeter::cli::symbols::Namer;
using heapmeter::cli::symbols::Options;
using heapmeter::cli::symbols::take_apart;
using heapmeter::cli::symbols::Work;

namespace {

namespace fs = std::filesystem;

class HostileFiles : public ::testing::Test {
 protected:
  // Named as the program's own file is: its advice, after a name was asked for.
  std::vector<std::string> advice_on(const std::string &path) const {
    Namer names(0, {{path, "", 0, 0, 0}}, Options{"", false});
    for (const std::uint64_t offset : {0x1500u, 0x1600u, 0x1700u, 0x10u, 0xffffffffu})
      EXPECT_FALSE(names.name(0, offset).empty());
    return names.advice();
  }
  TempDir place_;
};

TEST_F(HostileFiles, CostALineEach) {
  const std::string whole = read_file(sample("named_calls"));
  std::mt19937 random(20240229);
  const fs::path file = place_ / "broken";
  int without_advice = 0;
  for (int variant = 0; variant < 200; ++variant) {
    std::string text = whole;
    if (variant % 4 == 0) text.resize(random() % text.size());
    // Every part of the file; its headers more often than by chance.
    for (int flip = variant % 4 == 0 ? 4 : 40; flip > 0 && !text.empty(); --flip) {
      const std::size_t range = flip % 4 == 0 ? std::min<std::size_t>(text.size(), 1024) : text.size();
      text[random() % range] = static_cast<char>(random());
    }
    write_file(file, text);
    const auto advice = advice_on(file);
    EXPECT_LE(advice.size(), 2u) << "variant " << variant;
    without_advice += advice.empty() ? 1 : 0;
  }
  EXPECT_LT(without_advice, 200) << "none of them was broken";
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a reader was left behind";
}

TEST_F(HostileFiles, AreNotWaitedForWhenTheyAreNoFiles) {
  const fs::path fifo = place_ / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0666), 0);
  EXPECT_EQ(advice_on(fifo),
            std::vector<std::string>{"no names for fifo (no regular file): its file cannot be read"});
  EXPECT_EQ(advice_on(place_ / "nothing").size(), 1u);
  write_file(place_ / "text", "no program");
  EXPECT_EQ(advice_on(place_ / "text"),
            std::vector<std::string>{"no names for text: it is no ELF file, or a broken one"});
  write_file(place_ / "empty", "");
  EXPECT_EQ(advice_on(place_ / "empty").size(), 1u);
}

TEST_F(HostileFiles, AreNotFollowedWhereTheyPointTo) {
  const fs::path file = place_ / "named_calls";
  fs::copy_file(sample("named_calls"), file);
  must_run({"objcopy", "--only-keep-debug", file, place_ / "elsewhere.debug"});
  must_run({"strip", file});
  must_run({"objcopy", "--add-gnu-debuglink=" + (place_ / "elsewhere.debug").string(), file});
  fs::rename(place_ / "elsewhere.debug", place_ / "secret");
  fs::create_symlink(place_ / "secret", place_ / "elsewhere.debug");
  const NamedProgram program(fs::canonical(file));
  Namer names(program.pid(), program.modules(), Options{"", false});
  EXPECT_EQ(names.name(0, program.call("static").offset)[0].function, "");
}

class Reader : public HostileFiles {
 protected:
  // An address of code in it.
  static std::uint64_t named_calls_main() {
    const NamedProgram program(sample("named_calls"));
    return program.call("inlined").offset - 1;
  }
  Work work_on(const ForeignFile &file) const {
    Work work;
    work.path = sample("named_calls");
    work.file = file.fd();
    work.bytes = file.size();
    work.addresses = {0x1000, 0x1500};
    return work;
  }
};

// Its own process, while it works.
int reader_now() {
  for (const int each : process::all()) {
    const auto status = process::status(each);
    if (status && status->parent == getpid() && status->state != 'Z') return each;
  }
  return 0;
}

TEST_F(Reader, HasNeitherTheToolsRightsNorWhatItHasOpen) {
  const ForeignFile file = ForeignFile::named(sample("named_calls")), other = ForeignFile::named("/bin/sh");
  Work work = work_on(file);
  work.of_stranger = true;
  // Far more to do than anybody waits for.
  work.addresses.assign(3'000'000, named_calls_main());
  int seen = 0;
  work.waiting = [&] {
    const int reader = reader_now();
    ASSERT_NE(reader, 0);
    ++seen;
    EXPECT_EQ(process::effective_user(reader), geteuid() == 0 ? 65534u : geteuid());
    std::set<std::string> open;
    for (const auto &each : fs::directory_iterator("/proc/" + std::to_string(reader) + "/fd"))
      open.insert(fs::read_symlink(each).string());
    EXPECT_TRUE(open.contains(fs::canonical(sample("named_calls"))));
    EXPECT_FALSE(open.contains(fs::canonical("/bin/sh")));
    EXPECT_EQ(open.size(), 3u) << "the file, the pipe, and nowhere";
    kill(reader, SIGKILL);
  };
  EXPECT_EQ(take_apart(work).end, Findings::End::kDied);
  EXPECT_EQ(seen, 1) << "it was not at work when it was looked at";
}

TEST_F(Reader, EndsWhenItTakesTooLong) {
  const ForeignFile file = ForeignFile::named(sample("named_calls"));
  Work work = work_on(file);
  work.addresses.assign(3'000'000, named_calls_main());
  work.seconds = 1;
  EXPECT_EQ(take_apart(work).end, Findings::End::kSlow);
}

// As the compiler calls it.
bool is_lambda_of_all(const std::string &function) {
#if defined(__clang__)
  return function.starts_with("all_lambdas::$_") && function.ends_with("::operator()() const");
#else
  return function == "all_lambdas::{lambda}::operator()";
#endif
}

// Asked for the place of each by itself, libdw walks their unit from its beginning each time.
TEST_F(Reader, NamesAThousandLambdasOfAUnitInTime) {
  const fs::path path = sample("many_lambdas");
  const ForeignFile file = ForeignFile::named(path);
  Work work = work_on(file);
  work.path = path;
  Command symbols{{"nm", "-S", path}};
  symbols.environment["PATH"] = "/usr/bin:/bin";
  std::istringstream lines(run(symbols).out);
  std::uint64_t at = 0, size = 0;
  for (std::string line, kind, name; name != "all_lambdas" && std::getline(lines, line);)
    std::istringstream(line) >> std::hex >> at >> size >> kind >> name;
  ASSERT_GT(size, 1000u);
  work.addresses.resize(size);
  std::iota(work.addresses.begin(), work.addresses.end(), at);
  work.seconds = 3;
  const Findings findings = take_apart(work);
  EXPECT_EQ(findings.end, Findings::End::kWell);
  EXPECT_EQ(findings.named.size(), size);
  const auto lambdas = std::count_if(findings.named.begin(), findings.named.end(), [](const auto &each) {
    return !each.frames.empty() && is_lambda_of_all(each.frames[0].function);
  });
  EXPECT_GE(lambdas, 1000);
}

TEST_F(Reader, EndsWithItsFileCutOffUnderIt) {
  const fs::path path = place_ / "shrinking";
  fs::copy_file(sample("named_calls"), path);
  const ForeignFile file = ForeignFile::named(path);
  fs::resize_file(path, 4096);
  const Findings findings = take_apart(work_on(file));
  EXPECT_LE(findings.named.size(), 2u);
}

}  // namespace
