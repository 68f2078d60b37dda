// SPDX-License-Identifier: MIT
//
// run --sites: which code held most at the peak and at the exit, in its summary.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "support/meter.h"
#include "tools/schema.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;
using std::string;

class RunSites : public ::testing::Test {
 protected:
  Outcome run(std::vector<string> arguments) {
    arguments.insert(arguments.begin(), "run");
    Command command = playground_.command(std::move(arguments));
    command.environment["PYTHONMALLOC"] = "malloc";
    return heapmeter::testing::run(command);
  }
  // The summary, which goes by --json into a file of its own.
  json::object summary_of(std::vector<string> words, const string &how = "--sites") {
    const string file = playground_ / "summary.json";
    std::vector<string> arguments = {how, "--json", "--output", file, "--"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const Outcome outcome = run(std::move(arguments));
    EXPECT_EQ(outcome.err, "");
    const json::value summary = json::parse(read_file(file));
    const Schema schema(read_file(source_root() / "tools/FORMATS.md"));
    for (const string &fault : schema.faults(summary, "run --json")) ADD_FAILURE() << fault;
    return summary.as_object();
  }
  static const json::object &sites_of(const json::object &summary) { return summary.at("sites").as_object(); }
  static std::int64_t bytes_of(const json::value &site, const char *when) {
    return site.at(when).to_number<std::int64_t>();
  }

  Playground playground_;
};

const char *const kPython =
    "kept = bytearray(3_000_000)\n"
    "gone = [bytearray(1_000_000) for _ in range(5)]\n"
    "del gone\n";

TEST_F(RunSites, AreTheFiveLargestAtThePeakAndAtTheExit) {
  const json::object summary = summary_of({sample("loses_blocks"), "end"});
  const json::object &sites = sites_of(summary);
  EXPECT_EQ(sites.at("pid"), summary.at("pid"));
  const json::array &at_peak = sites.at("at_peak").as_array(), &at_exit = sites.at("at_exit").as_array();
  ASSERT_FALSE(at_peak.empty());
  ASSERT_FALSE(at_exit.empty());
  EXPECT_LE(at_peak.size(), 5u);
  for (std::size_t at = 1; at < at_peak.size(); ++at)
    EXPECT_GE(bytes_of(at_peak[at - 1], "peak_bytes"), bytes_of(at_peak[at], "peak_bytes"));
  for (std::size_t at = 1; at < at_exit.size(); ++at)
    EXPECT_GE(bytes_of(at_exit[at - 1], "live_bytes"), bytes_of(at_exit[at], "live_bytes"));
}

TEST_F(RunSites, OfPythonAreThoseThatHeldItsPeakAndAreGone) {
  const json::object summary = summary_of({"python3", "-c", kPython});
  const json::object &sites = sites_of(summary);
  EXPECT_GE(bytes_of(sites.at("at_peak").at(0), "peak_bytes"), 8'000'000) << sites;
  EXPECT_LT(bytes_of(sites.at("at_exit").at(0), "live_bytes"), 8'000'000) << sites;
}

TEST_F(RunSites, StandBelowTheSummary) {
  const Outcome outcome = run({"--sites", "--", "perl", "-e", "@a = map { \"x$_\" } 1..20000"});
  EXPECT_EQ(outcome.exit_code, 0);
  const std::size_t time = outcome.err.find("\n  time "),
                    sites = outcome.err.find("\nsites: every allocation"),
                    peak = outcome.err.find("\nat the peak, "), exit = outcome.err.find("\nat the exit, ");
  ASSERT_NE(exit, string::npos) << outcome.err;
  EXPECT_LT(time, sites) << outcome.err;
  EXPECT_LT(sites, peak) << outcome.err;
  EXPECT_LT(peak, exit) << outcome.err;
  EXPECT_NE(outcome.err.find("Perl_", peak), string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("← main\n", exit), string::npos) << "and who called: " << outcome.err;
}

TEST_F(RunSites, OfATreeAreThoseOfTheOneThatHeldMost) {
  const string small = sample("loses_blocks"), big = string("python3 -c '") + kPython + "'";
  const json::object summary = summary_of({"bash", "-c", small + " end; " + big + "; " + small + " end"});
  EXPECT_TRUE(sites_of(summary).at("name").as_string().starts_with("python3")) << sites_of(summary);
  EXPECT_GE(bytes_of(sites_of(summary).at("at_peak").at(0), "peak_bytes"), 8'000'000);
  const Outcome outcome = run({"--sites", "--", "bash", "-c", big + "; true"});
  EXPECT_NE(outcome.err.find("\nsites of python3"), string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("), which held most: every allocation"), string::npos) << outcome.err;
}

TEST_F(RunSites, AreEstimatesWhereSampled) {
  const Outcome outcome = run({"--sites=4K", "--", "python3", "-c", kPython});
  EXPECT_NE(outcome.err.find("sites: one sample in 4.00 KiB allocated\n\nat the peak, ~"), string::npos)
      << outcome.err;
}

TEST_F(RunSites, AreInTheComment) {
  const string file = playground_ / "comment.md";
  run({"--sites", "--quiet", "--markdown", file, "--", "python3", "-c", kPython});
  const string comment = read_file(file);
  EXPECT_NE(comment.find("\nCode that held most at the peak, "), string::npos) << comment;
  EXPECT_NE(comment.find("| SHARE | AT PEAK | BLOCKS | code | from |\n"), string::npos) << comment;
}

TEST_F(RunSites, AreNotToldWhereNobodyAsked) {
  const Outcome outcome = run({"--", "true"});
  EXPECT_EQ(outcome.err.find("sites"), string::npos) << outcome.err;
  EXPECT_FALSE(summary_of({"true"}, "--leaks").contains("sites"));
}

TEST_F(RunSites, OfAProgramWithoutAReportSayWhy) {
  // With no socket nobody reads it before.
  const Outcome outcome = run({"--sites", "--no-serve", "--", "bash", "-c", "kill -9 $$"});
  EXPECT_EQ(outcome.exit_code, 128 + 9);
  EXPECT_NE(unfolded(outcome.err)
                .find("sites: none; they are in a report at exit, of which there is none, and none were read "
                      "before"),
            string::npos)
      << outcome.err;
}

TEST_F(RunSites, AreNoneWithTheReasonThatTheProgramHas) {
  const json::object summary = summary_of({"bash", "-c", "ulimit -v 900000; exec perl -e '@a = (1..1000)'"});
  EXPECT_EQ(sites_of(summary).at("why"), "under a limit of address space (RLIMIT_AS, RLIMIT_DATA)");
}

TEST_F(RunSites, OfAProgramThatIsKilledAreThoseThatWereLastRead) {
  for (const string signal : {"KILL", "TERM"}) {
    json::object summary;
    // On a busy machine it takes a while until there is a reading.
    for (int seconds = 1; seconds <= 32; seconds *= 2) {
      summary = summary_of({"bash", "-c",
                            "(sleep " + std::to_string(seconds) + "; kill -" + signal + " $$) & exec " +
                                sample("keeps_blocks").string()});
      if (sites_of(summary).at("source") == "reading") break;  // not the report of the one that kills it
    }
    const json::object &sites = sites_of(summary);
    EXPECT_EQ(summary.at("signal"), json::value("SIG" + signal));
    EXPECT_EQ(sites.at("pid"), summary.at("pid"));
    EXPECT_EQ(sites.at("source"), "reading") << sites;
    EXPECT_GT(sites.at("read_after_seconds").to_number<double>(), 0) << sites;
    EXPECT_LE(sites.at("read_after_seconds").to_number<double>(),
              summary.at("wall_seconds").to_number<double>());
    ASSERT_FALSE(sites.at("at_exit").as_array().empty()) << sites;
    EXPECT_GT(bytes_of(sites.at("at_exit").at(0), "live_bytes"), 0);
  }
}

}  // namespace
