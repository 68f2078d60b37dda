// SPDX-License-Identifier: MIT
//
// heapmeter report, as a user starts it, on files of all kinds.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <boost/json/parse.hpp>

#include <algorithm>

#include "tools/report/made.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

class ReportVerb : public ::testing::Test {
 protected:
  ReportVerb() {
    playground_.set("TZ", "UTC");
    playground_.set("HOME", playground_ / "");
  }
  std::filesystem::path file(const std::string &name, const std::string &text) {
    write_file(playground_ / name, text);
    return playground_ / name;
  }
  Playground playground_;
};

TEST_F(ReportVerb, ShowsARecordingAsTextPagePictureAndForMachines) {
  const auto recording = file("shop.hm", shop().text());
  const auto page = playground_ / "shop.html", picture = playground_ / "shop.svg";
  const Outcome text = playground_.run({"report", recording});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_NE(text.out.find("checkout (4000)"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("grows 3.4"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("! worker (4001) ended at 15 Nov 00:43:20, in the moment of an OOM kill"),
            std::string::npos)
      << text.out;
  EXPECT_EQ(text.out.find("\x1b"), std::string::npos);
  // What has no file here is named by module and offset.
  EXPECT_NE(text.out.find("+412 MiB  libcart.so.1+0x"), std::string::npos) << text.out;
  EXPECT_EQ(text.out.find("prefork (4012)"), std::string::npos) << text.out;
  EXPECT_NE(playground_.run({"report", recording, "--all"}).out.find("prefork (4012)"), std::string::npos);

  const Outcome files = playground_.run({"report", recording, "--html", page, "--svg", picture});
  EXPECT_EQ(files.exit_code, 0) << files.err;
  EXPECT_EQ(files.out, "");
  EXPECT_NE(read_file(page).find("</html>"), std::string::npos);
  EXPECT_NE(read_file(picture).find("</svg>"), std::string::npos);

  const Outcome json = playground_.run({"report", recording, "--json"});
  const auto value = boost::json::parse(json.out);
  EXPECT_EQ(value.at("processes").as_array().size(), 19u);
  const Outcome csv = playground_.run({"report", recording, "--csv"});
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(csv.out.begin(), csv.out.end(), '\n')),
            value.at("readings").to_number<std::uint64_t>() + 1);
}

TEST_F(ReportVerb, SaysInOneSentenceWhatIsWrongWithAFile) {
  const std::string whole = shop().text();
  const std::pair<std::string, std::string> cases[] = {
      {file("empty", ""),
       "is no recording, mark or report: it is empty; heapmeter record makes a recording\n"},
      {file("other.txt", "hello\n"),
       "is no recording, mark or report: it is some other file; heapmeter record makes a recording\n"},
      {file("other.json", " {\"a\": 1}"), "other.json is neither a mark nor a report: it is some other file"},
      {file("newer.hm", "heapmeter recording 3\nxxxx"), "is a recording of layout 3"},
      {playground_ / "missing.hm", "cannot be read: No such file or directory; heapmeter record -o"},
      {file("empty", "") / "x", "cannot be read: Not a directory\n"},
      {"/dev/null",
       "is no regular file, which a recording is: what a pipe has must be saved to a file first"},
      {playground_ / "", "is no regular file"},
  };
  for (const auto &[path, words] : cases) {
    const Outcome outcome = playground_.run({"report", path});
    EXPECT_EQ(outcome.exit_code, 1) << path;
    EXPECT_NE(outcome.err.find(words), std::string::npos) << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
}

TEST_F(ReportVerb, TellsOfWhatIsTornOrDamagedAndShowsTheRest) {
  const std::string whole = shop().text();
  Outcome outcome = playground_.run({"report", file("torn.hm", whole.substr(0, whole.size() - 5))});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("are not whole (its recorder was killed), and left out"), std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("checkout (4000)"), std::string::npos);

  Made two = shop();
  two.segment();
  two.round(20'000, {row(0, 1)});
  std::string damaged = two.text();
  damaged[damaged.size() / 2] ^= 1;
  outcome = playground_.run({"report", file("damaged.hm", damaged)});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("in it are damaged: readings are missing there"), std::string::npos)
      << outcome.out;

  outcome = playground_.run({"report", file("begun.hm", std::string(record::kSignature))});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("begun.hm: nothing"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("1 Jan"), std::string::npos) << outcome.out;
}

TEST_F(ReportVerb, ReadsWhatIsBeingRecorded) {
  const Holder holder(playground_, {"10", "1000"});
  const auto recording = playground_ / "now.hm";
  Process recorder(playground_.command({"record", "-o", recording, "-i", "0.1"}));
  Outcome outcome;
  ASSERT_TRUE(eventually([&] {
    outcome = playground_.run({"report", recording});
    return outcome.out.find("holder_of") != outcome.out.npos;
  })) << outcome;
  EXPECT_NE(outcome.out.find("It is being recorded to."), std::string::npos) << outcome.out;
  recorder.signal(SIGTERM);
  recorder.wait();
  outcome = playground_.run({"report", recording});
  EXPECT_EQ(outcome.out.find("It is being recorded to."), std::string::npos) << outcome.out;
}

TEST_F(ReportVerb, ShowsAMarkAndWhatAProcessReportedAtItsExit) {
  const auto report = playground_ / "exit.json", mark = playground_ / "mark.json";
  playground_.set("HEAPMETER_REPORT", report);
  Holder holder(playground_, {"10", "1000"});
  playground_.run({"mark", mark, holder.pid_text()});
  holder.end();
  for (const auto &path : {report, mark}) {
    const Outcome outcome = playground_.run({"report", path});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("holder_of_bytes"), std::string::npos) << outcome.out;
    const Outcome drawn = playground_.run({"report", path, "--html", playground_ / "x.html"});
    EXPECT_EQ(drawn.exit_code, 2);
    EXPECT_NE(drawn.err.find("is of one moment"), std::string::npos) << drawn.err;
  }
}

// A day of 50 processes that are all busy, a reading every 10 s; and the same with what 40 stacks hold of
// each, every five minutes.
TEST_F(ReportVerb, OfADayOfFiftyProcessesIsThereWithinASecond) {
  const auto cpu = [] {
    rusage usage = {};
    getrusage(RUSAGE_CHILDREN, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  };
  for (const Made &made : {crowd(50, 86'400), with_sites(50, 86'400)}) {
    const std::string &day = made.text();
    EXPECT_LT(day.size(), 20'000'000u);
    const auto recording = file("day.hm", day);
    double least = 1e9, least_page = 1e9;
    for (int times = 0; times < 3; ++times) {
      const double before = cpu();
      EXPECT_EQ(playground_.run({"report", recording}).exit_code, 0);
      const double between = cpu();
      EXPECT_EQ(playground_.run({"report", recording, "--html", playground_ / "day.html"}).exit_code, 0);
      least = std::min(least, between - before);
      least_page = std::min(least_page, cpu() - between);
    }
    printf("%zu bytes, %.2f s of CPU time as text, %.2f s as a page of %ju bytes\n", day.size(), least,
           least_page, static_cast<std::uintmax_t>(std::filesystem::file_size(playground_ / "day.html")));
    EXPECT_LT(std::max(least, least_page), 1);
  }
}

}  // namespace
