// SPDX-License-Identifier: MIT
//
// mark, diff and sizes --since on a program that grows by known amounts between two readings.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "support/meter.h"
#include "support/temp_dir.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

class Grower {
 public:
  explicit Grower(const Playground &playground, std::vector<std::string> words = {},
                  const std::string &report = "off") {
    Command command;
    command.argv = {sample("grower")};
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    command.environment = playground.environment();
    command.environment["LD_PRELOAD"] = library();
    command.environment["HEAPMETER_REPORT"] = report;
    process_ = std::make_unique<Process>(command);
    says("ready\n");
    socket_of(playground.sockets(), process_->pid());
  }
  std::string pid() const { return std::to_string(process_->pid()); }
  void grow() {
    process_->signal(SIGUSR2);
    says("grown\n");
  }
  void become_another() {
    process_->signal(SIGUSR1);
    says("ready\n");
  }
  void end() {
    process_->signal(SIGUSR1);
    process_->wait();
  }

 private:
  void says(const std::string &word) {
    said_ += word;
    if (!eventually([&] { return process_->out() == said_; })) throw std::runtime_error("no " + word);
  }
  std::string said_;
  std::unique_ptr<Process> process_;
};

class Marks : public ::testing::Test {
 protected:
  Marks() {
    playground_.set("XDG_STATE_HOME", playground_ / "state");
    playground_.set("LC_ALL", "C.UTF-8");
  }
  Outcome run(std::vector<std::string> arguments) const { return playground_.run(std::move(arguments)); }
  json::value json_of(std::vector<std::string> arguments) const {
    arguments.push_back("--json");
    const Outcome outcome = run(arguments);
    if (outcome.exit_code != 0) ADD_FAILURE() << outcome;
    return outcome.exit_code == 0 ? json::parse(outcome.out) : json::value();
  }
  // Marked as "before", it starts another program.
  void becomes_another_program(Grower &grower) {
    grower.become_another();
    Outcome outcome;
    ASSERT_TRUE(eventually([&] { return (outcome = run({"diff", "before"})).exit_code == 0; })) << outcome;
    EXPECT_TRUE(has(outcome.out, "another program was started in it")) << outcome;
    EXPECT_EQ(run({"sizes", grower.pid(), "--since", "before"}).exit_code, 1);
  }
  Playground playground_;
};

std::int64_t change(const json::value &difference, const char *total) {
  return difference.at("totals").at(total).at("change").to_number<std::int64_t>();
}

std::int64_t number(const json::value &object, const char *field) {
  return object.at(field).to_number<std::int64_t>();
}

const json::value &with(const json::value &array, const char *field, const json::value &wanted) {
  for (const json::value &each : array.as_array()) {
    if (each.at(field) == wanted) return each;
  }
  throw std::runtime_error(std::string("nothing has this ") + field);
}

TEST_F(Marks, DiffTellsWhatGrewToTheByte) {
  Grower grower(playground_);
  const Outcome marked = run({"mark", "before", grower.pid()});
  ASSERT_EQ(marked.exit_code, 0) << marked;
  EXPECT_TRUE(has(marked.out, "before: grower (" + grower.pid() + "), ")) << marked;
  EXPECT_EQ(change(json_of({"diff", "before"}), "live_bytes"), 0);
  grower.grow();
  const json::value difference = json_of({"diff", "before"});
  EXPECT_EQ(difference.at("same_process"), json::value(true));
  EXPECT_EQ(difference.at("same_counters"), json::value(true));
  EXPECT_EQ(change(difference, "live_bytes"), -1000 + 30'000 + 4900 + 448 - 96);
  EXPECT_EQ(change(difference, "live_blocks"), -10 + 30 + 7 - 2);
  EXPECT_EQ(change(difference, "allocations"), 37);
  EXPECT_EQ(change(difference, "frees"), 12);
  EXPECT_EQ(change(difference, "reallocations"), 1);
  EXPECT_EQ(change(difference, "allocated_bytes"), 30'000 + 5000 + 448);
  EXPECT_EQ(change(difference, "freed_bytes"), 1000 + 100 + 96);
  EXPECT_EQ(change(difference, "threads"), -1);
  EXPECT_GT(difference.at("interval_seconds").to_number<double>(), 0);
  const json::array &classes = difference.at("classes").as_array();
  EXPECT_EQ(number(classes.front(), "live_bytes_change"), 30'000);
  EXPECT_EQ(number(classes.front(), "live_blocks_change"), 30);
  EXPECT_EQ(number(classes.back(), "live_bytes_change"), -1100);
  const json::value &threads = difference.at("threads");
  EXPECT_EQ(number(with(threads, "name", "grower"), "net_bytes_change"), 35'000 - 1100);
  EXPECT_EQ(number(with(threads, "name", "stays"), "net_bytes_change"), 448);
  EXPECT_EQ(number(with(threads, "name", "stays"), "net_bytes_before"), 192);
  EXPECT_EQ(number(difference.at("exited"), "net_bytes_change"), -96);
  EXPECT_EQ(number(difference.at("exited"), "allocations_change"), 0);
  const Outcome table = run({"diff", "before", "--bytes"});
  EXPECT_TRUE(has(table.out, "before → now  grower (" + grower.pid() + "), ")) << table;
  EXPECT_TRUE(has(table.out, "+34252")) << table;
  EXPECT_TRUE(has(table.out, "stays ")) << table;
}

// The stack of main's blocks that grew, in diff's order.
const json::value &first_site(const json::value &difference) { return difference.at("sites").at(0); }

TEST_F(Marks, DiffTellsWhichCodeGrew) {
  playground_.set("HEAPMETER_SAMPLE", "every");
  Grower grower(playground_);
  ASSERT_EQ(run({"mark", "before", grower.pid()}).exit_code, 0);
  const json::value same = json_of({"diff", "before"});
  EXPECT_EQ(same.at("sites_known"), json::value(true));
  EXPECT_TRUE(same.at("sites").as_array().empty()) << same;
  grower.grow();
  const json::value difference = json_of({"diff", "before"});
  std::int64_t bytes = 0, blocks = 0;
  for (const json::value &site : difference.at("sites").as_array()) {
    bytes += number(site, "live_bytes_change");
    blocks += number(site, "live_blocks_change");
  }
  EXPECT_EQ(bytes, 34'252);
  EXPECT_EQ(blocks, 25);
  EXPECT_EQ(number(first_site(difference), "live_bytes_change"), 33'900) << difference;
  EXPECT_EQ(first_site(difference).at("frames").at(0).at("function"), json::value("main"));
  const Outcome table = run({"diff", "before", "-n", "1", "--bytes"});
  EXPECT_TRUE(has(table.out, "+33900     +20  ")) << table;
  EXPECT_TRUE(has(table.out, " sites more (-n)")) << table;
  const json::value since = json_of({"sites", grower.pid(), "--since", "before"});
  EXPECT_EQ(number(since.at("sites").at(0), "live_bytes"), 33'900) << since;
}

// Named by build-id and offset, when the process is no more.
TEST_F(Marks, TellWhichCodeGrewWhenBothProcessesHaveEnded) {
  playground_.set("HEAPMETER_SAMPLE", "every");
  const std::string flame = playground_ / "f.html", svg = playground_ / "f.svg";
  Grower first(playground_), second(playground_);
  ASSERT_EQ(run({"mark", "first", first.pid()}).exit_code, 0);
  second.grow();
  ASSERT_EQ(run({"mark", "second", second.pid()}).exit_code, 0);
  first.end();
  second.end();
  const json::value difference = json_of({"diff", "first", "second", "--flame", flame, "--svg", svg});
  EXPECT_EQ(number(first_site(difference), "live_bytes_change"), 33'900) << difference;
  EXPECT_EQ(first_site(difference).at("frames").at(0).at("function"), json::value("main"));
  EXPECT_TRUE(has(read_file(flame), "\"compared\":true"));
  EXPECT_TRUE(has(read_file(svg), "<svg "));
}

TEST_F(Marks, ThatAreOlderThanAttributionTellWhatCameSince) {
  Grower grower(playground_);
  ASSERT_EQ(run({"mark", "before", grower.pid()}).exit_code, 0);
  EXPECT_TRUE(has(run({"diff", "before"}).out, "heapmeter sites " + grower.pid() + " --sample every"));
  EXPECT_EQ(run({"diff", "before", "--flame", playground_ / "f.html"}).exit_code, 1);
  ASSERT_EQ(run({"sites", grower.pid(), "--sample", "every"}).exit_code, 0);
  grower.grow();
  const json::value difference = json_of({"diff", "before"});
  EXPECT_EQ(difference.at("sites_from_attribution_on"), json::value(true));
  EXPECT_EQ(number(first_site(difference), "live_bytes_change"), 35'000) << difference;
  EXPECT_TRUE(has(run({"diff", "before"}).out, "Attribution began "));
  const Outcome refused = run({"sites", grower.pid(), "--since", "before"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(has(refused.err, "heapmeter diff before shows what came after that")) << refused;
  Grower other(playground_);
  ASSERT_EQ(run({"sites", other.pid(), "--sample", "every"}).exit_code, 0);
  EXPECT_TRUE(has(run({"sites", other.pid(), "--since", "before"}).err, "is not of grower")) << refused;
}

TEST_F(Marks, SizesSinceOneHaveChanges) {
  Grower grower(playground_);
  ASSERT_EQ(run({"mark", "before", grower.pid()}).exit_code, 0);
  grower.grow();
  const json::value sizes = json_of({"sizes", grower.pid(), "--since", "before"});
  EXPECT_EQ(sizes.at("since"), json::value("before"));
  std::int64_t bytes = 0, blocks = 0;
  for (const json::value &each : sizes.at("classes").as_array()) {
    bytes += number(each, "live_bytes_change");
    blocks += number(each, "live_blocks_change");
  }
  EXPECT_EQ(bytes, 34'252);
  EXPECT_EQ(blocks, 25);
  EXPECT_EQ(json_of({"sizes", grower.pid()}).at("since"), json::value(nullptr));
  const Outcome table = run({"sizes", grower.pid(), "--since", "before"});
  EXPECT_TRUE(has(table.out, "LIVE +/-")) << table;
  EXPECT_TRUE(has(table.out, "+29.3 KiB")) << table;
  Grower other(playground_);
  const Outcome refused = run({"sizes", other.pid(), "--since", "before"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(has(refused.err, "is not of grower (" + other.pid() + ") as it is now")) << refused;
  EXPECT_TRUE(has(refused.err, "heapmeter diff")) << refused;
}

TEST_F(Marks, OfTwoProcessesAreComparedWhenBothHaveEnded) {
  const std::string file = playground_ / "there/second.json";
  Grower first(playground_), second(playground_);
  ASSERT_EQ(run({"mark", "first", first.pid()}).exit_code, 0);
  second.grow();
  ASSERT_EQ(run({"mark", file, second.pid()}).exit_code, 0);
  const Outcome living = run({"diff", "first", second.pid()});
  EXPECT_TRUE(has(living.out, "two processes: grower (" + first.pid() + ") and, ")) << living;
  first.end();
  second.end();
  const json::value difference = json_of({"diff", "first", file});
  EXPECT_EQ(difference.at("same_process"), json::value(false));
  EXPECT_EQ(change(difference, "live_bytes"), 34'252);
  EXPECT_EQ(difference.at("after").at("mark"), json::value("second"));
  const Outcome ended = run({"diff", "first"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_TRUE(has(ended.err, "has ended")) << ended;
}

TEST_F(Marks, TellThatAnotherProgramWasStartedInTheProcess) {
  Grower grower(playground_, {"becomes"});
  grower.grow();
  ASSERT_EQ(run({"mark", "before", grower.pid()}).exit_code, 0);
  becomes_another_program(grower);
}

TEST_F(Marks, TellThatTheSameProgramWasStartedAnewAndDidTheSame) {
  Grower grower(playground_, {"becomes"});
  ASSERT_EQ(run({"mark", "before", grower.pid()}).exit_code, 0);
  becomes_another_program(grower);
}

TEST_F(Marks, MayBeWhatRunWroteOfAProgram) {
  const std::string before = playground_ / "before.json", after = playground_ / "after.json";
  ASSERT_EQ(run({"run", "--json", "--output", before, "--", sample("wrong_calls")}).exit_code, 0);
  ASSERT_EQ(run({"run", "--json", "--output", after, "--", sample("wrong_calls")}).exit_code, 0);
  const json::value difference = json_of({"diff", before, after});
  EXPECT_EQ(change(difference, "allocations"), 0);
  EXPECT_EQ(difference.at("classes_known"), json::value(true));
  EXPECT_EQ(difference.at("threads_known"), json::value(true));
  EXPECT_GE(difference.at("interval_seconds").to_number<double>(), 0);
}

TEST_F(Marks, AreComparedWithWhatTheProcessReportsAtItsExit) {
  const std::string report = playground_ / "report.%p.json";
  Grower first(playground_, {}, report), second(playground_, {}, report);
  ASSERT_EQ(run({"mark", "before", first.pid()}).exit_code, 0);
  first.grow();
  first.end();
  second.end();
  const std::string grown = playground_ / ("report." + first.pid() + ".json");
  const std::string small = playground_ / ("report." + second.pid() + ".json");
  const json::value since = json_of({"diff", "before", grown});
  EXPECT_EQ(since.at("same_counters"), json::value(true));
  EXPECT_EQ(change(since, "live_bytes"), 34'252);
  EXPECT_GT(since.at("interval_seconds").to_number<double>(), 0);
  EXPECT_EQ(number(since.at("classes").at(0), "live_bytes_change"), 30'000);
  EXPECT_EQ(number(with(since.at("threads"), "name", "stays"), "net_bytes_change"), 448);
  EXPECT_EQ(since.at("after").at("at_exit"), json::value(true));
  const Outcome table = run({"diff", "before", grown});
  EXPECT_TRUE(has(table.out, "before → report." + first.pid() + "  grower (" + first.pid() + "), ")) << table;
  EXPECT_TRUE(has(table.out, "later, at its exit\n")) << table;
  const json::value between = json_of({"diff", small, grown});
  EXPECT_EQ(between.at("same_process"), json::value(false));
  EXPECT_EQ(change(between, "live_bytes"), 34'252);
  EXPECT_EQ(number(between.at("classes").at(0), "live_bytes_change"), 30'000);
  const Outcome alone = run({"diff", small});
  EXPECT_EQ(alone.exit_code, 1);
  EXPECT_TRUE(has(alone.err, "is what grower (" + second.pid() + ") reported at its exit")) << alone;
  Grower living(playground_);
  EXPECT_EQ(change(json_of({"diff", grown, living.pid()}), "live_bytes"), -34'252);
  const Outcome since_report = run({"sizes", living.pid(), "--since", grown});
  EXPECT_EQ(since_report.exit_code, 1);
  EXPECT_TRUE(has(since_report.err, "heapmeter diff compares")) << since_report;
  const Outcome replaced = run({"mark", grown, living.pid()});
  EXPECT_TRUE(has(replaced.err, "exists and is no mark")) << replaced;
}

// A program that was killed reports nothing: what run --json has of it is how it was last read.
TEST_F(Marks, OfARunSayWhetherItIsAReportOrALastReading) {
  const std::string ended = playground_ / "ended.json", killed = playground_ / "killed.json";
  ASSERT_EQ(run({"run", "--quiet", "--json", "--output", ended, "perl", "-e", "1"}).exit_code, 0);
  for (int seconds = 1; seconds < 64; seconds *= 2) {
    run({"run", "--quiet", "--json", "--output", killed, "perl", "-e",
         "select undef, undef, undef, " + std::to_string(seconds) + "; kill 9, $$"});
    if (json::parse(read_file(killed)).at("source") == "reading") break;
  }
  const Outcome outcome = run({"diff", ended, killed});
  EXPECT_TRUE(has(outcome.out, ") at its exit and, ")) << outcome;
  EXPECT_TRUE(has(outcome.out, ") as last read\n")) << outcome;
  const json::value difference = json_of({"diff", ended, killed});
  EXPECT_EQ(difference.at("before").at("at_exit"), json::value(true));
  EXPECT_EQ(difference.at("after").at("at_exit"), json::value(false));
  EXPECT_TRUE(difference.at("after").at("host").is_null());
  const Outcome alone = run({"diff", killed});
  EXPECT_EQ(alone.exit_code, 1);
  EXPECT_TRUE(has(alone.err, ") was last read: it has ended; ")) << alone;
  EXPECT_FALSE(has(alone.err, "at its exit")) << alone;
}

TEST_F(Marks, OfAPidThatIsAnothersNowAreNotComparedWithIt) {
  const Holder holder(playground_, {"10", "5"});
  const std::string file = playground_ / "mark.json";
  ASSERT_EQ(run({"mark", file, holder.pid_text()}).exit_code, 0);
  json::object mark = json::parse(read_file(file)).as_object();
  mark["snapshot"].as_object()["start_time"] = 1;
  write_file(file, json::serialize(mark));
  const Outcome reused = run({"diff", file});
  EXPECT_EQ(reused.exit_code, 1);
  EXPECT_TRUE(has(reused.err, "is another process")) << reused;
  mark["boot_id"] = "elsewhere";
  write_file(file, json::serialize(mark));
  EXPECT_TRUE(has(run({"diff", file}).err, "another machine"));
  EXPECT_TRUE(has(run({"diff", file, holder.pid_text()}).out, "two processes"));
}

TEST_F(Marks, AreListedAndRemoved) {
  EXPECT_TRUE(has(run({"mark"}).out, "No mark is kept"));
  const Holder holder(playground_, {"1000", "50"});
  ASSERT_EQ(run({"mark", "one", holder.pid_text()}).exit_code, 0);
  ASSERT_EQ(run({"mark", "two", "holder_of_bytes"}).exit_code, 0);
  write_file(playground_ / "state/heapmeter/marks/bad.json", "{");
  const Outcome table = run({"mark"});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_TRUE(has(table.out, "48.8 KiB")) << table;
  EXPECT_TRUE(has(table.out, "unreadable")) << table;
  const json::value list = json_of({"mark"}).at("marks");
  ASSERT_EQ(list.as_array().size(), 3u);
  EXPECT_EQ(number(with(list, "name", "one"), "live_bytes"), 50'000);
  EXPECT_TRUE(with(list, "name", "bad").at("error").is_string());
  EXPECT_EQ(run({"mark", "--remove", "one", "bad"}).exit_code, 0);
  EXPECT_EQ(json_of({"mark"}).at("marks").as_array().size(), 1u);
  EXPECT_EQ(run({"mark", "--remove", "one"}).exit_code, 1);
}

TEST_F(Marks, ThatCannotBeWrittenLoseNothing) {
  const Holder holder(playground_, {"10", "5"});
  ASSERT_EQ(run({"mark", "one", holder.pid_text()}).exit_code, 0);
  const std::filesystem::path place = playground_ / "state/heapmeter/marks";
  const std::string whole = read_file(place / "one.json");
  // As a full disk would, in the middle of it.
  Command command = playground_.command({"mark", "one", holder.pid_text()});
  command.argv = {"bash", "-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "-"};
  for (const std::string &word : playground_.command({"mark", "one", holder.pid_text()}).argv)
    command.argv.push_back(word);
  const Outcome full = heapmeter::testing::run(command);
  EXPECT_EQ(full.exit_code, 1) << full;
  EXPECT_TRUE(has(full.err, "one.json could not be written: File too large")) << full;
  EXPECT_EQ(read_file(place / "one.json"), whole);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(place), {}), 1);
}

TEST_F(Marks, OnAFullFileSystemAreSaidNotToBeKeptAndTheOldOneStays) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can mount a small file system";
  const Holder holder(playground_, {"10", "5"});
  const std::string place = playground_ / "state/heapmeter/marks";
  std::filesystem::create_directories(place);
  // A private one, gone with the script.
  Command command = playground_.command({});
  command.argv = {"unshare", "-m", "bash", "-c", R"sh(
    mount -t tmpfs -o size=64k none "$1" || exit 9
    "$2" mark one "$3" >&2 || exit 8
    before=$(cksum < "$1/one.json")
    dd if=/dev/zero of="$1/filler" bs=4096 2>/dev/null
    for name in one two; do "$2" mark "$name" "$3"; echo "code $?"; done
    [ "$(cksum < "$1/one.json")" = "$before" ] && echo whole
    "$2" mark | cut -d' ' -f1
    ls -A "$1")sh", "-", place, tool(), holder.pid_text()};
  const Outcome outcome = heapmeter::testing::run(command);
  EXPECT_EQ(outcome.out, "code 1\ncode 1\nwhole\nNAME\none\nfiller\none.json\n") << outcome;
  EXPECT_TRUE(has(outcome.err, "one.json could not be written: No space left on device; make room"))
      << outcome;
  EXPECT_TRUE(has(outcome.err, "two.json could not be written: No space left on device; make room"))
      << outcome;
}

TEST_F(Marks, RefuseWhatMakesNoSense) {
  const Holder holder(playground_, {"10", "5"});
  EXPECT_EQ(run({"mark", "alone"}).exit_code, 2);
  EXPECT_EQ(run({"mark", "one", "two", "three"}).exit_code, 2);
  EXPECT_EQ(run({"mark", holder.pid_text(), "swapped"}).exit_code, 2);
  EXPECT_EQ(run({"mark", "--remove"}).exit_code, 2);
  EXPECT_EQ(run({"diff"}).exit_code, 2);
  EXPECT_EQ(run({"mark", "name", "nobody"}).exit_code, 1);
  EXPECT_TRUE(has(run({"diff", "absent"}).err, "there is no mark 'absent'"));
  ASSERT_EQ(run({"mark", "one", holder.pid_text()}).exit_code, 0);
  const Outcome neither = run({"diff", "one", "absent"});
  EXPECT_EQ(neither.exit_code, 1);
  EXPECT_TRUE(has(neither.err, "there is no mark 'absent', and no metered process")) << neither;
  Command beside = playground_.command({"diff", "one", "one.json"});
  beside.directory = playground_ / "state/heapmeter/marks";
  EXPECT_TRUE(has(heapmeter::testing::run(beside).err, "to read the file, write ./one.json"));
}

}  // namespace
