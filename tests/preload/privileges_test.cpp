// SPDX-License-Identifier: MIT
//
// Programs that gain privileges at their start, set-uid, set-gid or by file capabilities (AT_SECURE): the
// dynamic linker leaves out what their user preloads, and where the library comes in another way, linked or
// by the administrator, it takes no orders from their user: nothing is switched, written or opened for him.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <regex>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char *kCountedNotServed = "metered\ntoo small: EINVAL\nnull: EINVAL\nthreads 1\n";

// The parameter: by what.
class Privileged : public ::testing::TestWithParam<const char *> {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can give privileges to a file";
    struct statvfs mounted {};
    ASSERT_EQ(statvfs(directory().c_str(), &mounted), 0);
    if ((mounted.f_flag & ST_NOSUID) != 0) GTEST_SKIP() << directory() << " is mounted nosuid";
    fs::create_directory(directory() / "open");
    fs::permissions(directory() / "open", fs::perms::all);
  }
  fs::path directory() const { return copies_.library().parent_path(); }

  // "" when done, else why it cannot be.
  static std::string give_privileges(const fs::path &file) {
    if (GetParam() == std::string("set_uid")) return chmod(file.c_str(), 04755) == 0 ? "" : "chmod failed";
    if (GetParam() == std::string("set_gid")) return chmod(file.c_str(), 02755) == 0 ? "" : "chmod failed";
    const Outcome set = run({{program("setcap"), "cap_net_raw+ep", file}});
    return set.ok() ? "" : "no file capabilities here: " + set.err;
  }

  // What a user orders who would gain by it, of each variable that there is; `order` is one more.
  Environment orders(const std::string &order) const {
    Environment all = plain_environment();
    const std::string variables = read_file(source_root() / "shim" / "base" / "options.def");
    const std::regex texts_and_bytes(R"re(HEAPMETER_(TEXT|BYTES)\(\w+, "(\w+)")re");
    for (std::sregex_iterator each(variables.begin(), variables.end(), texts_and_bytes), end; each != end;
         ++each)
      all[(*each)[2]] = (*each)[1] == "TEXT" ? (directory() / "open").string() : "1";
    all["HEAPMETER_REPORT"] = directory() / "open" / "report.json";
    all["HEAPMETER_BACKEND"] = "a word that would be complained of";
    all["HEAPMETER_LEAKS"] = "exit";
    const auto equals = order.find('=');
    all[order.substr(0, equals)] = order.substr(equals + 1);
    return all;
  }
  static Command by_nobody(const std::vector<std::string> &argv) {
    Command command{{program("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"}};
    command.argv.insert(command.argv.end(), argv.begin(), argv.end());
    return command;
  }
  void expect_orders_ignored(const Outcome &outcome) const {
    EXPECT_EQ(outcome.out, kCountedNotServed) << outcome;
    EXPECT_EQ(outcome.err, "");
    EXPECT_TRUE(fs::is_empty(directory() / "open")) << "written where the user said";
  }

  const PublicCopies copies_{"off_switch"};
};

constexpr const char *kOrders[] = {"HEAPMETER_OFF=1", "HEAPMETER_EXCEPT=off_switch,linked",
                                   "HEAPMETER_ONLY=another", "HEAPMETER_SERVE=on"};

TEST_P(Privileged, LeaveOutWhatTheirUserPreloads) {
  Command command = by_nobody({copies_.victim()});
  command.environment["LD_PRELOAD"] = copies_.library();
  command.environment["HEAPMETER_SERVE"] = "off";
  EXPECT_EQ(run(command).out, kCountedNotServed) << "without privileges it must be preloaded";
  if (const std::string why = give_privileges(copies_.victim()); !why.empty()) GTEST_SKIP() << why;
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.out, "absent\nthreads 1\n");
}

TEST_P(Privileged, LinkedWithTheLibraryTakeNoOrders) {
  const fs::path linked = directory() / "linked";
  const Outcome built =
      run({{"/usr/bin/gcc", "-I", source_root() / "shim" / "include", "-o", linked,
            source_root() / "tests" / "preload" / "programs" / "off_switch.c", "-Wl,--no-as-needed",
            copies_.library(), "-Wl,-rpath," + directory().string()}});
  ASSERT_TRUE(built.ok()) << built;
  if (const std::string why = give_privileges(linked); !why.empty()) GTEST_SKIP() << why;
  for (const char *order : kOrders) {
    SCOPED_TRACE(order);
    Command command = by_nobody({linked});
    command.environment = orders(order);
    expect_orders_ignored(run(command));
  }
}

// Nor does what they execute once they are their new user entirely, when nothing tells it any more.
TEST_P(Privileged, PassNoOrdersOn) {
  const fs::path linked = directory() / "elevated";
  const Outcome built =
      run({{"/usr/bin/gcc", "-o", linked, source_root() / "tests" / "preload" / "programs" / "elevated.c",
            "-Wl,--no-as-needed", copies_.library(), "-Wl,-rpath," + directory().string()}});
  ASSERT_TRUE(built.ok()) << built;
  Command command = by_nobody({linked});
  command.environment = orders("HEAPMETER_SERVE=off");
  EXPECT_NE(run(command).out.find("HEAPMETER_"), std::string::npos) << "without privileges they are kept";
  if (const std::string why = give_privileges(linked); !why.empty()) GTEST_SKIP() << why;
  fs::remove_all(directory() / "open" / "report.json");
  const Outcome outcome = run(command);
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_EQ(outcome.out.find("HEAPMETER_"), std::string::npos) << outcome;
  EXPECT_NE(outcome.out.find("XDG_RUNTIME_DIR="), std::string::npos) << "all others stay: " << outcome;
}

// As by an administrator, in a mount namespace where nobody else sees it.
TEST_P(Privileged, PreloadedForAllTakeNoOrders) {
  if (const Outcome allowed = run({{program("unshare"), "--mount", "true"}}); !allowed.ok()) {
    GTEST_SKIP() << "no mount namespace here: " << allowed.err;
  }
  if (const std::string why = give_privileges(copies_.victim()); !why.empty()) GTEST_SKIP() << why;
  const Outcome copied = run({{program("cp"), "-a", "/etc", directory() / "etc"}});
  ASSERT_TRUE(copied.ok()) << copied;
  write_file(directory() / "etc" / "ld.so.preload", copies_.library().string() + "\n");
  for (const char *order : kOrders) {
    SCOPED_TRACE(order);
    std::string assignments;
    for (const auto &[name, value] : orders(order)) assignments += " '" + name + "=" + value + "'";
    // The linkers of the shell's helpers read the file, too: they are metered as well, and silent.
    const std::string script =
        "mount --bind $0/etc /etc &&"
        " exec setpriv --reuid=65534 --regid=65534 --clear-groups env -i" +
        assignments + " $1";
    expect_orders_ignored(run({{program("unshare"), "--mount", program("bash"), "--norc", "-c", script,
                                directory(), copies_.victim()}}));
  }
}

INSTANTIATE_TEST_SUITE_P(By, Privileged, ::testing::Values("set_uid", "set_gid", "file_capabilities"),
                         [](const auto &info) { return std::string(info.param); });

// A server may do so for each request.
TEST(Rights, AreSwitchedForLessThanThreeTimesThePrice) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can be another user for a while";
  const auto nanoseconds = [](const Environment &environment) {
    Command command{{victim("switch_cost")}};
    command.environment = environment;
    const Outcome outcome = run(command);
    EXPECT_TRUE(outcome.ok()) << outcome;
    return std::stol(outcome.out);
  };
  const Meter meter;
  const long plain = nanoseconds(plain_environment()), metered = nanoseconds(meter.environment());
  EXPECT_LT(metered, 3 * plain) << plain << " ns without the meter";
}

}  // namespace
}  // namespace heapmeter::testing
