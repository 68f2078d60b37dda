// SPDX-License-Identifier: MIT
//
// Root looks at everybody's sockets, and anybody may put there what he likes, under any name: he is believed
// nothing of others, holds nobody up, and costs no more than an honest process.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <map>
#include <sstream>

#include "support/meter.h"
#include "tools/snapshot_text.h"
#include "tools/tool.h"

using namespace heapmeter::testing;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

// Listens under the names given, in which PID and START are its own, and answers each request with its input,
// or with nothing when that is empty. A name that begins with "link:" becomes a link to the first. An input
// of
// "/path", body, "/path", body … with zeros between is answered by path, with PID and START in the bodies,
// too. A first name "copies:N" makes it N processes, which end when the first does.
constexpr const char *kServer = R"(
  use IO::Socket::UNIX; use IO::Select; use Socket;
  $SIG{PIPE} = 'IGNORE';
  local $/; my $answer = <STDIN>;
  my $copies = @ARGV && $ARGV[0] =~ /^copies:(\d+)/ ? (shift @ARGV, $1)[1] : 1;
  my ($first_of_all, $is_copy) = ($$, 0);
  for (2..$copies) { $is_copy = !fork and last }
  open my $file, '<', '/proc/self/stat'; my $stat = <$file>; $stat =~ s/^.*\) //s;
  my $start = (split / /, $stat)[19];
  my $folder = "/tmp/heapmeter-$<"; mkdir $folder, 0700 or -d $folder or die $!;
  my %pages = split /\0/, $answer if $answer =~ /^\//;
  for (values %pages) {
    s/"PID"/$$/g; s/"START"/$start/g;
    $_ = "HTTP/1.1 200 OK\r\nContent-Length: " . length($_) . "\r\n\r\n$_";
  }
  my $all = IO::Select->new; my ($first, @kept, %listens);
  for my $name (@ARGV) {
    $name =~ s/PID/$$/; $name =~ s/START/$start/;
    if ($name =~ s/^link://) { symlink $first, "$folder/$name" or die $!; next }
    my $socket = IO::Socket::UNIX->new(Local => "$folder/$name", Listen => 50) or die "$name: $!";
    $first //= "$folder/$name"; $all->add($socket); $listens{$socket} = 1;
  }
  $| = 1; print "ready\n";
  while (!$is_copy || getppid == $first_of_all) {
    for my $ready ($all->can_read($is_copy ? 0.2 : undef)) {
      my $one = $ready->accept or next;
      push @kept, $one if $answer eq '';
      next if $answer eq '';
      sysread $one, my $request, 4096;
      my ($path) = $request =~ /^\w+ (\S+)/;
      print $one (%pages ? $pages{$path} // '' : $answer);
      close $one;
    }
  }
)";

class StrangersSockets : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root looks at the sockets of others";
    environment_ = playground_.environment();
    environment_.erase("HEAPMETER_DIR");
  }
  ~StrangersSockets() override {
    std::error_code ignored;
    fs::remove_all(folder(), ignored);
  }
  // A user that nobody is.
  static unsigned user() { return 1'000'000 + static_cast<unsigned>(getpid()); }
  static fs::path folder() { return "/tmp/heapmeter-" + std::to_string(user()); }

  std::unique_ptr<Process> serve(const std::vector<std::string> &names, const std::string &answer) const {
    Command command{{"setpriv", "--reuid=" + std::to_string(user()), "--regid=65534", "--clear-groups",
                     "perl", "-e", kServer}};
    command.argv.insert(command.argv.end(), names.begin(), names.end());
    command.input = answer;
    auto process = std::make_unique<Process>(command);
    std::string ready = "ready\n";
    if (!names.empty() && names[0].starts_with("copies:"))
      for (int copy = std::stoi(names[0].substr(7)); copy > 1; --copy) ready += "ready\n";
    if (!eventually([&] { return process->out() == ready; }))
      throw std::runtime_error("the stranger did not start: " + process->err());
    return process;
  }
  // In 700 MB of addresses, of which the tool's own libraries take a part.
  Outcome tool(std::vector<std::string> arguments, std::chrono::seconds deadline = 60s) const {
    Command command = playground_.command(std::move(arguments));
    command.environment = environment_;
    command.deadline = deadline;
    command.argv.insert(command.argv.begin(), {"prlimit", "--as=700000000"});
    return run(command);
  }
  // Of a stranger's process: name and value of ps --json, by the path of its socket.
  boost::json::object listed(const std::string &socket, const Outcome &outcome) const {
    const boost::json::value all = boost::json::parse(outcome.out);
    for (const auto &each : all.as_array()) {
      const auto *path = each.at("socket").if_string();  // null for who has none
      if (path != nullptr && *path == socket) return each.as_object();
    }
    return {};
  }
  static std::string http(const std::string &body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  static std::string name_of(pid_t pid) {
    const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
    std::istringstream fields(stat.substr(stat.rfind(')') + 2));
    std::string field;
    for (int at = 0; at < 20; ++at) fields >> field;
    return std::to_string(pid) + "-" + field + ".sock";
  }

  Playground playground_;
  Environment environment_;
};

TEST_F(StrangersSockets, UnderAnothersNameAreNotListedNorRead) {
  const Holder holder(playground_, {"1000", "50"});
  const std::string victim = name_of(holder.pid());
  // Nobody else's, whatever runs beside this.
  const std::int64_t untrue = 666'000'000'000 + getpid();
  const auto stranger = serve({victim, "0" + victim, "1-1.sock"},
                              http(snapshot_text({{"pid", holder.pid()}, {"live_bytes", untrue}})));
  const Outcome all = tool({"ps", "--json"});
  ASSERT_EQ(all.exit_code, 0) << all;
  const boost::json::value members = boost::json::parse(all.out);
  for (const auto &each : members.as_array()) {
    const auto *live = each.as_object().if_contains("live_bytes");  // not of who does not answer
    EXPECT_FALSE(live != nullptr && *live == untrue) << each;
  }
  EXPECT_EQ(all.out.find(folder()), std::string::npos) << all;
  // The holder's own socket is in a directory that its environment names.
  const Outcome one = tool({"stat", "--json", holder.pid_text()});
  EXPECT_EQ(one.exit_code, 0) << one;
  EXPECT_NE(one.out.find("\"live_bytes\":50000"), std::string::npos) << one;
  const Outcome named = tool({"stat", folder() / victim});
  EXPECT_EQ(named.exit_code, 0) << "whose path the user gives is asked: " << named;
}

TEST_F(StrangersSockets, ThatSayNothingHoldNoSearchUp) {
  std::vector<std::string> names;
  const std::string victim = name_of(getpid());
  for (int at = 1; at <= 40; ++at) {
    names.push_back(std::string(static_cast<std::size_t>(at), '0') + victim);
    names.push_back("PID-" + std::to_string(at) + ".sock");
  }
  names.push_back("PID-START.sock");
  const auto stranger = serve(names, "");
  for (const std::string &target : {std::string("perl"), std::string("no-such-name"),
                                    std::to_string(stranger->pid()), std::to_string(getpid())}) {
    const auto start = std::chrono::steady_clock::now();
    tool({"stat", target}, 30s);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 15s) << target;
  }
}

TEST_F(StrangersSockets, CostNoMoreThanAnHonestOne) {
  const std::vector<std::string> answers = {
      // 60 MiB that may be a snapshot, a number without end, a name, fields, and nothing but opened brackets.
      http(snapshot_text({{"name", std::string(60 << 20, 'n')}})),
      http(snapshot_text({{"of_the_future", boost::json::array(1'000'000, 1)}})),
      http("{\"a\":[" + std::string(30 << 20, '[')),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3000000\r\n" + std::string(0x3000000, ' '),
  };
  for (const std::string &answer : answers) {
    const auto stranger = serve({"PID-START.sock"}, answer);
    const Outcome outcome = tool({"ps", "--json"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_LT(outcome.out.size(), 1u << 20);
    const auto member = listed(folder() / name_of(stranger->pid()), outcome);
    ASSERT_FALSE(member.empty()) << outcome.out.substr(0, 1000);
    EXPECT_EQ(member.at("answering"), false);
    fs::remove(folder() / name_of(stranger->pid()));
  }
}

// Each as much as one may say, and more than all of them together.
TEST_F(StrangersSockets, HaveOneMeasureForAllTogether) {
  constexpr std::size_t kOne = 200u << 10, kAll = 16u << 20;
  constexpr int kCopies = 100;
  const auto strangers =
      serve({"copies:" + std::to_string(kCopies), "PID-START.sock"},
            std::string("/v1/snapshot") + '\0' +
                snapshot_text({{"pid", "PID"}, {"start_time", "START"}, {"pad", std::string(kOne, 'x')}}));
  // On a busy machine not all that may answer do so in time.
  EXPECT_TRUE(eventually([&] {
    const Outcome all = tool({"ps", "--json"});
    EXPECT_EQ(all.exit_code, 0) << all.err;
    std::size_t answering = 0, left = 0;
    const boost::json::value members = boost::json::parse(all.out);
    for (const auto &each : members.as_array()) {
      const auto *path = each.at("socket").if_string();
      if (path == nullptr || !std::string(*path).starts_with(folder().string() + "/")) continue;
      each.at("answering").as_bool() ? ++answering : ++left;
    }
    EXPECT_EQ(answering + left, static_cast<std::size_t>(kCopies)) << "nobody is left unlisted";
    EXPECT_LE(answering, kAll / kOne);
    return answering > kAll / kOne / 2;
  }));
}

std::string repeated(const std::string &text, std::size_t bytes) {
  std::string all;
  while (all.size() + text.size() <= bytes) all += text;
  return all;
}

struct Hostile {
  std::string verb, path, body;
  std::string look = R"({"pid":"PID","block_columns":["address","leaf"],"blocks":[[7,1]]})";
};

// Each as long as an answer may be, or longer: in all of its rows, in one deep stack, in columns, in words.
std::vector<Hostile> pages_without_measure() {
  const std::string sites =
      R"({"pid":"PID","start_time":"START","mode":"every",)"
      R"("modules":[{"path":"/x","start":"0x0","end":"0xf"}],"site_columns":["leaf","live_bytes"],)";
  const std::string look = R"({"pid":"PID","start_time":"START","live_blocks":1,)";
  std::string chain, leaves, blocks;
  for (int node = 0; node < 500'000; ++node) chain += "[" + std::to_string(node) + ",-1,7],";
  for (int node = 1; node < 500'000; ++node) leaves += "[" + std::to_string(node) + ",9],";
  for (int node = 400'000; node < 500'000; ++node) {
    blocks += "[" + std::to_string(16 * node) + "," + std::to_string(node) + "],";
  }
  const std::string one_node = "[1,9]],\"nodes\":[[0,0,7]]}";
  return {
      {"sites", "/v1/sites", sites + "\"sites\":[" + repeated("[1,9],", 14 << 20) + one_node},
      {"sites", "/v1/sites",
       sites + "\"sites\":[[1,9]],\"nodes\":[" + repeated("[0,-1,7],", 14 << 20) + "[0,-1,7]]}"},
      {"sites", "/v1/sites", sites + "\"sites\":[[500000,9]],\"nodes\":[" + chain + "[0,-1,7]]}"},
      {"sites", "/v1/sites", sites + "\"sites\":[" + leaves + "[1,9]],\"nodes\":[" + chain + "[0,-1,7]]}"},
      {"sites", "/v1/sites", sites + "\"x\":\"" + std::string(60 << 20, 'x') + "\"}"},
      {"leaks", "/v1/leaks",
       look + R"("block_columns":["address","bytes"],"blocks":[)" + repeated("[1,9],", 14 << 20) + "[1,9]]}"},
      {"leaks", "/v1/leaks",
       look + R"("block_columns":["address"],"blocks":[)" + repeated("[],", 14 << 20) + "[]]}"},
      {"leaks", "/v1/sites", sites + "\"sites\":[" + repeated("[1,9],", 14 << 20) + one_node},
      // Deep, and of nobody's but who lost something.
      {"leaks", "/v1/sites", sites + "\"sites\":[[1,9]],\"nodes\":[" + chain + "[0,-1,7]]}",
       look + R"("block_columns":["address","leaf"],"blocks":[)" + blocks + "[7,1]]}"},
      {"threads", "/v1/threads", R"({"pid":"PID","threads":[)" + repeated("{},", 4'000'000) + "{}]}"},
      {"sizes", "/v1/sizes", R"({"classes":[)" + repeated("{},", 4'000'000) + "{}]}"},
      {"account", "/v1/account",
       R"({"pid":"PID","start_time":"START","heap":[],"meter":[],"heap_blocks":[)" +
           repeated("[0,0],", 4'000'000) + "[0,0]]}"},
      {"stat", "/v1/snapshot", "{\"a\":" + std::string(4'000'000, '[')},
  };
}

TEST_F(StrangersSockets, PagesWithoutMeasureAreReadWithin700MBAndAMinute) {
  const std::string snapshot = snapshot_text({{"pid", "PID"}, {"start_time", "START"}});
  for (const Hostile &page : pages_without_measure()) {
    std::map<std::string, std::string> pages = {{"/v1/snapshot", snapshot}, {"/v1/leaks", page.look}};
    pages[page.path] = page.body;
    std::string input;
    for (const auto &[path, body] : pages)
      input += (input.empty() ? "" : std::string(1, '\0')) + path + '\0' + body;
    const auto stranger = serve({"PID-START.sock"}, input);
    std::vector<std::string> verb = {page.verb, std::to_string(stranger->pid())};
    if (page.verb == "leaks") verb.push_back("--once");
    const Outcome outcome = tool(verb, 60s);
    const std::string what = page.verb + " with " + page.body.substr(0, 200);
    EXPECT_FALSE(outcome.timed_out) << what;
    EXPECT_EQ(outcome.signal, 0) << what << outcome.err;
    EXPECT_FALSE(outcome.out.empty() && outcome.err.empty()) << what;
    for (const char *word : {"memory", "bad_alloc", "std::"})
      EXPECT_EQ(outcome.err.find(word), std::string::npos) << what << outcome.err;
    fs::remove(folder() / name_of(stranger->pid()));
  }
}

// What an honest process would answer: all that is wrong with it is how its socket lies there.
std::string own_snapshot() {
  return std::string("/v1/snapshot") + '\0' +
         snapshot_text({{"pid", "PID"}, {"start_time", "START"}, {"live_bytes", 666}});
}

TEST_F(StrangersSockets, ThatAreLinksAreNotFollowed) {
  for (const bool link : {false, true}) {
    const auto stranger = link ? serve({"elsewhere", "link:PID-START.sock"}, own_snapshot())
                               : serve({"PID-START.sock"}, own_snapshot());
    Outcome all;
    const auto is_read = [&] {
      all = tool({"ps", "--json"});
      EXPECT_EQ(all.exit_code, 0) << all;
      const auto member = listed(folder() / name_of(stranger->pid()), all);
      return member.contains("answering") && member.at("answering") == true;
    };
    EXPECT_EQ(link ? is_read() : eventually(is_read), !link) << all;
    fs::remove_all(folder());
  }
}

// A second name of a socket of root's own in a stranger's directory, where it would be another process.
TEST_F(StrangersSockets, ThatAnotherThanTheDirectorysOwnerListensAtAreNotListed) {
  const Holder holder(playground_, {"1000", "50"});
  const auto stranger = serve({"elsewhere"}, "");
  const fs::path forged = folder() / name_of(stranger->pid());
  const fs::path roots = playground_.sockets() / name_of(holder.pid());
  ASSERT_TRUE(eventually([&] { return fs::exists(roots); })) << roots;
  std::error_code failed;
  fs::create_hard_link(roots, forged, failed);
  if (failed) GTEST_SKIP() << "no second name for a socket here: " << failed.message();
  const Outcome all = tool({"ps", "--json"});
  EXPECT_EQ(all.exit_code, 0) << all;
  EXPECT_TRUE(listed(forged, all).empty()) << all;
}

TEST_F(StrangersSockets, OfAProcessThatSaysItIsAnotherAreNotListed) {
  const auto stranger = serve({"PID-START.sock"}, http(snapshot_text({{"pid", 1}, {"name", "init"}})));
  const Outcome all = tool({"ps", "--json"});
  EXPECT_TRUE(listed(folder() / name_of(stranger->pid()), all).empty()) << all;
}

TEST_F(StrangersSockets, OfHonestProcessesAreRead) {
  Command command{
      {"setpriv", "--reuid=" + std::to_string(user()), "--regid=65534", "--clear-groups", "sleep", "60"}};
  command.environment["LD_PRELOAD"] = library();
  const Process sleeper(command);
  const fs::path socket = folder() / name_of(sleeper.pid());
  if (!eventually([&] { return fs::exists(folder()); }, 5s))
    GTEST_SKIP() << "another user cannot read the library where it is built";
  ASSERT_TRUE(eventually([&] {
    const auto member = listed(socket, tool({"ps", "--json"}));
    return !member.empty() && member.at("answering") == true && member.at("local_pid") == sleeper.pid();
  })) << tool({"ps", "--json"});
  const Outcome one = tool({"stat", std::to_string(sleeper.pid())});
  EXPECT_EQ(one.exit_code, 0) << one;
}

}  // namespace
