// SPDX-License-Identifier: MIT
//
// Other users, where a socket's directory lets them in by mistake: they learn nothing, take no reader's place
// and do not keep the service busy.
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "preload/service.h"

namespace heapmeter::testing {
namespace {

class Strangers : public Service {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    // Even one who can reach the socket: the directory's mode is not the only guard.
    std::filesystem::permissions(meter_.directory().parent_path(), std::filesystem::perms(0755));
    std::filesystem::permissions(meter_.directory(), std::filesystem::perms(0755));
    std::filesystem::permissions(socket_, std::filesystem::perms(0777));
  }

  static Command by_a_stranger(std::vector<std::string> argv) {
    Command command{{program("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"}};
    command.argv.insert(command.argv.end(), argv.begin(), argv.end());
    return command;
  }
  Command stranger(const std::string &perl) const {
    return by_a_stranger(
        {program("perl"), "-MIO::Socket::UNIX", "-e",
         "$| = 1; sub connected { IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $! } " + perl, socket_});
  }
};

// The signal by which the program calls the service thread, from somebody else: it must not keep it awake.
TEST_F(Strangers, CallOfAnotherProcessDoesNotKeepItAwake) {
  constexpr int kCallSignal = 32;
  const pid_t service = service_thread();
  ASSERT_EQ(syscall(SYS_tgkill, holder_->pid(), service, kCallSignal), 0);
  const std::int64_t before = cpu_ns(service);
  // Time to burn, a second of it; a call costs microseconds.
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_LT(cpu_ns(service) - before, 50'000'000);
}

TEST_F(Strangers, AreRefused) {
  const Outcome outcome =
      run(by_a_stranger({program("curl"), "--silent", "--output", "-", "--write-out", " %{http_code}",
                         "--unix-socket", socket_, "http://heapmeter/v1/snapshot"}));
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_NE(outcome.out.find(" 403"), std::string::npos) << outcome;
  EXPECT_EQ(outcome.out.find("live_bytes"), std::string::npos) << outcome;
}

TEST_F(Strangers, MayNeitherChangeNorLook) {
  for (const char *path : {"/v1/sites?sample=every", "/v1/leaks"}) {
    const Outcome outcome = run(by_a_stranger(
        {program("curl"), "--silent", "--output", "-", "--write-out", " %{http_code}", "--request", "POST",
         "--header", "Heapmeter: 1", "--unix-socket", socket_, std::string("http://heapmeter") + path}));
    EXPECT_NE(outcome.out.find(" 403"), std::string::npos) << path << outcome;
    EXPECT_EQ(outcome.out.find("lost_blocks"), std::string::npos) << path << outcome;
  }
  EXPECT_EQ(get(socket_, "/v1/sites").json().as_object().at("mode").as_string(), "off");
}

// More than there are places and room to wait.
TEST_F(Strangers, WhoSayNothingTakeNoReadersPlace) {
  Process strangers(stranger("push @c, connected() for 1..400; print \"in\\n\"; sleep 60"));
  ASSERT_TRUE(eventually([&] { return strangers.out() == "in\n"; })) << strangers.err();
  constexpr std::chrono::seconds kSoon{1};
  const auto waited = least(kSoon, [&] {
    std::chrono::milliseconds sum{};
    for (int i = 0; i < 20; ++i) sum += wait_for("/v1/snapshot");
    return sum;
  });
  EXPECT_LT(waited, kSoon) << "readers had to wait";
  // They stay, and it sleeps.
  const pid_t service = service_thread();
  const std::int64_t cpu = cpu_ns(service);
  std::this_thread::sleep_for(std::chrono::seconds(3));
  EXPECT_LT(cpu_ns(service) - cpu, 100'000'000) << "ns of CPU, in 3 s";
}

TEST_F(Strangers, WhoKeepTalkingAreCutOff) {
  Process talker(
      stranger("$SIG{PIPE} = 'IGNORE'; my $c = connected();"
               "1 while syswrite($c, \"GET / HTTP/1.1\\r\\n\\r\\n\" x 100); print \"cut off\\n\""));
  EXPECT_TRUE(eventually([&] { return talker.out() == "cut off\n"; })) << talker.err();
}

// A socket outside of the file system, to wake the thread by, would be open to everybody.
TEST_F(Strangers, HaveNoOtherWayIn) {
  const std::string folder =
      "/proc/" + std::to_string(holder_->pid()) + "/task/" + std::to_string(service_thread()) + "/fd";
  const std::string known = read_file("/proc/net/unix");
  int sockets = 0;
  for (const auto &entry : std::filesystem::directory_iterator(folder)) {
    const std::string target = std::filesystem::read_symlink(entry.path());
    if (target.rfind("socket:[", 0) != 0) continue;
    ++sockets;
    const std::string inode = " " + target.substr(8, target.size() - 9) + " ";
    EXPECT_NE(known.find(inode + "/"), std::string::npos) << target << " is not in the file system";
  }
  EXPECT_EQ(sockets, 1);
  const std::string call = "print kill(32, " + std::to_string(holder_->pid()) + "), $!{EPERM} ? 'EPERM' : $!";
  const Outcome outcome = run(by_a_stranger({program("perl"), "-MErrno", "-e", call}));
  EXPECT_EQ(outcome.out, "0EPERM") << outcome;
}

// Whoever may rename the directory's parents gives its name to another after it was found safe.
TEST(SocketDirectory, IsUsedAsItWasFoundWhateverItsNameMeansLater) {
  const TempDir dir;
  for (const char *name : {"sockets", "other"}) {
    std::filesystem::create_directory(dir / name);
    std::filesystem::permissions(dir / name, std::filesystem::perms::owner_all);
  }
  Process process({{victim("swapped_directory"), library(), dir / "sockets", dir / "other", victim("holder"),
                    "10", "1001"}});
  const auto socket = [&]() -> std::filesystem::path {
    if (!std::filesystem::exists(dir / "sockets.moved")) return {};
    for (const auto &entry : std::filesystem::directory_iterator(dir / "sockets.moved"))
      if (entry.path().extension() == ".sock") return entry.path();
    return {};
  };
  ASSERT_TRUE(eventually([&] { return !socket().empty() || !process.running(); }, std::chrono::seconds(20)))
      << "no socket where the directory is now: " << process.out() << process.err();
  EXPECT_EQ(get(socket(), "/v1/snapshot").status, 200);
  const auto rights = std::filesystem::status(socket()).permissions();
  EXPECT_EQ(rights, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
      << "another file's were changed in its place";
  EXPECT_TRUE(std::filesystem::is_empty(dir / "sockets")) << "something was made in the other directory";
  process.signal(SIGKILL);
}

}  // namespace
}  // namespace heapmeter::testing
