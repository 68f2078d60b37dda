// SPDX-License-Identifier: MIT
//
// shim/SYSTEM_CALLS.md names every system call that the library makes: none is made that is not there, and
// those that harm at the start, where a filter kills for them, are those that it says.
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/syscall.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "site_sums.h"

namespace heapmeter::testing {
namespace {

using Names = std::set<std::string>;

const std::map<std::string, long> kNumbers = {
#define CALL(name) \
  { #name, SYS_##name }
    CALL(accept4),     CALL(bind),        CALL(capget),        CALL(clock_gettime),  CALL(clone),
    CALL(close),       CALL(close_range), CALL(exit),          CALL(exit_group),     CALL(faccessat2),
    CALL(fchmodat),    CALL(fstat),       CALL(ftruncate),     CALL(futex),          CALL(getcwd),
    CALL(getrandom),   CALL(getdents64),  CALL(geteuid),       CALL(getpid),         CALL(getppid),
    CALL(getresgid),   CALL(getresuid),   CALL(getsockopt),    CALL(gettid),         CALL(ioctl),
    CALL(kill),        CALL(listen),      CALL(lseek),         CALL(madvise),        CALL(mincore),
    CALL(mkdirat),     CALL(mlock),       CALL(mlock2),        CALL(mlockall),       CALL(mmap),
    CALL(mremap),      CALL(munlock),     CALL(munlockall),    CALL(munmap),         CALL(nanosleep),
    CALL(newfstatat),  CALL(openat),      CALL(ppoll),         CALL(prctl),          CALL(pread64),
    CALL(prlimit64),   CALL(pselect6),    CALL(read),          CALL(readlinkat),     CALL(recvfrom),
    CALL(renameat),    CALL(renameat2),   CALL(rt_sigpending), CALL(rt_sigprocmask), CALL(rt_sigtimedwait),
    CALL(sched_yield), CALL(sendto),      CALL(shutdown),      CALL(signalfd4),      CALL(socket),
    CALL(sysinfo),     CALL(tgkill),      CALL(unlinkat),      CALL(wait4),          CALL(waitid),
    CALL(write),
#if defined(SYS_open)
    CALL(open)
#endif
#undef CALL
};

std::string document() { return read_file(source_root() / "shim" / "SYSTEM_CALLS.md"); }

// But for paths and names of tests.
Names words_in(const std::string &text) {
  static const std::regex quoted("`[^`]*`"), word("[a-z_0-9]+");
  const std::string prose = std::regex_replace(text, quoted, "");
  Names words;
  for (std::sregex_iterator at(prose.begin(), prose.end(), word), end; at != end; ++at)
    words.insert(at->str());
  return words;
}

Names calls_in(const std::string &text) {
  Names names;
  for (const std::string &word : words_in(text)) {
    if (kNumbers.contains(word)) names.insert(word);
  }
  if (text.find("mlock family") != std::string::npos)
    names.merge(Names{"mlock", "mlock2", "mlockall", "munlock", "munlockall"});
  return names;
}

// Of the first table, the column of the calls.
std::string cells_of_calls() {
  const std::string text = document();
  const std::size_t begin = text.find("\n| when |");
  if (begin == std::string::npos) throw std::runtime_error("the document has no table of calls");
  std::istringstream lines(text.substr(begin + 1, text.find("\n\n", begin) - begin));
  std::string column;
  for (std::string line; std::getline(lines, line);) {
    static const std::regex row(R"(\|([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|)");
    std::smatch cells;
    if (!std::regex_match(line, cells, row)) throw std::runtime_error("not a row of four cells: " + line);
    column += cells[2].str() + "\n";
  }
  return column;
}

Names documented() { return calls_in(cells_of_calls()); }

// strace knows the names of all there are.
TEST(SystemCallsOfTheDocument, AreAllKnownToTheseTests) {
  const auto is_call = [](const std::string &word) {
    Command command{{program("strace"), "-o", "/dev/null", "-e", "trace=/^" + word + "$", program("true")}};
    command.environment = plain_environment();
    return run(command).ok();
  };
  ASSERT_TRUE(is_call("faccessat2"));
  for (const std::string &word : words_in(cells_of_calls()))
    EXPECT_TRUE(kNumbers.contains(word) || !is_call(word)) << word;
}

// What strace wrote with -f -i: which calls were made, and which of them by the library's own code.
struct Trace {
  explicit Trace(const std::filesystem::path &file) {
    static const std::regex call(R"((\d+) +\[([0-9a-f]+)\] (\w+)\((.*))");
    static const std::regex mapped(R"(NULL, (\d+), .*, (\d+), 0\) += 0x([0-9a-f]+))");
    static const std::regex opened(R"(.*/libheapmeter\.so".*\) += (\d+))");
    std::map<std::string, std::string> descriptors;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> libraries;
    std::istringstream lines(read_file(file));
    for (std::string line; std::getline(lines, line);) {
      std::smatch cells, inner;
      if (!std::regex_match(line, cells, call)) continue;
      const std::string process = cells[1], name = cells[3], rest = cells[4];
      all.insert(name);
      if (name == "openat" && std::regex_match(rest, inner, opened)) descriptors[process] = inner[1];
      const auto descriptor = descriptors.find(process);
      if (name == "mmap" && descriptor != descriptors.end() && std::regex_match(rest, inner, mapped) &&
          inner[2] == descriptor->second) {
        const std::uint64_t start = std::stoull(inner[3], nullptr, 16);
        libraries.emplace_back(start, start + std::stoull(inner[1]));
        descriptors.erase(descriptor);
      }
      const std::uint64_t from = std::stoull(cells[2], nullptr, 16);
      for (const auto &[start, end] : libraries) {
        if (from >= start && from < end) by_library.insert(name);
      }
    }
  }
  Names all, by_library;
};

class SystemCalls : public ::testing::TestWithParam<std::tuple<const char *, const char *>> {
 protected:
  // The program from its start to its end; `meanwhile` once it waits to be told to end.
  template <typename Meanwhile>
  Trace trace(const Environment &settings, Meanwhile meanwhile) {
    const auto file = dir_.path() / "trace";
    Command command{{program("strace"), "-f", "-i", "-s", "200", "-o", file}};
    for (const auto &[name, value] : settings) {
      command.argv.push_back("-E");
      command.argv.push_back(name + "=" + value);
    }
    command.argv.push_back(victim("every_feature"));
    command.environment = plain_environment();
    command.directory = dir_.path();
    Process process(command);
    EXPECT_TRUE(eventually([&] { return process.out() == "ready\n"; })) << process.err();
    const int traced = std::stoi(read_file("/proc/" + std::to_string(process.pid()) + "/task/" +
                                           std::to_string(process.pid()) + "/children"));
    meanwhile(traced);
    kill(traced, SIGUSR1);
    EXPECT_EQ(process.wait().exit_code, 0) << process.err();
    return Trace(file);
  }
  TempDir dir_;
  Meter meter_;
};

TEST_P(SystemCalls, AreAllInTheDocument) {
  const auto &[backend, sample] = GetParam();
  const Trace plain = trace({}, [](int) {});
  const auto told = dir_.path() / "told";
  std::filesystem::create_directory(told);
  const auto read_it = [&](int pid) {
    const auto socket = meter_.socket_of(pid);
    for (const char *page :
         {"/", "/v1/snapshot", "/v1/sizes", "/v1/threads", "/v1/account", "/v1/sites", "/metrics"})
      EXPECT_EQ(get(socket, page).status, 200) << page;
    Connection look(socket);
    look.send("POST /v1/leaks HTTP/1.1\r\nHost: heapmeter\r\nHeapmeter: 1\r\n\r\n");
    EXPECT_EQ(parse_answer(look.receive_all(std::chrono::seconds(60))).status, 200);
    EXPECT_EQ(post(socket, "sample=1K").status, 200);
  };
  Environment settings = meter_.environment();
  settings.merge(Environment{{"HEAPMETER_BACKEND", backend},
                             {"HEAPMETER_SAMPLE", sample},
                             {"HEAPMETER_HUGE_PAGES", "on"},
                             {"HEAPMETER_LEAKS", "exit"},
                             {"HEAPMETER_RUN", told}});
  settings["HEAPMETER_REPORT"] = "./report.%p";  // of a folder that has to be asked for
  const Trace metered = trace(settings, read_it);
  const Names listed = documented();
  EXPECT_GT(metered.by_library.size(), 40u) << "the library's own calls are seen";
  for (const std::string &name : metered.by_library)
    EXPECT_TRUE(listed.contains(name)) << name << ", by the library";
  for (const std::string &name : metered.all)
    EXPECT_TRUE(listed.contains(name) || plain.all.contains(name)) << name << ", with the library only";
}

INSTANTIATE_TEST_SUITE_P(Ways, SystemCalls,
                         ::testing::Combine(::testing::Values("mimalloc", "next"),
                                            ::testing::Values("every", "512K")),
                         [](const auto &info) {
                           return std::string(std::get<0>(info.param)) + "_" + std::get<1>(info.param);
                         });

// Of a program of one thread, one run for each call that is documented, in a sandbox that kills for that.
Names deadly(const Environment &environment, const std::vector<std::string> &what) {
  Command command{{victim("without_call"), "kill", program("env")}};
  std::string calls;
  for (const std::string &name : documented()) calls += name + "=" + std::to_string(kNumbers.at(name)) + ",";
  for (const auto &[name, value] : environment) {
    command.argv.push_back(name + "=" + value);
  }
  command.argv.insert(command.argv.end(), what.begin(), what.end());
  command.environment = plain_environment();
  command.environment["WITHOUT_CALLS"] = calls;
  const Outcome outcome = run(command);
  EXPECT_TRUE(outcome.ok()) << outcome;
  Names names;
  std::istringstream lines(outcome.out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    if (line.ends_with("signal " + std::to_string(SIGSYS))) names.insert(line.substr(0, line.find(':')));
  }
  EXPECT_EQ(static_cast<std::size_t>(count), documented().size()) << outcome;
  return names;
}

Names without(Names names, const Names &others) {
  for (const std::string &each : others) names.erase(each);
  return names;
}

Names calls_between(const char *first, const char *last) {
  const std::string text = document();
  const std::size_t begin = text.find(first), end = text.find(last, begin);
  if (end == std::string::npos) throw std::runtime_error("the document does not say what stays");
  return calls_in(text.substr(begin, end - begin));
}

// "What stays".
Names said_to_be_deadly() {
  Names said = calls_between("What stays:", "if it would have made none");
  if (mimalloc_version() >= 300) said.merge(calls_between("where mimalloc is of series 3", "The first is"));
  return said;
}

TEST(SystemCallsOfTheStart, HarmWhereTheDocumentSaysSo) {
  const std::vector<std::string> what = {victim("witness_c")};
  const Names plain = deadly({}, what), said = said_to_be_deadly();
  const Meter meter;
  Environment metered = meter.environment();
  metered["HEAPMETER_REPORT"] = "off";
  EXPECT_EQ(without(deadly(metered, what), plain), without(said, plain));
  metered["HEAPMETER_SERVE"] = "off";
  EXPECT_EQ(without(deadly(metered, what), plain), without(said, {"rt_sigprocmask", "clone"}));
}

// A filter that says of every wait that it was interrupted does not hold up who ends, and has to ask what it
// may report.
TEST(SystemCallsOfTheStart, DoNotWaitForEverWhereAFilterAnswers) {
  const Meter meter;
  Command command{{victim("without_call"), "interrupt", program("env")}};
  for (const auto &[name, value] : meter.environment()) command.argv.push_back(name + "=" + value);
  command.argv.push_back(program("true"));
  command.environment = plain_environment();
  command.environment["WITHOUT_CALLS"] = "wait4=" + std::to_string(SYS_wait4);
  command.deadline = std::chrono::seconds(30);
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.out, "wait4: code 0, signal 0\n") << outcome;
}

// Whether the child in which a report is tried may be waited for says nothing of the report.
TEST(SystemCallsOfTheStart, MayForbidTheWaitAndYetBeReported) {
  for (const char *how : {"kill", "trap", "interrupt"}) {
    for (const std::filesystem::path &what :
         {std::filesystem::path(program("true")), victim("until_served")}) {
      const Meter meter;
      Command command{{victim("without_call"), how, program("env")}};
      for (const auto &[name, value] : meter.environment()) command.argv.push_back(name + "=" + value);
      command.argv.push_back(what);
      command.environment = plain_environment();
      command.environment["WITHOUT_CALLS"] = "wait4=" + std::to_string(SYS_wait4);
      const Outcome outcome = run(command);
      EXPECT_EQ(outcome.out, "wait4: code 0, signal 0\n") << outcome;
      EXPECT_EQ(meter.reports().size(), 1u) << how << " " << what;
    }
  }
}

// The child in which they are tried cannot end by the call it would, and nobody waits for it for ever: the
// program comes to its own end, by the call that ends a thread.
TEST(SystemCallsOfTheStart, AreTriedThoughTheChildMayNotEndByItself) {
  const auto ends = [](const Environment &environment, const std::filesystem::path &what) {
    Command command{{victim("without_call"), "errno", program("env")}};
    for (const auto &[name, value] : environment) command.argv.push_back(name + "=" + value);
    command.argv.push_back(what);
    command.environment = plain_environment();
    command.environment["WITHOUT_CALLS"] = "exit_group=" + std::to_string(SYS_exit_group);
    command.deadline = std::chrono::seconds(60);
    const Outcome outcome = run(command);
    EXPECT_TRUE(outcome.ok()) << outcome;
    return outcome.out;
  };
  for (const std::filesystem::path &what : {std::filesystem::path(program("true")), victim("until_served")}) {
    const Meter meter;
    const std::string plain = ends({}, what);
    EXPECT_EQ(ends(meter.environment(), what), plain) << what;
    EXPECT_EQ(meter.reports().size(), 1u) << what;
  }
}

// The service has come, or seen that it cannot; and a report is written, or not.
TEST(SystemCallsOfTheStart, AreAllThatHarm) {
  const std::vector<std::string> what = {victim("until_served")};
  const Names plain = deadly({}, what), said = said_to_be_deadly();
  const Meter meter;
  EXPECT_EQ(without(deadly(meter.environment(), what), plain), without(said, plain));
}

}  // namespace
}  // namespace heapmeter::testing
