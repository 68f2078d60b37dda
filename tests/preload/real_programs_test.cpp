// SPDX-License-Identifier: MIT
//
// Programs people run, under the meter: the same script (real_programs/) in two fresh directories, metered
// and not, must print the same and end with the same code; and the meter must have seen the program in
// question. The "Everyday" ones are for every check; the "Large" ones are slow or need large packages, as do
// the "Languages", most of which collect garbage in heaps of their own: tools/prove real-programs, languages.
#include <gtest/gtest.h>

#include <unistd.h>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

enum class As { kMe, kNobody };

// In place of a backend: on mimalloc, with each allocation attributed to the code that makes it.
constexpr std::string_view kEvery = "every";

// Of a program that brings an allocator of its own: nothing of it is counted.
constexpr std::int64_t kPassed = -1;

struct Case {
  const char *script;
  const char *name;    // the program whose books are looked at
  std::int64_t least;  // what it must have allocated at least, or kPassed
  // Who runs it: some servers refuse to be root's.
  As user = As::kMe;
  std::chrono::seconds deadline{150};
};

constexpr uid_t kNobody = 65534;

bool as_nobody(const Case &which) { return which.user == As::kNobody && geteuid() == 0; }

Outcome run_script(const Case &which, const Environment &environment, const TempDir &directory) {
  const std::filesystem::path source = source_root() / "tests" / "preload" / "real_programs";
  const std::filesystem::path script = directory / ".script.sh";
  write_file(script,
             read_file(source / "until_true.sh") + read_file(source / (std::string(which.script) + ".sh")));
  Command command{{program("bash"), "--norc", "-e", script}};
  command.environment = environment;
  command.environment["HOME"] = ".";
  command.environment["PYTHONHASHSEED"] = "0";
  command.environment["TMPDIR"] = ".";
  command.directory = directory.path();
  command.deadline = which.deadline;
  if (as_nobody(which)) {
    directory.give_to(kNobody);
    const std::string id = std::to_string(kNobody);
    command.argv.insert(command.argv.begin(),
                        {program("setpriv"), "--reuid=" + id, "--regid=" + id, "--clear-groups"});
  }
  return run(command);
}

// Zombies are gone, though nobody may have asked for their exit code yet.
bool all_gone(const std::vector<std::filesystem::path> &sockets) {
  for (const auto &socket : sockets) {
    const std::string pid = std::to_string(std::stoi(socket.filename().string()));
    std::ifstream status("/proc/" + pid + "/stat");
    const std::string text((std::istreambuf_iterator<char>(status)), {});
    const auto name_end = text.rfind(')');
    if (name_end != std::string::npos && text.compare(name_end, 3, ") Z") != 0) return false;
  }
  return true;
}

boost::json::value json_of(const std::filesystem::path &file) { return boost::json::parse(read_file(file)); }

// What the script said is at rest is listed, and its memory is explained.
void expect_accounted(const Case &which, const TempDir &directory) {
  int accounts = 0;
  for (const auto &entry : std::filesystem::directory_iterator(directory.path())) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(".account.")) continue;
    ++accounts;
    const std::string pid = name.substr(name.rfind('.') + 1);
    const auto listed = json_of(directory / (".ps." + pid)).as_array();
    EXPECT_TRUE(std::any_of(listed.begin(), listed.end(),
                            [&](const auto &row) {
                              return std::to_string(row.at("local_pid").template to_number<pid_t>()) == pid;
                            }))
        << pid << " is not in `ps`";
    const auto account = json_of(entry.path());
    const auto resident = account.at("resident_bytes").to_number<double>();
    for (const char *unexplained : {"remainder_bytes", "disagreement_bytes"})
      EXPECT_LE(std::abs(account.at(unexplained).to_number<double>()), resident / 100)
          << unexplained << " of " << account;
  }
  const bool rests =
      read_file(directory / ".script.sh")
          .find("at_rest ", read_file(source_root() / "tests/preload/real_programs/until_true.sh").size()) !=
      std::string::npos;
  EXPECT_TRUE(accounts > 0 || which.least == kPassed || !rests);
}

class RealPrograms : public ::testing::TestWithParam<std::tuple<Case, const char *>> {};

TEST_P(RealPrograms, SameOutputAndExitCodeMetered) {
  const Case &which = std::get<0>(GetParam());
  const TempDir unmetered, directory;
  const Outcome plain = run_script(which, plain_environment(), unmetered);
  ASSERT_TRUE(plain.ok()) << plain;
  ASSERT_FALSE(plain.out.empty());
  Meter meter;
  Environment environment = meter.environment();
  const bool every = std::get<1>(GetParam()) == kEvery;
  const std::string backend = every ? "mimalloc" : std::get<1>(GetParam());
  environment["HEAPMETER_BACKEND"] = backend;
  if (every) environment["HEAPMETER_SAMPLE"] = "every";
  const PublicCopies copies("witness_c");
  meter.let_all_report();
  if (as_nobody(which)) {
    environment["LD_PRELOAD"] = copies.library();
    meter.give_to(kNobody);
  }
  const std::filesystem::path tool = copies.library().parent_path() / "heapmeter";
  std::filesystem::copy_file(build_root() / "tools" / "heapmeter", tool);
  environment["HEAPMETER_TOOL"] = tool;
  const Outcome metered = run_script(which, environment, directory);
  expect_accounted(which, directory);
  EXPECT_EQ(metered.out, plain.out);
  EXPECT_EQ(metered.err, plain.err);
  EXPECT_EQ(metered.exit_code, plain.exit_code);
  // A server may outlive the script by its own exit, report included. A child that ends by _exit leaves its
  // socket's file behind, for the next `heapmeter ps` to remove.
  EXPECT_TRUE(eventually([&] { return all_gone(meter.sockets()); }))
      << meter.sockets().front() << " is served still";
  std::int64_t most = -1;
  for (const Reading &report : meter.reports()) {
    EXPECT_EQ(report["live_bytes"], report["allocated_bytes"] - report["freed_bytes"]);
    EXPECT_EQ(report.fields().at("backend").as_string(), is_on_mimalloc() ? backend : "next");
    for (const char *fault :
         {"mismatches", "size_mismatches", "double_frees", "foreign_frees", "inner_frees"}) {
      EXPECT_EQ(report[fault], 0) << report.fields().at("name") << ": " << fault
                                  << report.fields().at("faults");
    }
    if (report.fields().at("name").as_string() == which.name) most = std::max(most, report["allocations"]);
  }
  if (which.least == kPassed) {
    EXPECT_EQ(most, kPassed) << which.name << " was metered";
  } else {
    EXPECT_GE(most, which.least) << which.name << " was not metered";
  }
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Case, const char *>> &info) {
  return std::string(std::get<0>(info.param).script) + "_on_" + std::get<1>(info.param);
}

const auto kBackends = ::testing::Values("mimalloc", "next");

INSTANTIATE_TEST_SUITE_P(
    Everyday, RealPrograms,
    ::testing::Combine(::testing::Values(Case{"python", "python3", 100000}, Case{"perl", "perl", 50000},
                                         Case{"git", "git", 1000}, Case{"sqlite3", "sqlite3", 10000},
                                         Case{"compiler", "cc1plus", 100000}, Case{"node", "node", 1000},
                                         Case{"redis", "redis-server", 10000}, Case{"shell", "bash", 100},
                                         Case{"redis_replica", "redis-server", 10000},
                                         Case{"openssl", "openssl", 1000}, Case{"xz", "xz", 50},
                                         Case{"vim", "vi", 1000}, Case{"tmux", "tmux: server", 100},
                                         Case{"man", "man", 100}),
                       kBackends),
    name_of);

constexpr std::chrono::minutes kLong{20};

INSTANTIATE_TEST_SUITE_P(
    Large, RealPrograms,
    ::testing::Combine(::testing::Values(Case{"python_tests", "python3", 1000000, As::kMe, kLong},
                                         Case{"clang", "clang++-14", 100000, As::kMe, kLong},
                                         Case{"java", "java", 1000, As::kMe, kLong},
                                         Case{"imagemagick", "convert-im6.q16", 1000, As::kMe, kLong},
                                         Case{"nginx", "nginx", 100, As::kMe, kLong},
                                         Case{"postgresql", "postgres", 10000, As::kNobody, kLong},
                                         Case{"apt", "apt-get", 1000, As::kMe, kLong},
                                         Case{"qemu", "qemu-system-x86", 10000, As::kMe, kLong},
                                         Case{"libreoffice", "soffice.bin", 100000, As::kMe, kLong},
                                         Case{"ffmpeg", "ffmpeg", 1000, As::kMe, kLong},
                                         Case{"php_fpm", "php-fpm8.2", 1000, As::kMe, kLong},
                                         Case{"mariadb", "mariadbd", 10000, As::kMe, kLong},
                                         Case{"r", "R", 10000, As::kMe, kLong},
                                         Case{"memcached", "memcached", 100, As::kMe, kLong},
                                         Case{"haproxy", "haproxy", 1000, As::kMe, kLong},
                                         Case{"chromium", "chromium", kPassed, As::kMe, kLong},
                                         Case{"sshd", "sshd", 1000, As::kMe, kLong},
                                         Case{"rsync", "rsync", 1000, As::kMe, kLong},
                                         Case{"openmpi", "ring", 1000, As::kMe, kLong},
                                         Case{"numpy", "python3", 10000, As::kMe, kLong},
                                         Case{"dovecot", "imap", 1000, As::kNobody, kLong}),
                       ::testing::Values("mimalloc", "next", "every")),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Languages, RealPrograms,
    ::testing::Combine(
        ::testing::Values(
            Case{"ruby", "ruby", 100000, As::kMe, kLong}, Case{"erlang", "beam.smp", 10000, As::kMe, kLong},
            Case{"haskell", "ghc", 100, As::kMe, kLong}, Case{"ocaml", "ocaml", 1000, As::kMe, kLong},
            Case{"lisp", "emacs", 100000, As::kMe, kLong}, Case{"prolog", "swipl", 10000, As::kMe, kLong},
            Case{"octave", "octave-cli", 10000, As::kMe, kLong}, Case{"mono", "mono", 10000, As::kMe, kLong},
            Case{"tcl", "tclsh", 1000, As::kMe, kLong}, Case{"documents", "dot", 10000, As::kMe, kLong},
            Case{"apache", "apache2", 100, As::kMe, kLong}, Case{"bind", "named", 1000, As::kMe, kLong},
            Case{"varnish", "varnishd", 1000, As::kMe, kLong},
            Case{"pictures", "blender", 100000, As::kMe, kLong}),
        ::testing::Values("mimalloc", "next", "every")),
    name_of);

}  // namespace
}  // namespace heapmeter::testing
