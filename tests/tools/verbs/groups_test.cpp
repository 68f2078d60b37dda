// SPDX-License-Identifier: MIT
//
// Several processes as one target.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <fstream>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

class Group : public ::testing::Test {
 protected:
  Group() {
    for (int worker = 0; worker < 5; ++worker) workers_.push_back(holder({"10", "10"}));
    leaker_ = holder({"100000", "20"});
  }
  std::unique_ptr<Holder> holder(std::vector<std::string> arguments) {
    return std::make_unique<Holder>(playground_, std::move(arguments));
  }
  std::string shown(std::vector<std::string> arguments) {
    const Outcome outcome = playground_.run(std::move(arguments));
    EXPECT_TRUE(outcome.ok()) << outcome;
    return outcome.out;
  }
  json::value read_last(std::vector<std::string> arguments) {
    return json::parse(shown(std::move(arguments)));
  }
  json::value read(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    return json::parse(shown(std::move(arguments)));
  }

  Playground playground_;
  std::vector<std::unique_ptr<Holder>> workers_;
  std::unique_ptr<Holder> leaker_;
};

TEST_F(Group, OfANameIsOneRowWithItsSumAndTheOneThatStandsOut) {
  const std::string text = shown({"ps", "holder_of_bytes"});
  EXPECT_TRUE(has(text, "holder_of_bytes: 6 processes  live 1.91 MiB (all in " + leaker_->pid_text()))
      << text;
  EXPECT_TRUE(has(text, "5 others")) << text;
  EXPECT_FALSE(has(text, workers_[0]->pid_text() + " ")) << text;
}

TEST_F(Group, WithAWordThatNobodyHasSpeaksOfThatWordAlone) {
  const Outcome outcome = playground_.run({"leaks", "--once", "nobody-at-all", leaker_->pid_text()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(has(outcome.err, "'nobody-at-all'")) << outcome;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
}

TEST_F(Group, MayBeGivenWordByWord) {
  const std::string one = workers_[0]->pid_text(), other = leaker_->pid_text();
  EXPECT_EQ(read({"stat", one, other}).at("live_bytes").as_int64(), 100 + 2'000'000);
  EXPECT_TRUE(has(shown({"ps", one, other}), one + " " + other + ": 2 processes"));
  const Outcome missing = playground_.run({"ps", one, "holder_of_byte"});
  EXPECT_EQ(missing.exit_code, 1) << missing;
  EXPECT_TRUE(has(missing.err, "'holder_of_byte'") && has(missing.err, "holder_of_bytes")) << missing;
  EXPECT_EQ(playground_.run({"ps", one, leaker_->socket()}).exit_code, 2);
}

TEST_F(Group, IsReadAsASum) {
  const auto sum = read({"stat", "holder_of_bytes"});
  EXPECT_EQ(sum.at("live_bytes").as_int64(), 5 * 100 + 2'000'000);
  EXPECT_EQ(sum.at("live_blocks").as_int64(), 70);
  EXPECT_EQ(sum.at("processes").as_int64(), 6);
  EXPECT_EQ(sum.at("members").as_array().size(), 6u);
  const std::string text = shown({"stat", "holder_*", "--bytes"});
  EXPECT_TRUE(has(text, "holder_*: 6 processes")) << text;
  EXPECT_TRUE(has(text, " 2000500 in 70 blocks")) << text;
  const std::string rows = shown({"stat", "holder_of_bytes", "-i", "0.05", "-c", "2"});
  EXPECT_TRUE(has(rows, "PROCS")) << rows;
  const std::string csv = shown({"stat", "holder_of_bytes", "--csv"});
  EXPECT_TRUE(has(csv, ",processes\n") && has(csv, ",2000500,70,")) << csv;
}

TEST_F(Group, IsSummedUpWhenCtrlCEndsItsRows) {
  Process stat(playground_.command({"stat", "holder_of_bytes", "-i", "0.05"}));
  ASSERT_TRUE(eventually([&] { return has(stat.out(), "1.91 MiB"); }));
  const auto late = holder({"10", "10"});
  ASSERT_TRUE(eventually([&] { return has(stat.out(), "\n    7 "); })) << stat.out();
  stat.signal(SIGINT);
  const Outcome outcome = stat.wait();
  EXPECT_EQ(outcome.signal, SIGINT) << outcome;
  EXPECT_TRUE(has(outcome.out, "\n\n  processes      7, were 6\n  verdict        nothing unusual"))
      << outcome;
}

TEST_F(Group, IsWhatDescendsFromAProcess) {
  const auto parent = holder({"10", "10", "forked"});
  json::value sum;
  ASSERT_TRUE(eventually([&] {
    return (sum = read({"stat", "--below", parent->pid_text()})).at("processes") == 2;
  }));
  EXPECT_EQ(sum.at("live_bytes").as_int64(), 200);
  EXPECT_EQ(read({"stat", "--below", std::to_string(getpid())}).at("processes").as_int64(), 8);
  EXPECT_EQ(playground_.run({"stat", "no-such", "--below", parent->pid_text()}).exit_code, 1);
  for (const char *none : {"0", "-1", "4294967297"}) {
    const Outcome wrong = playground_.run({"ps", std::string("--below=") + none});
    EXPECT_EQ(wrong.exit_code, 2) << "not all processes: " << wrong;
    EXPECT_TRUE(has(wrong.err, "--below takes the pid of a process")) << wrong;
  }
  EXPECT_TRUE(has(playground_.run({"ps", "--below", "4194305"}).err, "there is no process 4194305"));
}

TEST_F(Group, IsAControlGroup) {
  std::ifstream file("/proc/" + leaker_->pid_text() + "/cgroup");
  std::string place;
  for (std::string line; std::getline(file, line);) {
    const std::string path = line.substr(line.find(':', line.find(':') + 1) + 1);
    if (path.size() > place.size()) place = path;
  }
  if (place.size() < 2) GTEST_SKIP() << "all here are in the root group";
  EXPECT_EQ(read({"stat", "--cgroup", place}).at("processes").as_int64(), 6);
  EXPECT_EQ(read({"stat", "--cgroup", place.substr(place.rfind('/') + 1)}).at("processes").as_int64(), 6);
  const auto all = read({"ps", "--cgroup", place}).as_array();
  EXPECT_EQ(all.size(), 6u);
  const Outcome none = playground_.run({"ps", "--cgroup", "no-such-group"});
  EXPECT_EQ(none.exit_code, 1) << none;
  EXPECT_TRUE(has(none.err, "is in a control group, container or unit 'no-such-group'")) << none;
}

TEST_F(Group, IsARowOfNames) {
  const auto groups = read({"ps", "--groups"}).as_array();
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].at("processes").as_int64(), 6);
  EXPECT_EQ(groups[0].at("live_bytes").as_int64(), 2'000'500);
  EXPECT_EQ(groups[0].at("largest_pid").as_int64(), leaker_->pid());
}

TEST_F(Group, IsAListInTop) {
  const std::string text = shown({"top", "--once", "holder_of_bytes"});
  EXPECT_TRUE(has(text, "holder_of_bytes: 6 processes")) << text;
  const std::string one = shown({"top", "--once", "--below", leaker_->pid_text()});
  EXPECT_TRUE(has(one, "1 process") && !has(one, workers_[0]->pid_text())) << one;
}

TEST_F(Group, IsMarkedAndCompared) {
  playground_.set("XDG_STATE_HOME", playground_ / "state");
  const std::string kept = shown({"mark", "before", "holder_of_bytes"});
  EXPECT_TRUE(has(kept, "holder_of_bytes: 6 processes")) << kept;
  leaker_->end();
  const auto another = holder({"3000", "10"});
  const auto difference = read({"diff", "before"});
  EXPECT_EQ(difference.at("members").as_array().size(), 7u);
  EXPECT_EQ(difference.at("totals").at("live_bytes").at("before").as_int64(), 2'000'500);
  EXPECT_EQ(difference.at("totals").at("live_bytes").at("after").as_int64(), 30'500);
  // Of who came, all is new; of who ended, what it did since is not known.
  EXPECT_EQ(difference.at("totals").at("allocated_bytes").at("change").as_int64(), 30'000);
  EXPECT_EQ(difference.at("members").at(0).at("stay"), "came");
  EXPECT_EQ(difference.at("members").at(6).at("stay"), "ended");
  const std::string text = shown({"diff", "before"});
  EXPECT_TRUE(has(text, "holder_of_bytes: 6 processes") && has(text, "5 others")) << text;
  EXPECT_TRUE(has(shown({"mark"}), "holder_of_bytes: 6 processes"));
  // Conditions are on the same sums.
  const auto judged = [&](const char *condition) {
    return playground_.run({"diff", "before", "--fail-if", condition}).exit_code;
  };
  EXPECT_EQ(judged("live_bytes>+0"), 0);
  EXPECT_EQ(judged("live_bytes==-1970000"), 3);
  EXPECT_EQ(judged("allocated_bytes>+30000"), 0);
  EXPECT_EQ(judged("allocated_bytes==+30000"), 3);
  EXPECT_EQ(judged("reallocations_moved>0"), 0);
  EXPECT_EQ(judged("live_bytes==30500"), 3);
}

// As those of Kubernetes are.
TEST_F(Group, IsMarkedByALongName) {
  playground_.set("XDG_STATE_HOME", playground_ / "state");
  shown({"mark", "before", "holder_of_byte" + std::string(80, '*')});
  EXPECT_EQ(read({"diff", "before"}).at("members").as_array().size(), 6u);
}

TEST_F(Group, PaysForALoadTogether) {
  const auto cost = read_last({"during", "holder_of_bytes", "--json", "--", "true"});
  EXPECT_EQ(cost.at("process"), "holder_of_bytes: 6 processes");
  EXPECT_EQ(cost.at("middle").at("allocations").as_int64(), 0);
  // Who comes while the command runs is part of it, from its start.
  const std::string start = "LD_PRELOAD='" + library().string() + "' '" + sample("holder_of_bytes").string() +
                            "' 3000 10 > /dev/null & echo $! > '" + (playground_ / "pid").string() +
                            "'; until [ -e $HEAPMETER_DIR/$!-*.sock ]; do sleep 0.02; done";
  const auto more = read_last({"during", "holder_of_bytes", "--json", "--", "bash", "-c", start});
  kill(std::stoi(read_file(playground_ / "pid")), SIGKILL);
  EXPECT_EQ(more.at("middle").at("kept_bytes").as_int64(), 30'000);
  EXPECT_EQ(more.at("middle").at("kept_blocks").as_int64(), 10);
}

TEST_F(Group, LosesWhoEndsAndGetsWhoComes) {
  Process stat(playground_.command({"stat", "holder_of_bytes", "-i", "0.05"}));
  ASSERT_TRUE(eventually([&] { return has(stat.out(), "\n    6 "); })) << stat.out();
  const auto another = holder({"10", "10"});
  EXPECT_TRUE(eventually([&] { return has(stat.out(), "\n    7 "); })) << stat.out();
  another->end();
  leaker_->end();
  EXPECT_TRUE(eventually([&] { return has(stat.out(), "\n    5 "); })) << stat.out();
  for (const auto &each : workers_) each->end();
  const Outcome outcome = stat.wait();
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_TRUE(has(outcome.err, "has ended, all of it")) << outcome;
}

TEST_F(Group, SaysWhoOfItDoesNotAnswer) {
  workers_[0]->stop();
  const Outcome outcome = playground_.run({"stat", "holder_of_bytes"});
  workers_[0]->signal(SIGCONT);
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_TRUE(has(outcome.err, "(" + workers_[0]->pid_text() + ") is not answering; it is in no sum"))
      << outcome;
}

TEST_F(Group, NamesFewOfManyThatDoNotAnswer) {
  for (const auto &each : workers_) each->stop();
  const Outcome outcome = playground_.run({"stat", "holder_of_bytes"});
  for (const auto &each : workers_) each->signal(SIGCONT);
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 4) << outcome;
  EXPECT_TRUE(has(outcome.err, "2 more of them do not answer; ")) << outcome;
}

TEST_F(Group, IsNothingForAVerbThatNeedsOne) {
  for (const char *verb : {"account", "sizes", "threads", "holders"}) {
    std::vector<std::string> arguments = {verb, "holder_of_bytes"};
    if (verb == std::string("holders")) arguments.insert(arguments.end(), {"--class", "16"});
    const Outcome outcome = playground_.run(arguments);
    EXPECT_EQ(outcome.exit_code, 1) << outcome;
    EXPECT_TRUE(has(outcome.err, "6 metered processes are named 'holder_of_bytes'")) << outcome;
    EXPECT_TRUE(has(outcome.err, ", and 1 more; give a pid")) << outcome;
  }
}

class GroupWithSites : public ::testing::Test {
 protected:
  GroupWithSites() { playground_.set("HEAPMETER_SAMPLE", "every"); }
  std::string target_ = "holder_of_bytes";
  Playground playground_;
};

TEST_F(GroupWithSites, IsShownAsOne) {
  const Holder large(playground_, {"1000", "70"}), small(playground_, {"1000", "30"});
  const Outcome read = playground_.run({"sites", target_, "--json"});
  ASSERT_TRUE(read.ok()) << read;
  const json::value sum = json::parse(read.out);
  const json::value &most = sum.at("sites").at(0);
  EXPECT_EQ(most.at("live_blocks").to_number<int>(), 100);
  EXPECT_EQ(most.at("live_bytes").to_number<int>(), 100'000);
  EXPECT_EQ(most.at("frames").at(0).at("function"), "main");
  EXPECT_EQ(sum.at("members").as_array().size(), 2u);
  const Outcome text = playground_.run({"sites", "holder_*"});
  EXPECT_TRUE(has(text.out, "2 processes, most in holder_of_bytes (" + large.pid_text() + "): live")) << text;
  const std::string page = playground_ / "all.html";
  EXPECT_TRUE(playground_.run({"sites", target_, "--flame", page}).ok());
  EXPECT_TRUE(has(read_file(page), "2 processes"));
  const Outcome growth = playground_.run({"sites", target_, "-i", "0.05", "-c", "2"});
  EXPECT_TRUE(growth.ok()) << growth;
  EXPECT_TRUE(has(growth.out, "Nothing grew or shrank")) << growth;
}

TEST_F(GroupWithSites, IsComparedWithAMarkOfIt) {
  playground_.set("XDG_STATE_HOME", playground_ / "state");
  const Holder grows(playground_, {}, "grower"), stays(playground_, {}, "grower");
  const Outcome mark = playground_.run({"mark", "before", "grower"});
  ASSERT_TRUE(mark.ok()) << mark;
  EXPECT_EQ(mark.err, "");
  const Outcome same = playground_.run({"sites", "grower", "--since", "before"});
  EXPECT_TRUE(has(same.out, "2 processes") && has(same.out, "Nothing grew or shrank")) << same;
  // What its functions called main, without lines, did in all of them is one row.
  const auto has_grown = [&](std::int64_t bytes) {
    return eventually([&] {
      const Outcome since = playground_.run({"sites", "grower", "--since", "before", "--json"});
      if (!since.ok()) throw std::runtime_error(since.err);
      const json::value reading = json::parse(since.out);
      return reading.at("sites").at(0).at("live_bytes").to_number<std::int64_t>() >= bytes;
    });
  };
  grows.signal(SIGUSR2);
  EXPECT_TRUE(has_grown(30 * 1000 - 10 * 100 + 4900));
  const Holder came(playground_, {}, "grower");
  EXPECT_TRUE(has_grown(33'900 + 50 * 100)) << "who came since is in it with all";
  const Outcome text = playground_.run({"sites", "grower", "--since", "before"});
  EXPECT_TRUE(has(text.out, "3 processes")) << text;
  const std::string page = playground_ / "grown.html", picture = playground_ / "grown.svg";
  const Outcome drawn =
      playground_.run({"sites", "grower", "--since", "before", "--flame", page, "--svg", picture});
  EXPECT_TRUE(drawn.ok()) << drawn;
  EXPECT_TRUE(has(read_file(page), "3 processes"));
  EXPECT_TRUE(has(read_file(picture), "main") && has(read_file(picture), ">+")) << "what grew, by so much";

  const Outcome alone = playground_.run({"sites", grows.pid_text(), "--since", "before"});
  EXPECT_EQ(alone.exit_code, 1) << alone;
  EXPECT_TRUE(playground_.run({"mark", "one", grows.pid_text()}).ok());
  const Outcome one = playground_.run({"sites", "grower", "--since", "one"});
  EXPECT_TRUE(has(one.err, "the mark 'one' is of one process, grower (" + grows.pid_text())) << one;
  const Holder other(playground_, {"1000", "70"}), another(playground_, {"1000", "70"});
  const Outcome others = playground_.run({"sites", target_, "--since", "before"});
  EXPECT_TRUE(has(others.err, "is of none of these processes")) << others;
}

// Of two marks, or of one and now, in text, JSON and as pictures.
TEST_F(GroupWithSites, IsComparedByItsCode) {
  playground_.set("XDG_STATE_HOME", playground_ / "state");
  const Holder grows(playground_, {}, "grower");
  Holder ends(playground_, {}, "grower");
  ASSERT_TRUE(playground_.run({"mark", "before", "grower"}).ok());
  grows.signal(SIGUSR2);
  const auto difference = [&](std::vector<std::string> to) {
    std::vector<std::string> arguments = {"diff", "before", "--json"};
    arguments.insert(arguments.end(), to.begin(), to.end());
    const Outcome outcome = playground_.run(arguments);
    if (!outcome.ok()) throw std::runtime_error(outcome.err);
    return json::parse(outcome.out);
  };
  const auto total = [](const json::value &read) {
    return read.at("totals").at("live_bytes").at("change").to_number<std::int64_t>();
  };
  ASSERT_TRUE(eventually([&] { return total(difference({})) >= 33'900; }));
  const Holder came(playground_, {}, "grower");
  ends.end();
  ASSERT_TRUE(playground_.run({"mark", "after", "grower"}).ok());
  for (const std::vector<std::string> &to : {std::vector<std::string>{}, {"after"}}) {
    const json::value read = difference(to);
    EXPECT_EQ(read.at("sites_known"), true) << read;
    std::int64_t changed = 0;
    for (const json::value &site : read.at("sites").as_array())
      changed += site.at("live_bytes_change").to_number<std::int64_t>();
    EXPECT_EQ(changed, total(read)) << "who came as well as who ended is in it: " << read;
    EXPECT_EQ(read.at("sites").at(0).at("frames").at(0).at("function"), "main") << read;
  }
  const std::string page = playground_ / "grown.html";
  const Outcome text = playground_.run({"diff", "before", "after", "--flame", page});
  EXPECT_TRUE(text.ok() && has(text.out, "CODE") && has(text.out, "main")) << text;
  EXPECT_TRUE(has(read_file(page), "before -&gt; after") || has(read_file(page), "before -> after"));
}

TEST_F(GroupWithSites, TellsWhatCameSinceAttributionBegan) {
  playground_.set("XDG_STATE_HOME", playground_ / "state");
  const Holder grows(playground_, {}, "grower"), stays(playground_, {}, "grower");
  ASSERT_TRUE(playground_.run({"sites", "grower", "--sample", "off"}).ok());
  ASSERT_TRUE(playground_.run({"mark", "before", "grower"}).ok());
  const Outcome off = playground_.run({"diff", "before"});
  EXPECT_TRUE(has(off.out, "heapmeter sites 'grower' --sample every")) << off;
  ASSERT_TRUE(playground_.run({"sites", "grower", "--sample", "every"}).ok());
  grows.signal(SIGUSR2);
  EXPECT_TRUE(eventually([&] {
    const Outcome outcome = playground_.run({"diff", "before", "--json"});
    const json::value read = json::parse(outcome.out);
    return read.at("sites_from_attribution_on") == true && !read.at("sites").as_array().empty() &&
           read.at("sites").at(0).at("live_bytes_change").to_number<std::int64_t>() >= 33'900;
  }));
}

TEST_F(GroupWithSites, KeepsFilesOfOnePathApart) {
  const std::string program = playground_ / "prog";
  const auto start = [&](const char *blocks) {
    std::filesystem::remove(program);
    std::filesystem::copy(sample("without_build_id"), program);
    return Holder(playground_, {"1000", blocks}, program);
  };
  const Holder one = start("70"), other = start("30");
  const Outcome read = playground_.run({"sites", "prog", "--json"});
  ASSERT_TRUE(read.ok()) << read;
  const json::value sum = json::parse(read.out);
  EXPECT_EQ(sum.at("sites").at(0).at("live_blocks").to_number<int>(), 70) << read.out;
  EXPECT_EQ(sum.at("sites").at(1).at("live_blocks").to_number<int>(), 30) << read.out;
}

TEST_F(GroupWithSites, SwitchesAllOfIt) {
  const Holder one(playground_, {"1000", "70"}), other(playground_, {"1000", "30"});
  const Outcome off = playground_.run({"sites", target_, "--sample", "off"});
  EXPECT_TRUE(off.ok()) << off;
  EXPECT_TRUE(has(off.out, one.pid_text()) && has(off.out, other.pid_text())) << off;
  const Outcome none = playground_.run({"sites", target_});
  EXPECT_EQ(none.exit_code, 1) << none;
  EXPECT_TRUE(has(none.err, "holder_of_bytes: none of 2 processes notes")) << none;
  EXPECT_TRUE(playground_.run({"sites", one.pid_text(), "--sample", "every"}).ok());
  const Outcome half = playground_.run({"sites", target_, "--by", "allocated"});
  EXPECT_TRUE(has(half.out, "2 processes, 1 of which is attributed")) << half;
}

}  // namespace
