// SPDX-License-Identifier: MIT
//
// Readings of real programs (recorded/record.sh, recorded/services.sh), cut wherever one may have begun and
// ended to watch: what does not grow is hardly ever said to, what grows nearly always.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "record/recording.h"
#include "report/story.h"
#include "support/meter.h"
#include "verdicts/trend.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::verdicts;
using namespace heapmeter::testing;

namespace {

std::vector<report::Life> lives_of(const std::string &what) {
  std::vector<report::Life> found;
  for (const char *file : {"programs.hm", "services.hm"}) {
    const std::string text = read_file(source_root() / "tests/tools/verdicts/recorded" / file);
    record::Recording recording{record::source_of(std::string_view(text))};
    for (report::Life &life : report::story_of(recording).lives) {
      if (life.process.command.find(what) != std::string::npos) found.push_back(std::move(life));
    }
  }
  return found;
}

Series cut(const report::Life &life, std::size_t from, std::size_t length) {
  Series series;
  for (std::size_t at = from; at < from + length; ++at) {
    const report::Point &point = life.points[at];
    series.push_back({static_cast<double>(point.time_ms) / 1000, point.live_bytes, point.least_bytes,
                      point.most_bytes, point.rss_bytes});
  }
  return series;
}

struct Said {
  int cuts = 0, growth = 0;
  double share() const { return cuts == 0 ? 0 : static_cast<double>(growth) / cuts; }
};

// In cuts of so many readings or more.
Said said(const std::string &what, std::size_t least) {
  Said found;
  for (const report::Life &life : lives_of(what)) {
    for (std::size_t length = least; length <= life.points.size(); length = length * 3 / 2) {
      for (std::size_t from = 0; from + length <= life.points.size(); ++from) {
        ++found.cuts;
        found.growth += trend_of(cut(life, from, length)).course == Course::kGrows ? 1 : 0;
      }
    }
  }
  return found;
}

// As long as twice a period of what comes and goes, and a third longer than it takes to fill.
const std::pair<const char *, std::size_t> kHarmless[] = {
    {"nginx", 24},     {"server.js", 24},    {"batch.php", 24},       {"saw.pl", 40},
    {"cache.py", 120}, {"table.py", 120},    {"memcached", 120},      {":28471", 120},
    {":28472", 24},    {"teeth.js", 160},    {"lines.bash", 24},      {"user_server", 24},
    {"sqlite3 ", 60},  {"postgres: me", 24}, {"postgres: check", 24}, {"postgres -D", 24},
    {"g++ ", 24},
};

TEST(RecordedPrograms, AreHardlyEverSaidToGrowWhereTheyDoNot) {
  for (const auto &[what, least] : kHarmless) {
    const Said found = said(what, least);
    EXPECT_GE(found.cuts, 200) << what;
    EXPECT_LE(found.share(), 0.01) << what << ": " << found.growth << " of " << found.cuts;
  }
}

// Of a leak beside much that comes and goes it takes longer to be seen; a hash that doubles its table twice
// in a cut, once in two parts, hides what is steady in it.
struct Growing {
  const char *what;
  std::size_t least;
  double found;
};
const Growing kGrowing[] = {{" leak.py", 48, 0.95}, {"slow_leak.py", 120, 0.95}, {"hash.pl", 48, 0.75}};

TEST(RecordedPrograms, AreSaidToGrowWhereTheyKeepSomeOfWhatTheyMake) {
  for (const auto &[what, least, share] : kGrowing) {
    const Said found = said(what, least);
    EXPECT_GE(found.cuts, 200) << what;
    EXPECT_GE(found.share(), share) << what << ": " << found.growth << " of " << found.cuts;
  }
}

// Each of them grows by itself, from the beginning again.
TEST(RecordedPrograms, BeginAnewWhereOneIsStartedAnew) {
  const auto lives = lives_of("restart.py");
  EXPECT_GE(lives.size(), 5u);
  for (const report::Life &life : lives) EXPECT_LE(life.most_bytes, 10u << 20) << life.points.size();
}

}  // namespace
