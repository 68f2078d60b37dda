// SPDX-License-Identifier: MIT
//
// The verb on a living program whose blocks are held in known ways.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

class HoldersVerb : public ::testing::Test {
 protected:
  void start(const std::string &mode) {
    Command command{{sample("held_blocks")}};
    command.environment = playground_.environment();
    command.environment["LD_PRELOAD"] = library();
    command.environment["HEAPMETER_SAMPLE"] = mode;
    process_ = std::make_unique<Process>(command);
    ASSERT_TRUE(eventually([&] { return process_->out().ends_with("ready\n"); })) << process_->err();
    socket_ = socket_of(playground_.sockets(), process_->pid());
  }
  Outcome holders(std::vector<std::string> options) {
    options.insert(options.begin(), "holders");
    options.push_back(socket_);
    return playground_.run(options);
  }
  static bool matches(const std::string &text, const std::string &pattern) {
    return std::regex_search(text, std::regex(pattern));
  }

  Playground playground_;
  std::unique_ptr<Process> process_;
  std::string socket_;
};

TEST_F(HoldersVerb, NamesBlocksVariablesAndThreads) {
  start("off");
  const Outcome outcome = holders({"--class", "733"});
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_TRUE(matches(outcome.out, "1,000  blocks of 56 B at \\+24\n")) << outcome;
  EXPECT_TRUE(matches(outcome.out, "3  kept \\(held_blocks\\)\n")) << outcome;
  EXPECT_TRUE(matches(outcome.out, "stack of thread [0-9]+ 'held_blocks'\n")) << outcome;
  EXPECT_TRUE(matches(outcome.out, "1,011 live blocks")) << outcome;
}

TEST_F(HoldersVerb, ShowTheWayToTheRootAsATree) {
  start("off");
  const Outcome outcome = holders({"--class", "700-800", "--tree"});
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_TRUE(matches(outcome.out,
                      " 1,000 .*  blocks of 56 B at \\+24\n *1,000 .*    blocks of 2.00 KiB\n *1,000 .*      "
                      "blocks of 200 B at \\+16\n *1,000 .*        the_cache \\(held_blocks\\)\n"))
      << outcome;
}

TEST_F(HoldersVerb, KnowBlocksByTheCodeTheyAreFrom) {
  start("every");
  const Outcome outcome = holders({"--site", "make", "--json"});
  ASSERT_TRUE(outcome.ok()) << outcome;
  const json::object all = json::parse(outcome.out).as_object();
  EXPECT_EQ(all.at("blocks").to_number<int>(), 1011) << outcome;
  const json::object &first = all.at("holders").as_array().at(0).as_object();
  EXPECT_EQ(first.at("pointers").to_number<int>(), 1000);
  EXPECT_NE(first.at("name").as_string().find("blocks of about 56 B from fill"), std::string::npos)
      << outcome;
  EXPECT_EQ(holders({"--site", "no_such_function"}).exit_code, 1);
}

TEST_F(HoldersVerb, AreInTheFlamePage) {
  start("every");
  const std::string page = playground_ / "held.html";
  const Outcome outcome = playground_.run({"sites", "--flame", page, "--holders", socket_});
  ASSERT_TRUE(outcome.ok()) << outcome;
  std::ifstream file(page);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const std::size_t begin = text.find("\n\"holders\":") + 11;
  const json::object holders =
      json::parse(text.substr(begin, text.find("}</script>", begin) - begin)).as_object();
  EXPECT_FALSE(holders.at("asked").as_array().empty());
  // The thousand values, from nodes which are a stack of the page, too, and by name.
  const json::array &rows = holders.at("pointers").as_array();
  EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [](const json::value &each) {
    const json::array &row = each.as_array();
    return row.at(1).as_string().starts_with("blocks of about 56 B from fill") &&
           row.at(1).as_string().ends_with(" at +24") && row.at(2).to_number<int>() == 1000 &&
           row.at(3).to_number<int>() >= 0;
  })) << holders;
  EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [](const json::value &each) {
    return each.as_array().at(1).as_string() == "the_cache (held_blocks)";
  })) << holders;
}

TEST_F(HoldersVerb, AreForAPageOfOneProcess) {
  start("every");
  EXPECT_EQ(playground_.run({"sites", "--holders", socket_}).exit_code, 2);
  const auto first = std::move(process_);
  start("every");
  const Outcome group = playground_.run({"sites", "--flame", playground_ / "x.html", "--holders", "held*"});
  EXPECT_EQ(group.exit_code, 2) << group;
  EXPECT_NE(group.err.find("--holders is for one process"), std::string::npos) << group;
}

TEST_F(HoldersVerb, DoNotWaitForWhoIsStopped) {
  start("off");
  process_->stop();
  const auto began = std::chrono::steady_clock::now();
  const Outcome outcome = holders({"--class", "733"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_NE(outcome.err.find("within 2.00 s: it is stopped; continue it with kill -CONT"), std::string::npos)
      << outcome;
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(100));
}

TEST_F(HoldersVerb, SayWhatIsWrongWithTheQuestion) {
  start("off");
  EXPECT_EQ(holders({}).exit_code, 2);
  EXPECT_EQ(holders({"--class", "1", "--site", "x"}).exit_code, 2);
  for (const char *size : {"many", "-1", "1-", "1-2-3", "", "200-100", "99999999999999999999999",
                           "9223372036854775808", "18446744073709551616-1"})
    EXPECT_EQ(holders({"--class=" + std::string(size)}).exit_code, 2) << size;
  const Outcome unknown = holders({"--site", "make"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_NE(unknown.err.find("--sample every"), std::string::npos) << unknown;
}

}  // namespace
