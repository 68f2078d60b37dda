// SPDX-License-Identifier: MIT
//
// Which code holds what, as a program at rest tells it: with every allocation attributed the sites add up to
// the process's own numbers to the unit, whatever threads, forks, realloc and switches of the mode there
// were; with samples they come near it, as near as they say.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include <cmath>
#include <csignal>
#include <fstream>

#include "site_sums.h"

namespace heapmeter::testing {
namespace {

constexpr const char *kOperations = "400000";

class SitesOfAProgram : public ::testing::Test {
 protected:
  void start(const std::string &sample, const std::string &limit = "64M",
             const std::string &backend = "mimalloc", const std::string &operations = kOperations) {
    Command command{{victim("sites_at_rest"), "4", operations}};
    command.environment = meter_.environment();
    command.environment["HEAPMETER_SAMPLE"] = sample;
    command.environment["HEAPMETER_SITES_LIMIT"] = limit;
    command.environment["HEAPMETER_BACKEND"] = backend;
    if (!report_.empty()) command.environment["HEAPMETER_REPORT"] = report_;
    command.deadline = std::chrono::seconds(1000);
    process_ = std::make_unique<Process>(command);
    wait_for("ready\n");
    socket_ = meter_.socket_of(process_->pid());
  }
  bool has_said(const std::string &said) const { return process_->out().find(said) != std::string::npos; }
  void wait_for(const std::string &said) {
    ASSERT_TRUE(eventually([&] { return has_said(said); }, std::chrono::seconds(900)))
        << said << process_->out() << process_->err();
  }
  void go_on_to(const std::string &step) {
    process_->signal(SIGUSR1);
    wait_for(step + "\n");
  }
  pid_t child() {
    wait_for("child ");
    const std::string out = process_->out();
    return std::stoi(out.substr(out.find("child ") + 6));
  }
  Sites sites() const { return Sites(socket_); }
  std::string sampling() const {
    return std::string(meter_.snapshot(process_->pid()).fields().at("sampling").as_string());
  }
  void TearDown() override {
    if (process_ == nullptr) return;
    process_->signal(SIGTERM);
    const Outcome outcome = process_->wait();
    EXPECT_TRUE(outcome.ok()) << outcome;
    EXPECT_EQ(outcome.err, "");
  }

  Meter meter_;
  std::string report_;
  std::unique_ptr<Process> process_;
  std::filesystem::path socket_;
};

TEST_F(SitesOfAProgram, AddUpToTheUnit) {
  start("every");
  sites().expect_all_ever_attributed();
  go_on_to("churned");
  const Sites churned = sites();
  churned.expect_all_ever_attributed();
  EXPECT_EQ(churned.field("other_allocations"), 0) << "there was room for all";
  EXPECT_GT(churned.page().at("sites").as_array().size(), 10u);
  Sites(meter_.socket_of(child())).expect_all_ever_attributed();
  go_on_to("freed");
  sites().expect_all_ever_attributed();
}

// As many again in a child that it forks.
TEST_F(SitesOfAProgram, AddUpAfterManyOperations) {
  const char *more = getenv("HEAPMETER_TEST_OPERATIONS");
  start("every", "64M", "mimalloc", more == nullptr ? "10000000" : more);
  go_on_to("churned");
  const Sites churned = sites();
  churned.expect_all_ever_attributed();
  churned.expect_lifetimes_of_all_that_went();
  Sites(meter_.socket_of(child())).expect_all_ever_attributed();
  go_on_to("freed");
  sites().expect_all_ever_attributed();
}

// What was attributed leaves the site that it came to, or was forgotten with it, whenever the mode changed.
TEST_F(SitesOfAProgram, AreEmptyAtTheEndHoweverOftenTheModeChanged) {
  start("off", "64M", "mimalloc", "10000000");
  process_->signal(SIGUSR1);
  for (const char *mode : {"every", "1K", "every", "off", "every", "off", "1K", "off", "every"}) {
    // Refused, the one before is still being forgotten.
    ASSERT_TRUE(eventually([&] { return post(socket_, std::string("sample=") + mode).status == 200; }));
    sites();
  }
  ASSERT_FALSE(has_said("churned\n")) << "all is older than the last change";
  wait_for("churned\n");
  EXPECT_GT(sites().sum("live_blocks"), 0);
  go_on_to("freed");
  const Sites end = sites();
  EXPECT_EQ(end.text("mode"), "every");
  EXPECT_EQ(end.sum("live_blocks") + end.field("other_live_blocks"), 0);
  EXPECT_EQ(end.sum("live_bytes") + end.field("other_live_bytes"), 0);
  EXPECT_EQ(end.field("before_live_blocks"), end.field("live_blocks"));
}

TEST_F(SitesOfAProgram, AddUpOnTheProgramsOwnAllocator) {
  start("every", "64M", "next");
  go_on_to("churned");
  sites().expect_all_ever_attributed();
  go_on_to("freed");
  sites().expect_all_ever_attributed();
}

TEST_F(SitesOfAProgram, AddUpWithinASmallLimit) {
  start("every", "1K");
  go_on_to("churned");
  const Sites churned = sites();
  churned.expect_all_ever_attributed();
  EXPECT_GT(churned.field("other_allocations"), 0);
  EXPECT_EQ(churned.field("limit_bytes"), 1024);
}

// The old blocks are 0 to 999 bytes large; the first 300 are gone after the churn.
TEST_F(SitesOfAProgram, TellWhatIsOlderThanTheSwitch) {
  start("off");
  const Sites before = sites();
  EXPECT_EQ(before.text("mode"), "off");
  EXPECT_EQ(before.field("since"), 0);
  ASSERT_EQ(post(socket_, "sample=every").status, 200);
  go_on_to("churned");
  sites().expect_all_attributed(before.field("live_blocks") - 300,
                                before.field("live_bytes") - 299 * 300 / 2);

  const Answer off = post(socket_, "sample=off");
  ASSERT_EQ(off.status, 200);
  EXPECT_EQ(off.json().as_object().at("mode").as_string(), "off");
  EXPECT_LT(off.json().as_object().at("sites_bytes").to_number<std::int64_t>(), 100'000) << "given back";
  EXPECT_TRUE(sites().page().at("sites").as_array().empty());

  ASSERT_EQ(post(socket_, "sample=every").status, 200);
  const Sites again = sites();
  again.expect_all_attributed(again.field("live_blocks"), again.field("live_bytes"));
  go_on_to("freed");
  const Sites end = sites();
  end.expect_all_attributed(end.field("live_blocks"), end.field("live_bytes"));
  EXPECT_EQ(end.sum("live_blocks"), 0);
}

TEST_F(SitesOfAProgram, SwitchBackByThemselves) {
  start("off");
  const Answer on = post(socket_, "sample=every&for=1");
  ASSERT_EQ(on.status, 200);
  EXPECT_EQ(on.json().as_object().at("mode").as_string(), "every");
  EXPECT_GT(on.json().as_object().at("until").to_number<std::int64_t>(), 0);
  EXPECT_TRUE(eventually([&] { return sites().text("mode") == "off"; }));
}

TEST_F(SitesOfAProgram, SwitchBackToHowTheyWere) {
  start("4K");
  ASSERT_EQ(post(socket_, "sample=every&for=600").status, 200);
  ASSERT_EQ(post(socket_, "sample=2K&for=1").status, 200);
  EXPECT_EQ(sampling(), "2048");
  EXPECT_TRUE(eventually([&] { return sampling() == "4096"; })) << sampling();
  EXPECT_EQ(sites().field("until"), 0);
}

TEST_F(SitesOfAProgram, SayHowInEverySnapshot) {
  start("every");
  EXPECT_EQ(sampling(), "every");
  ASSERT_EQ(post(socket_, "sample=2K").status, 200);
  EXPECT_EQ(sampling(), "2048");
  ASSERT_EQ(post(socket_, "sample=off").status, 200);
  EXPECT_EQ(sampling(), "off");
}

TEST_F(SitesOfAProgram, AreNotChangedByWhoDoesNotSayHow) {
  start("off");
  EXPECT_EQ(post(socket_, "sample=every", "").status, 403);
  EXPECT_EQ(post(socket_, "sample=sometimes").status, 400);
  EXPECT_EQ(post(socket_, "").status, 400);
  EXPECT_EQ(post(socket_, "sample=every", "Heapmeter: 1\r\nContent-Length: 4\r\n").status, 400);
  EXPECT_EQ(get(socket_, "/v1/sites?sample=every").status, 200) << "a reading changes nothing";
  EXPECT_EQ(sites().text("mode"), "off");
}

TEST_F(SitesOfAProgram, ComeNearByTheirSamples) {
  start("1K");
  go_on_to("churned");
  const Sites churned = sites();
  EXPECT_EQ(churned.text("mode"), "sampled");
  EXPECT_EQ(churned.field("mean_bytes"), 1024);
  EXPECT_GT(churned.sum("live_samples"), 100);
  const double error = std::sqrt(churned.sum("variance_bytes"));
  EXPECT_NEAR(churned.sum("live_bytes"), static_cast<double>(churned.field("live_bytes")), 5 * error);
  EXPECT_NEAR(churned.sum("allocations") / static_cast<double>(churned.field("allocations")), 1, 0.05);
  EXPECT_NEAR(churned.sum("allocated_bytes") / static_cast<double>(churned.field("allocated_bytes")), 1,
              0.05);
  // What was live at the peak has left no samples to tell its error by, but there were no fewer.
  EXPECT_NEAR(churned.sum("peak_bytes"), static_cast<double>(churned.field("peak_bytes")), 6 * error);
  EXPECT_GE(churned.sum("peak_blocks"), churned.sum("live_blocks") / 2);
  go_on_to("freed");
  const Sites freed = sites();
  EXPECT_LT(freed.sum("live_samples"), 100);
  EXPECT_GE(freed.sum("peak_bytes"), churned.sum("peak_bytes")) << "the child's peak is its own";
  ASSERT_EQ(post(socket_, "sample=off").status, 200);
  EXPECT_EQ(sites().text("mode"), "off");
}

// Enough to be named elsewhere: what is listed leads to code in modules that are listed.
TEST_F(SitesOfAProgram, AreInItsReportAtTheEnd) {
  const TempDir dir;
  report_ = dir.path() / "report";
  start("every");
  go_on_to("churned");
  process_->signal(SIGTERM);
  EXPECT_TRUE(process_->wait().ok());
  process_.reset();
  std::ifstream file(report_);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto report = boost::json::parse(text).as_object();
  const Sites sites(report.at("pages").at("sites").as_object());
  sites.expect_all_ever_attributed();
  EXPECT_EQ(sites.field("live_bytes"), report.at("live_bytes").to_number<std::int64_t>());
  const auto &rows = sites.page().at("sites").as_array(), &nodes = sites.page().at("nodes").as_array(),
             &modules = sites.page().at("modules").as_array();
  EXPECT_GT(rows.size(), 5u);
  EXPECT_LE(rows.size(), 2 * 512u);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    EXPECT_LE(nodes[i].at(0).to_number<std::size_t>(), i) << "a parent comes before";
    EXPECT_LT(nodes[i].at(1).to_number<std::int64_t>(), static_cast<std::int64_t>(modules.size()));
  }
  bool has_program = false;
  for (const auto &module : modules)
    has_program |= module.at("path").as_string().ends_with("/sites_at_rest") &&
                   module.at("build_id").as_string().size() == 40;
  EXPECT_TRUE(has_program) << modules;
  for (const auto &row : rows) {
    EXPECT_GE(row.at(0).to_number<std::size_t>(), 1u);
    EXPECT_LE(row.at(0).to_number<std::size_t>(), nodes.size());
  }
}

// A row that people read is of many sites, so that few of the largest would not do.
TEST(SitesInAReport, AreTheLargestOfMany) {
  const Meter meter;
  const TempDir dir;
  Command command{{program("python3"), "-c", "import json, decimal, argparse, unittest"}};
  command.environment = meter.environment();
  command.environment["PYTHONMALLOC"] = "malloc";
  command.environment["HEAPMETER_SAMPLE"] = "every";
  command.environment["HEAPMETER_REPORT"] = dir.path() / "report";
  const Outcome outcome = run(command);
  ASSERT_TRUE(outcome.ok()) << outcome;
  const auto report = boost::json::parse(read_file(dir.path() / "report")).as_object();
  const Sites sites(report.at("pages").at("sites").as_object());
  sites.expect_all_ever_attributed();
  const auto &rows = sites.page().at("sites").as_array();
  EXPECT_GT(rows.size(), 512u);
  EXPECT_LE(rows.size(), 2 * 512u);
  EXPECT_LT(static_cast<double>(sites.field("other_peak_bytes")), sites.sum("peak_bytes") / 2);
  // Those of each moment that are listed, however small, are no fewer than were asked for.
  for (const char *moment : {"live_bytes", "peak_bytes"}) EXPECT_GE(sites.counted(moment), 512) << moment;
  EXPECT_TRUE(report.at("pages").as_object().contains("threads"));
}

// Whoever names the report may be anywhere.
TEST(SitesInAReport, HaveWholePathsOfLibrariesThatWereAskedForByOthers) {
  const Meter meter;
  const TempDir dir;
  const auto library = victim("libcpp_plugin.so");
  Command command{
      {program("python3"), "-c", "import ctypes; ctypes.CDLL('./libcpp_plugin.so').plugin_work()"}};
  command.directory = library.parent_path();
  command.environment = meter.environment();
  command.environment["HEAPMETER_SAMPLE"] = "every";
  command.environment["HEAPMETER_REPORT"] = dir.path() / "report";
  const Outcome outcome = run(command);
  ASSERT_TRUE(outcome.ok()) << outcome;
  const auto report = boost::json::parse(read_file(dir.path() / "report")).as_object();
  bool has_library = false;
  for (const auto &module : report.at("pages").at("sites").at("modules").as_array()) {
    const std::string path(module.at("path").as_string());
    if (!path.ends_with("libcpp_plugin.so")) continue;
    has_library = true;
    EXPECT_EQ(path, std::filesystem::canonical(library).string());
  }
  EXPECT_TRUE(has_library);
}

// Stacks of every kind, signals, jumps, forks, and code that comes and goes, by a hundred threads.
TEST(SitesOfATorturedProgram, AddUpToTheUnit) {
  Meter meter;
  Command command{{victim("sites_torture"), "100", "5"}};
  command.environment = meter.environment();
  command.environment["HEAPMETER_SAMPLE"] = "every";
  command.deadline = std::chrono::seconds(400);
  Process process(command);
  ASSERT_TRUE(eventually([&] { return process.out() == "done\n"; }, std::chrono::seconds(350)))
      << process.err();
  const Sites sites(meter.socket_of(process.pid()));
  sites.expect_all_ever_attributed();
  EXPECT_LT(sites.field("cut_short") * 1000, sites.field("captures")) << "of coroutines and handlers, too";
  EXPECT_LT(sites.field("other_allocations") * 1000, sites.field("allocations"));
  process.signal(SIGTERM);
  EXPECT_TRUE(process.wait().ok());
}

}  // namespace
}  // namespace heapmeter::testing
