// SPDX-License-Identifier: MIT
//
// The verb before a library that says what a test wants.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <mutex>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "tools/fake_server.h"
#include "tools/schema.h"
#include "tools/sites/page_text.h"
#include "tools/tool.h"

#include "support/meter.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;
using std::string;

PageText shop() {
  PageText page;
  page.add({call("main"), call("load")}, 2, 200, 5, 500);
  page.add({call("main"), call("index")}, 1, 10);
  return page;
}

class SitesVerb : public ::testing::Test {
 protected:
  Outcome sites(std::vector<string> options, const string &answer) {
    const string socket = playground_ / "1-1.sock";
    std::filesystem::remove(socket);
    FakeServer server(socket, [&](int connection) {
      std::array<char, 4096> request;
      const ssize_t bytes = recv(connection, request.data(), request.size(), 0);
      {
        const std::scoped_lock lock(mutex_);
        if (bytes > 0) request_.assign(request.data(), static_cast<std::size_t>(bytes));
      }
      send_text(connection, answer);
    });
    options.insert(options.begin(), "sites");
    options.push_back(socket);
    return playground_.run(options);
  }
  Outcome sites(std::vector<string> options) { return sites(std::move(options), http_answer(shop().text())); }
  string request() {
    const std::scoped_lock lock(mutex_);
    return request_;
  }

  Playground playground_;
  std::mutex mutex_;
  string request_;
};

// As one on a kind of processor whose stacks nobody has walked.
TEST_F(SitesVerb, AdvisesNothingThatIsRefused) {
  PageText off = shop();
  off.mode = "off";
  const Outcome usual = sites({}, http_answer(off.text()));
  EXPECT_NE(usual.err.find("--sample every"), string::npos) << usual;
  const string why = "call stacks have not been tried on this kind of processor, only on x86-64";
  off.head += ",\"instead\":\"" + why + "\"";
  const Outcome outcome = sites({}, http_answer(off.text()));
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_NE(outcome.err.find("does not note which code allocates: " + why), string::npos) << outcome;
  EXPECT_EQ(outcome.err.find("--sample"), string::npos) << outcome;
}

TEST_F(SitesVerb, ListsWhatHoldsMost) {
  const Outcome outcome = sites({"--bytes"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("live 210 in 3 blocks\nevery allocation attributed, for 1m 00s\n"), string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("95.2 %   200       2"), string::npos) << outcome.out;
}

// Whose clock stands still, or was set back meanwhile.
TEST_F(SitesVerb, TellsWhatLiesBetweenTwoReadingsByAClockThatNobodySets) {
  const Outcome outcome = sites({"--by", "rate", "-i", "0.3", "-c", "1"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("Nothing was allocated within "), string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("within 0.0 ms"), string::npos) << outcome.out;
}

TEST_F(SitesVerb, SaysHowToSwitchItOn) {
  PageText page;
  page.mode = "off";
  const Outcome outcome = sites({}, http_answer(page.text()));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("--sample every"), string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("run --sites"), string::npos) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST_F(SitesVerb, SwitchesByAPostThatNoBrowserSends) {
  PageText page;
  page.head = R"("mean_bytes":0,"since":1060,"until":1360)";
  const Outcome outcome = sites({"--sample", "every", "--for", "5m"}, http_answer(page.text()));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("every allocation attributed, 5m 00s to go"), string::npos) << outcome.out;
  EXPECT_EQ(request().find("POST /v1/sites?sample=every&for=300 HTTP/1.1\r\n"), 0u) << request();
  EXPECT_NE(request().find("\r\nHeapmeter: 1\r\n"), string::npos) << request();
  EXPECT_NE(request().find("\r\nContent-Length: 0\r\n"), string::npos) << request();
}

TEST_F(SitesVerb, SaysWhyItCouldNotSwitch) {
  const Outcome outcome =
      sites({"--sample", "every"}, http_answer(R"({"error":"no\u001b[31m room"})", "409 Conflict"));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("cannot do that: no?[31m room"), string::npos) << outcome.err;
}

TEST_F(SitesVerb, PrintsWhatTheSchemaSays) {
  const Outcome outcome = sites({"--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json::value value = json::parse(outcome.out);
  const Schema schema(read_file(source_root() / "tools" / "FORMATS.md"));
  for (const string &fault : schema.faults(value, "sites --json")) ADD_FAILURE() << fault;
  EXPECT_EQ(value.at("sites").as_array().size(), 2u);
  const json::value &first = value.at("sites").at(0);
  EXPECT_EQ(first.at("live_bytes").to_number<int>(), 200);
  EXPECT_EQ(first.at("frames").as_array().size(), 2u);
  EXPECT_TRUE(first.at("peak_bytes").is_null());
}

TEST_F(SitesVerb, ShowsOneSiteByAPartOfItsName) {
  const json::value all = json::parse(sites({"--json"}).out);
  const string name(all.at("sites").at(0).at("name").as_string());
  const Outcome outcome = sites({"--site", name.substr(0, 8)});
  EXPECT_EQ(outcome.out.find("site " + name + ": live 200 B in 2 blocks"), 0u) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("#1 "), string::npos) << outcome.out;
  EXPECT_EQ(sites({"--site", "0000000000000000"}).exit_code, 1);
}

TEST_F(SitesVerb, ShowsAllCallStacksOfARow) {
  PageText page;
  for (const int number : {1, 2, 3})
    page.add({call("main"), call("load"), call("copy " + std::to_string(number))}, 1, 100 * number);
  string text = page.text();
  // The innermost calls are the standard library's, which the table leaves out.
  const auto put = [&](const string &what, const string &instead) {
    ASSERT_NE(text.find(what), string::npos);
    text.replace(text.find(what), what.size(), instead);
  };
  put(R"("modules":[)",
      R"("modules":[{"path":"/nowhere/libstdc++.so.6","build_id":"","start":"0x1","end":"0x2","bias":"0x0"},)");
  put("[0,0,0],[1,0,1]", "[0,1,0],[1,1,1]");
  const auto ask = [&](std::vector<string> options) { return sites(std::move(options), http_answer(text)); };
  const json::value all = json::parse(ask({"--json"}).out);
  const string name(all.at("sites").at(0).at("name").as_string());
  const Outcome outcome = ask({"--site", name});
  for (const char *heading : {", call stack 1 of 3: live 300 B", ", call stack 2 of 3: live 200 B",
                              ", call stack 3 of 3: live 100 B"})
    EXPECT_NE(outcome.out.find("site " + name + heading), string::npos) << heading << outcome.out;
  const string fewer = ask({"--site", name, "-n", "1"}).out;
  EXPECT_EQ(fewer.find("2 of 3"), string::npos) << fewer;
  EXPECT_NE(fewer.find("and 2 call stacks more (-n)"), string::npos) << fewer;
  const auto profile = heapmeter::cli::sites::parse_profile(text);
  const string of_one = heapmeter::cli::sites::site_name(profile, profile.sites[1]);
  const Outcome one = ask({"--site", of_one});
  EXPECT_EQ(one.out.find("call stack " + of_one + ": live 200 B"), 0u) << one.out << one.err;
}

TEST_F(SitesVerb, WritesTheFilesOfOtherTools) {
  const string pprof = playground_ / "p.pb.gz", speedscope = playground_ / "s.json";
  const Outcome outcome = sites({"--pprof", pprof, "--speedscope", speedscope});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(read_file(pprof).substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(json::parse(read_file(speedscope)).at("profiles").as_array().size(), 2u);
  const Outcome refused = sites({"--pprof", playground_ / "nowhere/p.pb.gz"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("choose another file for --pprof"), string::npos) << refused.err;
}

TEST_F(SitesVerb, WritesWhatGoesOwnPprofReads) {
  if (std::system("command -v go >/dev/null") != 0) GTEST_SKIP() << "go, which has pprof, is not installed";
  const string pprof = playground_ / "p.pb.gz";
  ASSERT_EQ(sites({"--pprof", pprof}).exit_code, 0);
  Command command{{"/bin/sh", "-c", "exec go tool pprof -top -unit=b -symbolize=none " + pprof}};
  for (const char *home : {"HOME", "PPROF_TMPDIR"}) command.environment[home] = playground_ / "";
  const Outcome read = run(command);
  EXPECT_EQ(read.exit_code, 0) << read.err;
  EXPECT_NE(read.out.find("File: shop\nBuild ID: c0ffee\nType: inuse_space\n"), string::npos) << read.out;
  EXPECT_NE(read.out.find("210B, 100% of 210B total"), string::npos) << read.out;
}

TEST_F(SitesVerb, DrawsFlameGraphs) {
  const string flame = playground_ / "f.html", svg = playground_ / "f.svg";
  for (const std::vector<string> &more : {std::vector<string>{}, {"--by", "growth", "-i", "0.01"}}) {
    std::vector<string> options = {"--flame", flame, "--svg", svg};
    options.insert(options.end(), more.begin(), more.end());
    const Outcome outcome = sites(options);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(read_file(flame).find("<!doctype html>"), 0u);
    EXPECT_EQ(read_file(flame).find("\"compared\":true") != string::npos, !more.empty());
    EXPECT_EQ(read_file(svg).find("<svg "), 0u);
  }
  const Outcome refused = sites({"--svg", playground_ / "nowhere/f.svg"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("choose another file for --svg"), string::npos) << refused.err;
}

TEST_F(SitesVerb, TellsMistakesFromValues) {
  for (const auto &[options, word] : std::vector<std::pair<std::vector<string>, string>>{
           {{"--by", "size"}, "growth"},
           {{"--tree=down"}, "callees"},
           {{"--focus", "("}, "regular expression"},
           {{"-n", "0"}, "-n"},
           {{"--depth", "-1"}, "--depth"},
           {{"-i", "0"}, "-i"},
           {{"-c", "0"}, "-c"},
           {{"-c", "2", "--folded"}, "--json"},
           {{"--since", "before", "--by", "live"}, "--by growth"},
           {{"--under", "1s"}, "--by temporary"},
           {{"--by", "temporary", "--under", "soon"}, "no time"},
           {{"--for", "60s"}, "--sample"},
           {{"--sample", "every", "--for", "soon"}, "60s"},
           {{"--sample", "every&for=1"}, "every, off, or one in so many bytes, such as 512K"},
           {{"--sample", "0"}, "every, off, or one in so many bytes, such as 512K"},
           {{"--sample", "some"}, "every, off, or one in so many bytes, such as 512K"},
           {{"--sample", "every", "--for", "500d"}, "60s"},
           {{"--sample", "every", "--json"}, "a command of its own, without --json"},
           {{"--sample", "off", "--by", "growth"}, "a command of its own, without --by"},
           {{"--sample", "every", "-i", "1", "--count", "2"}, "a command of its own, without -i"},
           {{"--sample", "every", "--thread", "x"}, "a command of its own, without --thread"},
           {{"--sample", "every", "--flame", "x.html"}, "a command of its own, without --flame"},
           {{"--site", "ab"}, "digits"},
       }) {
    const Outcome outcome = sites(options);
    EXPECT_EQ(outcome.exit_code, 2) << options[0] << outcome.out;
    EXPECT_NE(outcome.err.find(word), string::npos) << outcome.err;
  }
}

TEST_F(SitesVerb, SaysWhyThereIsNothingToShow) {
  EXPECT_NE(sites({"--focus", "nowhere"}).out.find("--focus and --ignore leave none of 2 call stacks; "),
            string::npos);
  EXPECT_NE(
      sites({"--tree", "--focus", "nowhere"}).out.find("--focus and --ignore leave none of 2 call stacks; "),
      string::npos);
  EXPECT_NE(sites({"--by", "growth", "-i", "0.01", "-c", "1"}).out.find("Nothing grew or shrank"),
            string::npos);
  PageText none;
  EXPECT_NE(sites({}, http_answer(none.text())).out.find("Nothing was allocated in the 1m 00s"),
            string::npos);
  none.mode = "sampled";
  none.head = R"("mean_bytes":524288,"since":1000,"until":0)";
  EXPECT_NE(sites({}, http_answer(none.text())).out.find("No sample yet in 1m 00s, of one in 512 KiB"),
            string::npos);
}

TEST_F(SitesVerb, ComesAgainAndAgain) {
  const Outcome outcome = sites({"-i", "0.01", "-c", "3", "--by", "live"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  std::size_t times = 0;
  for (std::size_t at = 0; (at = outcome.out.find("live 210 B in 3 blocks", at)) != string::npos; ++at)
    ++times;
  EXPECT_EQ(times, 3u) << outcome.out;
  const std::size_t advice = outcome.out.find("no names for shop");
  EXPECT_NE(advice, string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("no names for shop", advice + 1), string::npos) << "once is enough\n"
                                                                             << outcome.out;
  const Outcome lines = sites({"-i", "0.01", "-c", "2", "--json"});
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 2) << lines.out;
  EXPECT_EQ(json::parse(lines.out.substr(0, lines.out.find('\n'))).at("by"), "growth");
}

TEST_F(SitesVerb, TakesTheTargetBehindAnOptionWithoutValue) {
  EXPECT_NE(sites({"--tree"}).out.find("who called it"), string::npos);
  EXPECT_NE(sites({"--tree=callees"}).out.find("what it called"), string::npos);
}

TEST_F(SitesVerb, RefusesAPageThatDoesNotHoldTogether) {
  for (const string &page :
       {string("{}"), string("nonsense"),
        string(R"({"mode":"every","site_columns":["leaf"],"sites":[[9]],"nodes":[]})")}) {
    const Outcome outcome = sites({}, http_answer(page));
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_NE(outcome.err.find("is not understood"), string::npos) << outcome.err;
  }
}

// Each in one sentence, whatever is asked of it.
TEST_F(SitesVerb, SaysOfWhatIsNoPageWhy) {
  const string whole = shop().text(),
               sites_of = R"({"mode":"every","pid":1,"nodes":[[0,-1,1]],"site_columns":["leaf",)";
  const std::pair<string, const char *> pages[] = {
      {whole.substr(0, whole.size() / 2), "incomplete"},
      {"", "incomplete"},
      {R"({"mode":"every","nodes":[[2,-1,1],[1,-1,1]]})", "a node comes before its parent"},
      {R"({"mode":"every","nodes":[[1,-1,1]]})", "a node comes before its parent"},
      {R"({"mode":"every","nodes":[[0,-1,"x"]]})", "a row is not only numbers"},
      {R"({"mode":"every","nodes":NaN})", "syntax error"},
      {R"({"mode":"every","time":1e999})", "'time' is no time"},
      {R"({"mode":"every","live_bytes":-5})", "'live_bytes' is not a count"},
      {sites_of + R"("live_bytes"],"sites":[[1,-1]]})", "a number is not a count"},
      {sites_of + R"("age_ms"],"sites":[[1,1e999]]})", "a number is no measure"},
      {sites_of + R"("live_bytes"],"sites":[[1,1]],"lifetimes":[[9,1,1]]})",
       "leads to a node that is not there"},
      {sites_of + R"("live_bytes"],"sites":[[1,1]],"threads":[[9,1,1,1,1,1]]})",
       "leads to a node that is not there"},
      {sites_of + R"("live_bytes"],"sites":[[1,1]],"wrong_calls":[[0,9,1]]})",
       "leads to a node that is not there"},
      {sites_of + R"("live_bytes"],"sites":[[1,1]],"wrong_calls":[[0,1,-1]]})", "a number is not a count"}};
  for (const auto &[page, why] : pages) {
    for (const std::vector<string> &options : {std::vector<string>{}, {"--json"}, {"--thread", "x"}}) {
      const Outcome outcome = sites(options, http_answer(page));
      EXPECT_EQ(outcome.exit_code, 1) << page;
      EXPECT_EQ(outcome.out, "") << page;
      EXPECT_NE(outcome.err.find(why), string::npos) << page << "\n" << outcome.err;
      EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    }
  }
}

TEST_F(SitesVerb, ObeysNoNameOfAnotherProcess) {
  string page = shop().text();
  const string path = "/usr/bin/shop";
  page.replace(page.find(path), path.size(), R"(/usr/bin/\u001b[2Jevil)");
  for (const auto &options : std::vector<std::vector<string>>{{}, {"--tree"}, {"--folded"}, {"--json"}}) {
    const Outcome outcome = sites(options, http_answer(page));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ((outcome.out + outcome.err).find('\x1b'), string::npos) << outcome.out;
  }
}

}  // namespace
