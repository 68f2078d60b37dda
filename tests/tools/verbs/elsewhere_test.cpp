// SPDX-License-Identifier: MIT
//
// Processes whose sockets are elsewhere: in a container, of another user, moved; and what a run leaves
// behind.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <functional>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace fs = std::filesystem;

class Elsewhere : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can make namespaces and become others";
    environment_ = playground_.environment();
    environment_.erase("HEAPMETER_DIR");
  }
  std::unique_ptr<Process> start(std::vector<std::string> argv, const std::string &preload) {
    Command command{std::move(argv)};
    command.environment = environment_;
    command.environment["LD_PRELOAD"] = preload;
    auto process = std::make_unique<Process>(command);
    if (!eventually([&] { return process->out().starts_with("ready\n"); }, std::chrono::seconds(30)))
      throw std::runtime_error("did not start: " + process->err());
    return process;
  }
  Command tool_with(std::vector<std::string> arguments) const {
    Command command = playground_.command(std::move(arguments));
    command.environment = environment_;
    return command;
  }
  static pid_t child_of(pid_t parent) {
    const std::string path = "/proc/" + std::to_string(parent);
    pid_t child = 0;
    eventually([&] {
      child = atoi(read_file(path + "/task/" + std::to_string(parent) + "/children").c_str());
      return child != 0;
    });
    return child;
  }
  // With its pid as ours, by ps.
  bool is_listed(pid_t pid) const {
    const auto all = boost::json::parse(run(tool_with({"ps", "--json"})).out).as_array();
    return std::any_of(all.begin(), all.end(), [&](const auto &each) {
      return each.at("local_pid") == pid && each.at("answering") == true &&
             each.at("live_blocks").template to_number<int>() == 50;
    });
  }
  void expect_read(const std::string &target, pid_t pid) const {
    const Outcome outcome = run(tool_with({"stat", target}));
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
    EXPECT_NE(outcome.out.find("(" + std::to_string(pid) + ")"), std::string::npos) << "our pid: " << outcome;
    EXPECT_NE(outcome.out.find("50 blocks"), std::string::npos) << outcome;
  }
  // What asks by POST: a change of what is noted, and a look.
  void expect_ordered(const std::function<Outcome(std::vector<std::string>)> &tool,
                      const std::string &target) const {
    const Outcome changed = tool({"sites", target, "--sample", "every"});
    EXPECT_EQ(changed.exit_code, 0) << changed;
    const Outcome looked = tool({"leaks", target, "--once", "--json"});
    EXPECT_NE(looked.out.find("\"lost_blocks\":"), std::string::npos) << looked;
    EXPECT_EQ(boost::json::parse(tool({"stat", target, "--json"}).out).at("sampling"), "every");
    EXPECT_EQ(tool({"sites", target, "--sample", "off"}).exit_code, 0);
  }
  Playground playground_;
  Environment environment_;
};

// A container: other pids, and a /tmp of its own, in which the socket is.
TEST_F(Elsewhere, InAContainerIsFoundByRoot) {
  const std::string name = "boxed" + std::to_string(getpid());
  // Not below /tmp, which the container does not have.
  const fs::path place = "/var/tmp/heapmeter-test-" + name;
  fs::create_directory(place);
  fs::copy_file(library(), place / "libheapmeter.so");
  fs::copy_file(sample("holder_of_bytes"), place / name);
  const auto box =
      start({"/usr/bin/unshare", "--mount", "--pid", "--net", "--fork", "--mount-proc", "sh", "-c",
             "mount -t tmpfs none /tmp; LD_PRELOAD=$1/libheapmeter.so exec $1/$2 1000 50", "-", place, name},
            "");
  const pid_t inside = child_of(box->pid());
  EXPECT_TRUE(eventually([&] { return is_listed(inside); }));
  expect_read(std::to_string(inside), inside);
  expect_read(name, inside);
  const auto threads = boost::json::parse(run(tool_with({"threads", "--json", name})).out).at("threads");
  EXPECT_EQ(threads.at(0).at("tid"), 1);
  EXPECT_EQ(threads.at(0).at("local_tid"), inside);
  const Outcome table = run(tool_with({"threads", name}));
  EXPECT_NE(table.out.find(std::to_string(inside) + "  "), std::string::npos) << table;
  expect_ordered([&](const std::vector<std::string> &words) { return run(tool_with(words)); }, name);
  kill(inside, SIGKILL);
  fs::remove_all(place);
}

// A container made without privileges: its user is root there, and root himself is nobody.
TEST_F(Elsewhere, InAContainerOfAnotherUserIsFoundByHimAndByRoot) {
  const std::string user = std::to_string(400000 + getpid());
  const std::vector<std::string> as_him = {program("setpriv"), "--reuid=" + user, "--regid=" + user,
                                           "--clear-groups"};
  const auto by_him = [&](const std::vector<std::string> &words) {
    Command command = tool_with({});
    command.argv = as_him;
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    return command;
  };
  if (!run(by_him({"/usr/bin/unshare", "--user", "true"})).ok())
    GTEST_SKIP() << "this kernel keeps user namespaces to root";
  // Not below /tmp, which the container does not have.
  const fs::path place = "/var/tmp/heapmeter-test-rootless" + user;
  fs::create_directory(place);
  const std::string name = "rootless" + user;
  fs::copy_file(library(), place / "libheapmeter.so");
  fs::copy_file(sample("holder_of_bytes"), place / name);
  fs::copy_file(tool(), place / "heapmeter");
  const auto box = start(
      by_him({"/usr/bin/unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc",
              "sh", "-c", "mount -t tmpfs none /tmp; LD_PRELOAD=$1/libheapmeter.so exec $1/$2 1000 50", "-",
              place, name})
          .argv,
      "");
  const pid_t inside = child_of(box->pid());
  EXPECT_TRUE(eventually([&] { return is_listed(inside); }));
  expect_read(std::to_string(inside), inside);
  expect_read(name, inside);
  for (const std::string &target : {std::to_string(inside), name}) {
    const Outcome outcome = run(by_him({place / "heapmeter", "stat", target}));
    EXPECT_NE(outcome.out.find("50 blocks"), std::string::npos) << outcome;
  }
  // And in it, where its pid is another; also by a reader who has other variables than it.
  const std::vector<std::string> enter = {
      "/usr/bin/nsenter", "--preserve-credentials", "--user", "--mount", "--pid",
      "--target",         std::to_string(inside)};
  for (const char *directory : {"HEAPMETER_DIR=", "HEAPMETER_DIR=/nowhere"}) {
    std::vector<std::string> words = enter;
    words.insert(words.end(), {"/usr/bin/env", directory, place / "heapmeter", "stat", "1"});
    const Outcome within = run(by_him(words));
    EXPECT_NE(within.out.find("(1)"), std::string::npos) << within;
    EXPECT_NE(within.out.find("50 blocks"), std::string::npos) << within;
  }
  // Orders, from outside by root and by him, and within, where he is root.
  const auto by_him_with = [&](std::vector<std::string> words, const std::vector<std::string> &more) {
    words.push_back(place / "heapmeter");
    words.insert(words.end(), more.begin(), more.end());
    return run(by_him(words));
  };
  expect_ordered([&](const std::vector<std::string> &words) { return run(tool_with(words)); }, name);
  expect_ordered([&](const std::vector<std::string> &words) { return by_him_with({}, words); }, name);
  expect_ordered([&](const std::vector<std::string> &words) { return by_him_with(enter, words); }, "1");
  // Out of it: his own process does as he says, root's does not know him, though he is root where he is.
  const fs::path outside = place / "sockets";
  fs::create_directory(outside);
  fs::permissions(outside, fs::perms::owner_all);
  environment_["HEAPMETER_DIR"] = outside;
  ASSERT_EQ(
      chown(outside.c_str(), static_cast<uid_t>(std::stoul(user)), static_cast<gid_t>(std::stoul(user))), 0);
  const auto his = start(by_him({place / name, "1000", "50"}).argv, place / "libheapmeter.so");
  const std::string to_his = socket_of(outside, his->pid());
  expect_ordered([&](const std::vector<std::string> &words) { return by_him_with(enter, words); }, to_his);
  ASSERT_EQ(chown(outside.c_str(), 0, 0), 0);
  const auto roots = start({place / name, "1000", "50"}, place / "libheapmeter.so");
  const std::string to_roots = socket_of(outside, roots->pid());
  fs::permissions(outside, fs::perms(0755));
  fs::permissions(to_roots, fs::perms(0777));
  for (const char *path : {"/v1/snapshot", "/v1/leaks", "/v1/sites?sample=every"}) {
    std::vector<std::string> words = enter;
    words.insert(words.end(),
                 {program("curl"), "--silent", "--write-out", " %{http_code}", "--request",
                  path == std::string("/v1/snapshot") ? "GET" : "POST", "--header", "Heapmeter: 1",
                  "--unix-socket", to_roots, std::string("http://heapmeter") + path});
    const Outcome refused = run(by_him(words));
    EXPECT_TRUE(refused.out.ends_with(" 403")) << path << refused;
  }
  kill(inside, SIGKILL);
  fs::remove_all(place);
}

// A directory of its own choice there.
TEST_F(Elsewhere, InAContainerWithADirectoryOfItsOwn) {
  environment_["HEAPMETER_DIR"] = "/mnt";
  const auto box = start({"/usr/bin/unshare", "--mount", "sh", "-c",
                          "mount -t tmpfs -o mode=700 none /mnt; LD_PRELOAD=$1 exec $2 1000 50", "-",
                          library(), sample("holder_of_bytes")},
                         "");
  environment_.erase("HEAPMETER_DIR");
  ASSERT_TRUE(eventually([&] { return is_listed(box->pid()); }));
  expect_read(std::to_string(box->pid()), box->pid());
}

// Another root directory in our own mount namespace, without a /proc: it does not even know when it started.
TEST_F(Elsewhere, BelowAnotherRootDirectoryIsFoundByRoot) {
  const std::string root = playground_ / "root";
  const auto jail = start({"/bin/sh", "-c", R"sh(
    for file in $(LD_PRELOAD=$3 ldd "$2" | grep -o '/[^ ]*') "$2" "$3"; do
      mkdir -p "$1${file%/*}"
      cp -L "$file" "$1$file"
    done
    mkdir -m 1777 "$1/tmp"
    LD_PRELOAD=$3 exec chroot "$1" "$2" 1000 50)sh",
                           "-", root, sample("holder_of_bytes"), library()},
                          "");
  EXPECT_TRUE(eventually([&] { return is_listed(jail->pid()); }));
  expect_read(std::to_string(jail->pid()), jail->pid());
  expect_read("holder_of_bytes", jail->pid());
  const auto reading =
      boost::json::parse(run(tool_with({"stat", "--json", std::to_string(jail->pid())})).out);
  EXPECT_EQ(reading.at("name"), "holder_of_bytes");
  EXPECT_LT(reading.at("uptime_seconds").to_number<double>(), 60) << "not the machine's";
  const std::string mark = playground_ / "mark.json";
  EXPECT_TRUE(run(tool_with({"mark", mark, std::to_string(jail->pid())})).ok());
  const Outcome since = run(tool_with({"diff", mark}));
  EXPECT_TRUE(since.ok()) << since;
}

// Root's is not a stranger's, who is told so.
TEST_F(Elsewhere, OfAnotherUserIsNotAStrangersToRead) {
  const Holder holder(playground_, {"10", "5"});
  const PublicCopies copies("holder");
  const fs::path tool_of_all = copies.library().parent_path() / "heapmeter";
  fs::copy_file(tool(), tool_of_all);
  Command stranger = tool_with({});
  stranger.argv = {program("setpriv"), "--reuid=200000", "--regid=200000", "--clear-groups",
                   tool_of_all,        "stat",           holder.socket()};
  const Outcome outcome = run(stranger);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find(".sock is not yours to see (Permission denied); read it as its user or as root"),
            std::string::npos)
      << outcome;
  stranger.argv.erase(stranger.argv.end() - 2, stranger.argv.end());
  for (const std::string word : {"holder_of_bytes", "holder_of_byte*"}) {
    Command by_name = stranger;
    by_name.argv.insert(by_name.argv.end(), {"leaks", word, "--below", std::to_string(getpid())});
    const Outcome told = run(by_name);
    EXPECT_EQ(told.exit_code, 1);
    EXPECT_NE(
        told.err.find("(" + holder.pid_text() + ") belongs to user root; read it as that user or as root"),
        std::string::npos)
        << told;
  }
}

TEST_F(Elsewhere, OfAnotherUserIsFoundByRoot) {
  const std::string user = std::to_string(200000 + getpid());
  const PublicCopies copies("holder");
  fs::copy_file(sample("holder_of_bytes"), copies.victim().parent_path() / "held");
  const auto process = start({program("setpriv"), "--reuid=" + user, "--regid=" + user, "--clear-groups",
                              copies.victim().parent_path() / "held", "1000", "50"},
                             copies.library());
  ASSERT_TRUE(eventually([&] { return is_listed(process->pid()); }));
  expect_read(std::to_string(process->pid()), process->pid());
  process->signal(SIGUSR1);
  process->wait();
  fs::remove_all("/tmp/heapmeter-" + user);
}

TEST_F(Elsewhere, BySetuidIsFollowedByStat) {
  const std::string user = std::to_string(300000 + getpid());
  const auto process = start({sample("becomes"), user}, library());
  Process stat(tool_with({"stat", std::to_string(process->pid()), "-i", "0.05", "--bytes"}));
  const auto rows = [&] {
    const std::string text = stat.out();
    return std::count(text.begin(), text.end(), '\n');
  };
  ASSERT_TRUE(eventually([&] { return rows() >= 2; })) << stat.err();
  process->signal(SIGUSR1);
  ASSERT_TRUE(eventually([&] { return process->out() == "ready\nready\n"; })) << process->err();
  ASSERT_TRUE(eventually([&] { return fs::exists("/tmp/heapmeter-" + user); }));
  const auto before = rows();
  EXPECT_TRUE(eventually([&] { return rows() >= before + 3; })) << stat.err();
  process->signal(SIGUSR1);
  EXPECT_TRUE(process->wait().ok());
  const Outcome outcome = stat.wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_NE(outcome.err.find("has ended"), std::string::npos) << outcome;
  fs::remove_all("/tmp/heapmeter-" + user);
}

// Told a directory that it may no longer use, it has its socket where its new user has his.
TEST_F(Elsewhere, WhoGaveUpRootIsListedBesideWhatHeWasTold) {
  const std::string user = std::to_string(500000 + getpid());
  environment_["HEAPMETER_DIR"] = playground_.sockets();
  const auto process = start({sample("becomes"), user}, library());
  const auto listed = [&] {
    const auto all = boost::json::parse(run(tool_with({"ps", "--json"})).out).as_array();
    return all.size() == 1 && all[0].at("pid") == process->pid() && all[0].at("answering") == true;
  };
  EXPECT_TRUE(eventually(listed)) << "as root";
  process->signal(SIGUSR1);
  ASSERT_TRUE(eventually([&] { return process->out() == "ready\nready\n"; })) << process->err();
  ASSERT_TRUE(eventually([&] { return fs::exists("/tmp/heapmeter-" + user); }));
  EXPECT_TRUE(eventually(listed)) << run(tool_with({"ps"}));
  process->signal(SIGUSR1);
  EXPECT_TRUE(process->wait().ok());
  fs::remove_all("/tmp/heapmeter-" + user);
}

// --- what a run whose program leaves others behind keeps for them

TEST(ReportDirectory, OfEarlierRunsGoesADayAfterTheLastOfThem) {
  const Playground playground;
  const auto make = [&](const std::string &name, time_t age) {
    fs::create_directory(playground / name);
    write_file(playground / name / "1.json", "{}");
    const timespec then[2] = {{time(nullptr) - age, 0}, {time(nullptr) - age, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, (playground / name).c_str(), then, 0), 0);
  };
  make("heapmeter-run-oldone", 2 * 24 * 3600);
  make("heapmeter-run-recent", 3600);
  make("heapmeter-run-of-the-future", -2 * 24 * 3600);  // the clock was set back
  make("heapmeter-run-in-use", 2 * 24 * 3600);
  make("heapmeter-rum-others", 2 * 24 * 3600);
  Command user{{sample("holder_of_bytes"), "1", "1"}};
  user.environment = playground.environment();
  user.environment["LD_PRELOAD"] = library();
  user.environment["HEAPMETER_REPORT"] = (playground / "heapmeter-run-in-use" / "%p.json").string();
  user.environment["HEAPMETER_RUN"] = (playground / "heapmeter-run-in-use").string();
  const Process process(user);
  ASSERT_TRUE(eventually([&] { return process.out() == "ready\n"; }));
  EXPECT_TRUE(playground.run({"run", "--quiet", "true"}).ok());
  EXPECT_FALSE(fs::exists(playground / "heapmeter-run-oldone"));
  EXPECT_FALSE(fs::exists(playground / "heapmeter-run-of-the-future"));
  EXPECT_TRUE(fs::exists(playground / "heapmeter-run-recent"));
  EXPECT_TRUE(fs::exists(playground / "heapmeter-run-in-use")) << "its process will report there";
  EXPECT_TRUE(fs::exists(playground / "heapmeter-rum-others"));
}

}  // namespace
