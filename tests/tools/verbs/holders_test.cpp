// SPDX-License-Identifier: MIT
//
// The verb on a living program whose blocks are held in known ways.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

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
  EXPECT_TRUE(matches(outcome.out, "1  kept \\(held_blocks\\)\n")) << outcome;
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
  EXPECT_NE(first.at("name").as_string().find("blocks from fill"), std::string::npos) << outcome;
  EXPECT_EQ(holders({"--site", "no_such_function"}).exit_code, 1);
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
