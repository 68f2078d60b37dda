// SPDX-License-Identifier: MIT
//
// Names of a running program's own calls, however its file was built, stripped, moved or replaced.
#include "symbols/namer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <numeric>
#include <sstream>

#include "tools/symbols/named_program.h"

using namespace heapmeter::testing;
using heapmeter::cli::symbols::Frame;
using heapmeter::cli::symbols::Namer;
using heapmeter::cli::symbols::Options;

namespace {

namespace fs = std::filesystem;

std::string base(const std::string &path) { return path.substr(path.rfind('/') + 1); }

std::string joined(const std::vector<std::string> &lines) {
  return std::accumulate(lines.begin(), lines.end(), std::string(),
                         [](const std::string &text, const std::string &line) { return text + line + "\n"; });
}

std::uint64_t address_of(const fs::path &file, const std::string &symbol) {
  Command command{{"nm", "--defined-only", file}};
  command.environment["PATH"] = "/usr/bin:/bin";
  std::istringstream lines(run(command).out);
  std::string address, kind, name;
  while (lines >> address >> kind >> name) {
    if (name == symbol) return std::stoull(address, nullptr, 16);
  }
  ADD_FAILURE() << file << " has no symbol " << symbol;
  return 0;
}

// With what is no such section.
void overwrite_section(const fs::path &file, const std::string &section) {
  const fs::path bytes = file.string() + ".bytes";
  std::ofstream(bytes) << std::string(16, '\xff');
  must_run({"objcopy", "--update-section", section + "=" + bytes.string(), file});
}

// Lambdas as the compiler calls them.
#if defined(__clang__)
constexpr const char *kLambda = "main::$_0::operator()(int) const";
constexpr const char *kInlinedLambda = "main::$_1::operator()() const";
#else
constexpr const char *kLambda = "main::{lambda(int)#1}::operator()(int) const";
constexpr const char *kInlinedLambda = "main::{lambda}::operator()";
#endif

class Names : public ::testing::Test {
 protected:
  Namer namer(const NamedProgram &program) const {
    return Namer(program.pid(), program.modules(), Options{place_ / "cache", false});
  }
  static std::vector<Frame> named(Namer &namer, const NamedProgram &program, const std::string &label) {
    return namer.name(program.call(label).module, program.call(label).offset);
  }
  // One function, not inlined, with file and line.
  static void expect_call(Namer &namer, const NamedProgram &program, const std::string &label,
                          const std::string &function, const std::string &file = "named_calls.cpp") {
    const auto frames = named(namer, program, label);
    ASSERT_EQ(frames.size(), 1u) << label << joined(namer.advice());
    EXPECT_EQ(frames[0].function, function) << joined(namer.advice());
    EXPECT_EQ(base(frames[0].file), file) << label;
    EXPECT_EQ(frames[0].line, program.call(label).line) << label;
    EXPECT_FALSE(frames[0].inlined);
    EXPECT_EQ(frames[0].offset, program.call(label).offset);
  }
  static void expect_all(Namer &namer, const NamedProgram &program) {
    expect_call(namer, program, "template",
                "void shop::fill<std::vector<std::string>>(std::vector<std::string>&)");
    expect_call(namer, program, "anonymous", "(anonymous namespace)::hidden(int)");
    expect_call(namer, program, "static", "of_this_file()");
    expect_call(namer, program, "lambda", kLambda);
    expect_call(namer, program, "c", "inner_in_c", "named_in_c.c");
    expect_call(namer, program, "last", "ends_with_call");
    const auto chain = named(namer, program, "inlined");
    ASSERT_EQ(chain.size(), 3u);
    EXPECT_EQ(chain[0].function.substr(0, 10), "shop::step");
    EXPECT_EQ(chain[0].line, program.call("inlined").line);
    EXPECT_TRUE(chain[0].inlined);
    EXPECT_TRUE(chain[1].function.find("grow<int>") != std::string::npos) << chain[1].function;
    EXPECT_TRUE(chain[1].inlined);
    EXPECT_EQ(chain[1].line, chain[0].line + 6) << "where grow calls step";
    EXPECT_EQ(chain[2].function, "shop::Cart::add(int)");
    EXPECT_FALSE(chain[2].inlined);
    EXPECT_EQ(chain[2].line, chain[0].line + 10) << "where add calls grow";
    EXPECT_EQ(chain[2].module, base(program.modules()[0].path));
  }
  fs::path copy(const std::string &name = "named_calls") const {
    fs::copy_file(sample(name), place_ / name);
    return fs::canonical(place_ / name);
  }
  TempDir place_;
};

TEST_F(Names, AreThoseOfEveryKindOfFunction) {
  const NamedProgram program(sample("named_calls"));
  Namer names = namer(program);
  expect_all(names, program);
  EXPECT_EQ(joined(names.advice()), "");
}

// It has no symbol where it is inlined, and its function is elsewhere.
TEST_F(Names, OfALambdaSayWhereItStands) {
  const NamedProgram program(sample("named_calls"));
  Namer names = namer(program);
  const auto chain = named(names, program, "inlined lambda");
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_EQ(chain[0].function, kInlinedLambda);
  EXPECT_TRUE(chain[0].inlined);
  EXPECT_NE(chain[1].function.find("call_it<"), std::string::npos) << chain[1].function;
}

TEST_F(Names, AreThoseOfAProgramAtAFixedPlace) {
  const NamedProgram program(sample("named_calls_fixed"));
  ASSERT_EQ(program.modules()[0].bias, 0u) << "it is no such program";
  Namer names = namer(program);
  expect_all(names, program);
}

TEST_F(Names, AreThoseOfALibraryOpenedLate) {
  const NamedProgram program(sample("named_calls"), sample("libnamed_plugin.so"));
  Namer names = namer(program);
  expect_call(names, program, "plugin", "plugin_call", "named_plugin.c");
  EXPECT_EQ(named(names, program, "plugin")[0].module, "libnamed_plugin.so");
}

TEST_F(Names, AreKnownAllAtOnceAsOneByOne) {
  const NamedProgram program(sample("named_calls"));
  Namer one = namer(program), all(program.pid(), program.modules(), Options{"", false});
  std::vector<heapmeter::cli::symbols::Place> places;
  for (const auto &[label, call] : program.calls()) places.push_back({call.module, call.offset});
  all.prepare(places);
  for (const auto &[label, call] : program.calls()) {
    const auto alone = named(one, program, label), together = named(all, program, label);
    ASSERT_EQ(alone.size(), together.size());
    for (std::size_t each = 0; each < alone.size(); ++each)
      EXPECT_EQ(alone[each].function, together[each].function);
  }
}

TEST_F(Names, AreTheSameFromTheCache) {
  const NamedProgram program(sample("named_calls"));
  Namer first = namer(program);
  expect_all(first, program);
  EXPECT_GT(std::distance(fs::directory_iterator(place_ / "cache"), fs::directory_iterator()), 1);
  Namer again = namer(program);
  expect_all(again, program);
  EXPECT_EQ(joined(again.advice()), "");
}

TEST_F(Names, WithoutDebugInformationAreThoseOfSymbols) {
  const fs::path file = copy();
  must_run({"strip", "--strip-debug", file});
  const NamedProgram program(file);
  Namer names = namer(program);
  const auto frames = named(names, program, "inlined");
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].function, "shop::Cart::add(int)");
  EXPECT_EQ(frames[0].line, 0);
  EXPECT_EQ(named(names, program, "last")[0].function, "ends_with_call");
  EXPECT_EQ(joined(names.advice()),
            "no files and lines for named_calls: built without -g, or stripped of what that adds\n");
}

// By what is left for unwinders.
TEST_F(Names, OfAStrippedFileAreWhereFunctionsBegin) {
  const fs::path file = copy();
  const std::uint64_t of_this_file = address_of(file, "_ZL12of_this_filev"),
                      ends_with_call = address_of(file, "ends_with_call");
  must_run({"strip", file});
  const NamedProgram program(file);
  Namer names = namer(program);
  const auto frames = named(names, program, "static");
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].begin, of_this_file);
  EXPECT_LT(frames[0].begin, frames[0].offset);
  EXPECT_EQ(named(names, program, "last")[0].begin, ends_with_call);
  Namer elsewhere(0, program.modules(), Options{"", false});
  EXPECT_EQ(named(elsewhere, program, "static")[0].begin, of_this_file);
}

TEST_F(Names, OfAStrippedFileWithoutUnwindTablesAreAddresses) {
  const fs::path file = copy();
  must_run({"strip", file});
  overwrite_section(file, ".eh_frame_hdr");
  const NamedProgram program(file);
  Namer names = namer(program);
  const auto frames = named(names, program, "static");
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].begin, 0u);
  EXPECT_EQ(frames[0].offset, program.call("static").offset);
}

TEST_F(Names, OfAStrippedFileAreMissedWithAdvice) {
  const fs::path file = copy();
  must_run({"strip", file});
  const NamedProgram program(file);
  Namer names = namer(program);
  const auto frames = named(names, program, "static");
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].function, "");
  EXPECT_EQ(frames[0].module, "named_calls");
  EXPECT_EQ(frames[0].offset, program.call("static").offset);
  const std::string advice = joined(names.advice());
  EXPECT_NE(advice.find("named_calls, whose symbols were stripped"), std::string::npos) << advice;
  EXPECT_NE(advice.find("build it with -g and do not strip it"), std::string::npos) << advice;
}

TEST_F(Names, ComeFromAFileBesideIt) {
  const fs::path file = copy();
  must_run({"objcopy", "--only-keep-debug", file, place_ / "named_calls.debug"});
  must_run({"strip", file});
  must_run({"objcopy", "--add-gnu-debuglink=" + (place_ / "named_calls.debug").string(), file});
  const NamedProgram program(file);
  Namer names = namer(program);
  expect_all(names, program);
  Namer elsewhere(0, program.modules(), Options{"", false});
  expect_all(elsewhere, program);
}

// A server of our own, on a port that was free a moment ago.
class DebugServer {
 public:
  DebugServer(const fs::path &files, const fs::path &place) : port_(free_port()) {
    Command command;
    command.argv = {"debuginfod", "-d", place / "index", "-F", "-p", port_, files};
    command.deadline = std::chrono::seconds(300);
    process_ = std::make_unique<Process>(command);
  }
  std::string url() const { return "http://127.0.0.1:" + port_; }
  bool has(const std::string &build_id) const {
    return eventually([&] {
      Command command;
      command.argv = {"curl", "-sfo", "/dev/null", url() + "/buildid/" + build_id + "/debuginfo"};
      return run(command).ok();
    });
  }

 private:
  static std::string free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(fd, reinterpret_cast<sockaddr *>(&address), size) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size) != 0)
      throw std::runtime_error("no port is free");
    close(fd);
    return std::to_string(ntohs(address.sin_port));
  }

  std::string port_;
  std::unique_ptr<Process> process_;
};

TEST_F(Names, ComeFromADebuginfodServer) {
  for (const char *needed : {"/usr/bin/debuginfod", "/usr/bin/curl"})
    if (access(needed, X_OK) != 0) GTEST_SKIP() << needed << " is not installed";
  const fs::path file = copy();
  fs::create_directory(place_ / "files");
  must_run({"objcopy", "--only-keep-debug", file, place_ / "files/named.debug"});
  must_run({"strip", file});
  const DebugServer server(place_ / "files", place_.path());
  ASSERT_TRUE(server.has(build_id_of(file)));
  const NamedProgram program(file);
  setenv("DEBUGINFOD_URLS", server.url().c_str(), 1);
  setenv("DEBUGINFOD_CACHE_PATH", (place_ / "debuginfod").c_str(), 1);
  Namer names = namer(program);
  expect_all(names, program);
  unsetenv("DEBUGINFOD_URLS");
  unsetenv("DEBUGINFOD_CACHE_PATH");
}

TEST_F(Names, ComeFromNoFileBesideItOfAnotherBuild) {
  const fs::path file = copy();
  must_run({"objcopy", "--only-keep-debug", sample("named_calls_fixed"), place_ / "named_calls.debug"});
  must_run({"strip", file});
  must_run({"objcopy", "--add-gnu-debuglink=" + (place_ / "named_calls.debug").string(), file});
  const NamedProgram program(file);
  Namer names = namer(program);
  EXPECT_EQ(named(names, program, "static")[0].function, "");
}

TEST_F(Names, AreThoseOfAFileThatIsNoMore) {
  const fs::path file = copy();
  const NamedProgram program(file);
  fs::remove(file);
  Namer names = namer(program);
  expect_all(names, program);
}

TEST_F(Names, AreThoseOfTheFileThatIsMappedWhateverStandsAtItsPlace) {
  const fs::path file = copy();
  const NamedProgram program(file);
  fs::rename(file, place_ / "old");
  fs::copy_file(sample("named_calls_fixed"), file);
  Namer names = namer(program);
  expect_all(names, program);
}

TEST_F(Names, AreNotTakenFromAnotherBuild) {
  const NamedProgram program(sample("named_calls"));
  auto modules = program.modules();
  modules[0].path = sample("named_calls_fixed");
  Namer names(0, modules, Options{place_ / "cache", false});
  EXPECT_EQ(named(names, program, "static")[0].function, "");
  EXPECT_EQ(joined(names.advice()),
            "no names for named_calls_fixed: another build stands in its place by now\n");
}

TEST_F(Names, AreThoseOfAProgramInARootOfItsOwn) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may give a process another root";
  if (!fs::exists(sample("named_calls_static"))) GTEST_SKIP() << "there are no static programs here";
  fs::create_directory(place_ / "bin");
  const fs::path root = fs::canonical(place_.path());
  fs::copy_file(sample("named_calls_static"), root / "bin/named");
  const NamedProgram program(Command{{"/usr/sbin/chroot", root, "/bin/named"}});
  ASSERT_EQ(program.modules()[0].path, "/bin/named");
  Namer names = namer(program);
  expect_all(names, program);
}

TEST_F(Names, OfNowhereAreEmpty) {
  const NamedProgram program(sample("named_calls"));
  Namer names = namer(program);
  for (const int module : {-2, -1, 0, 99}) {
    const auto frames = names.name(module, 0);
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].function, "");
  }
}

}  // namespace
