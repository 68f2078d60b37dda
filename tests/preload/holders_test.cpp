// SPDX-License-Identifier: MIT
//
// Who points at some blocks: known holders, to the pointer, and the ways to them from the roots.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>

#include "support/http.h"
#include "support/meter.h"

namespace heapmeter::testing {
namespace {

namespace json = boost::json;

Answer ask(const std::filesystem::path &socket, const std::string &query) {
  Connection connection(socket);
  connection.send("POST /v1/holders" + query + " HTTP/1.1\r\nHost: heapmeter\r\nHeapmeter: 1\r\n\r\n");
  return parse_answer(connection.receive_all(std::chrono::seconds(120)));
}

std::int64_t number(const json::object &object, const char *name) {
  const json::value *value = object.if_contains(name);
  return value == nullptr ? -1 : value->to_number<std::int64_t>();
}

class Holders : public ::testing::TestWithParam<const char *> {
 protected:
  void start(const std::string &sample) {
    Command command{{victim("held")}};
    command.environment = meter_.environment();
    command.environment["HEAPMETER_BACKEND"] = GetParam();
    command.environment["HEAPMETER_SAMPLE"] = sample;
    process_ = std::make_unique<Process>(command);
    ASSERT_TRUE(eventually([&] { return process_->out().ends_with("ready\n"); })) << process_->err();
    std::istringstream(process_->out()) >> cache_ >> kept_ >> thread_;
    socket_ = meter_.socket_of(process_->pid());
  }
  void TearDown() override {
    process_->signal(SIGTERM);
    EXPECT_TRUE(process_->wait().ok());
  }
  json::object answer(const std::string &query) {
    const Answer answer = ask(socket_, query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json().as_object();
  }

  Meter meter_;
  std::unique_ptr<Process> process_;
  std::filesystem::path socket_;
  std::int64_t cache_ = 0, kept_ = 0, thread_ = 0;
};

// The one of this kind that fits.
template <typename Fits>
json::object find(const json::array &rows, const std::string &kind, Fits fits) {
  for (const json::value &row : rows) {
    if (row.as_object().at("kind").as_string() == kind && fits(row.as_object())) return row.as_object();
  }
  return {};
}

TEST_P(Holders, AreCountedToThePointer) {
  start("off");
  const json::object all = answer("?bytes=733");
  EXPECT_EQ(number(all, "blocks"), 1000 + 3 + 1 + 7) << all;
  const json::array &holders = all.at("holders").as_array();
  const json::object node = find(holders, "block", [](const json::object &row) {
    return number(row, "block_bytes") == 56 && number(row, "offset") == 24;
  });
  EXPECT_EQ(number(node, "pointers"), 1000) << all;
  for (int i = 0; i < 3; ++i) {
    const json::object kept = find(
        holders, "data", [&](const json::object &row) { return number(row, "address") == kept_ + i * 8; });
    EXPECT_EQ(number(kept, "pointers"), 1) << all;
  }
  const json::object stack =
      find(holders, "stack", [&](const json::object &row) { return number(row, "thread") == thread_; });
  EXPECT_GE(number(stack, "pointers"), 1) << all;
  EXPECT_GE(number(all, "reached_blocks"), 1004) << all;
  EXPECT_LT(number(all, "reached_blocks"), 1011) << "seven are lost";
}

TEST_P(Holders, AreFollowedUpToTheRoots) {
  start("off");
  const json::object all = answer("?bytes=700-800");
  const json::array &ways = all.at("ways").as_array();
  const auto step = [&](std::int64_t towards, std::int64_t bytes) {
    for (std::size_t at = 0; at < ways.size(); ++at) {
      const json::object &way = ways[at].as_object();
      if (number(way, "towards") == towards && number(way, "block_bytes") == bytes &&
          number(way, "blocks") == 1000)
        return static_cast<std::int64_t>(at + 1);
    }
    return std::int64_t{-1};
  };
  // A bucket's chain of nodes is one step.
  const std::int64_t node = step(0, 56), buckets = step(node, 2048), cache = step(buckets, 200);
  ASSERT_GT(node, 0) << all;
  ASSERT_GT(buckets, 0) << all;
  ASSERT_GT(cache, 0) << all;
  EXPECT_EQ(number(ways[static_cast<std::size_t>(cache - 1)].as_object(), "offset"), 16);
  const json::object root = find(ways, "data", [&](const json::object &way) {
    return number(way, "towards") == cache && number(way, "address") == cache_;
  });
  EXPECT_EQ(number(root, "blocks"), 1000) << all;
}

TEST_P(Holders, AreKnownByTheirCallStacks) {
  start("every");
  const json::array sites = get(socket_, "/v1/sites").json().at("sites").as_array();
  // Those of which there are a thousand: nodes and values.
  std::string leaves;
  for (const json::value &site : sites) {
    if (site.as_array().at(1).to_number<std::int64_t>() == 1000 &&
        site.as_array().at(2).to_number<std::int64_t>() == 733'000)
      leaves = std::to_string(site.as_array().at(0).to_number<std::int64_t>());
  }
  ASSERT_FALSE(leaves.empty());
  const json::object all = answer("?leaf=" + leaves);
  EXPECT_EQ(number(all, "blocks"), 1000) << all;
  const json::object node = find(all.at("holders").as_array(), "block",
                                 [](const json::object &row) { return number(row, "offset") == 24; });
  EXPECT_EQ(number(node, "pointers"), 1000) << all;
  EXPECT_GT(number(node, "leaf"), 0) << all;
}

TEST_P(Holders, AreToldApartByWhoseBlocksTheyPointAt) {
  start("every");
  const json::array sites = get(socket_, "/v1/sites").json().at("sites").as_array();
  const auto leaf_of = [&](std::int64_t bytes) {
    for (const json::value &site : sites) {
      if (site.as_array().at(2).to_number<std::int64_t>() == bytes)
        return site.as_array().at(0).to_number<std::int64_t>();
    }
    return std::int64_t{-1};
  };
  const std::int64_t value = leaf_of(733'000), node = leaf_of(56'000), buckets = leaf_of(2048);
  ASSERT_TRUE(value > 0 && node > 0 && buckets > 0);
  // In whichever order they are asked about.
  for (const auto &[one, other] : {std::pair(value, node), std::pair(node, value)}) {
    const json::object all = answer("?leaf=" + std::to_string(one) + "," + std::to_string(other) + "&apart");
    EXPECT_EQ(number(all, "blocks"), 2000) << all;
    EXPECT_EQ(number(all, "reached_blocks"), 2000) << all;
    EXPECT_TRUE(all.at("ways").as_array().empty()) << all;
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> pointers;  // by who points, and at whom
    for (const json::value &each : all.at("holders").as_array()) {
      const json::object &row = each.as_object();
      pointers[{number(row, "leaf"), number(row, "towards_leaf")}] += number(row, "pointers");
    }
    EXPECT_EQ((pointers[{node, value}]), 1000) << all;
    EXPECT_EQ((pointers[{buckets, node}]), 256) << all;
    EXPECT_EQ((pointers[{node, node}]), 744) << all;
    EXPECT_EQ((pointers[{buckets, value}]), 0) << all;
  }
}

TEST_P(Holders, AreAskedForInOneWayOnly) {
  start("off");
  for (const char *query :
       {"", "?", "?bytes=", "?bytes=9-1", "?bytes=1-", "?leaf=0", "?leaf=1,", "?leaf=x", "?bytes=1&x",
        "?leaf=99999999999999999999999", "?site=1", "?bytes=1&apart", "?leaf=1&apart&", "?leaf=1&apar"})
    EXPECT_EQ(ask(socket_, query).status, 400) << query;
  EXPECT_EQ(number(answer("?bytes=123456"), "blocks"), 0);
}

INSTANTIATE_TEST_SUITE_P(OnBothBackends, Holders, ::testing::Values("mimalloc", "next"),
                         [](const auto &name) { return std::string(name.param); });

}  // namespace
}  // namespace heapmeter::testing
