// SPDX-License-Identifier: MIT
//
// The verb before processes that note which code allocates.
#include <gtest/gtest.h>

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "tools/tool.h"

#include "support/meter.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;
using std::string;

json::value reading_of(const Playground &playground, const Holder &holder) {
  const Outcome outcome = playground.run({"sites", "--json", holder.pid_text()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return json::parse(outcome.out);
}

TEST(Sites, OfAProcessAddUpToWhatItHolds) {
  Playground playground;
  playground.set("HEAPMETER_SAMPLE", "every");
  const Holder holder(playground, {"1000", "70"});
  const json::value reading = reading_of(playground, holder);
  std::int64_t blocks = reading.at("before_live_blocks").to_number<std::int64_t>(),
               bytes = reading.at("before_live_bytes").to_number<std::int64_t>();
  for (const json::value &site : reading.at("sites").as_array()) {
    blocks += site.at("live_blocks").to_number<std::int64_t>();
    bytes += site.at("live_bytes").to_number<std::int64_t>();
  }
  EXPECT_EQ(blocks, reading.at("live_blocks").to_number<std::int64_t>());
  EXPECT_EQ(bytes, reading.at("live_bytes").to_number<std::int64_t>());
  const json::value &most = reading.at("sites").at(0);
  EXPECT_EQ(most.at("live_bytes").to_number<int>(), 70'000);
  EXPECT_EQ(most.at("peak_bytes").to_number<int>(), 70'000);
  EXPECT_EQ(most.at("live_blocks").to_number<int>(), 70);
  EXPECT_EQ(most.at("frames").at(0).at("function"), "main");
}

TEST(Sites, ByPeakAreOfWhatWasHeldThen) {
  Playground playground;
  playground.set("HEAPMETER_SAMPLE", "every");
  const Holder holder(playground, {"1000", "70"});
  const json::value reading = reading_of(playground, holder);
  std::int64_t bytes = reading.at("other_peak_bytes").to_number<std::int64_t>();
  for (const json::value &site : reading.at("sites").as_array())
    bytes += site.at("peak_bytes").to_number<std::int64_t>();
  EXPECT_EQ(bytes, reading.at("peak_live_bytes").to_number<std::int64_t>());
  EXPECT_EQ(bytes, reading.at("peak_bytes").to_number<std::int64_t>());
  EXPECT_EQ(reading.at("peak_error_bytes").to_number<std::int64_t>(), 0);
  const Outcome outcome = playground.run({"sites", "--by", "peak", holder.pid_text()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("AT PEAK"), string::npos) << outcome.out;
  const double when = reading.at("peak_live_time").to_number<double>();
  EXPECT_GE(when, reading.at("since").to_number<double>()) << reading;
  EXPECT_LE(when, reading.at("time").to_number<double>()) << reading;
  EXPECT_NE(outcome.out.find(" at the peak, "), string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find(" ago\n"), string::npos) << outcome.out;
}

// Innermost first, of the site that holds so many bytes.
string functions_of(const json::value &reading, int bytes) {
  string names;
  for (const json::value &site : reading.at("sites").as_array()) {
    if (std::abs(site.at("live_bytes").to_number<int>() - bytes) > 0) continue;
    for (const json::value &frame : site.at("frames").as_array()) {
      string name(frame.at("function").as_string());
      const auto parameters = name.find('(', name.starts_with("(anonymous") ? 1 : 0);
      if (!name.starts_with("(")) name.resize(std::min(parameters, name.size()));
      names += name + " < ";
    }
  }
  return names;
}

TEST(Sites, HaveAFrameForEachTag) {
  for (const char *how : {"every", "16"}) {
    Playground playground;
    playground.set("HEAPMETER_SAMPLE", how);
    const Holder holder(playground, {}, "tagged");
    const json::value reading = reading_of(playground, holder);
    const string inner = functions_of(reading, 70'001);
    const auto parser = inner.find("[parser]"), request = inner.find("[request]"), hold = inner.find("hold"),
               parse = inner.find("::parse"), serve = inner.find("serve"), main = inner.find("main");
    EXPECT_LT(hold, parser) << inner;
    EXPECT_LT(parser, parse) << inner;
    EXPECT_LT(parse, request) << inner;
    EXPECT_LT(request, serve) << inner;
    EXPECT_LT(serve, main) << inner;
    EXPECT_NE(main, string::npos) << inner;
    const string behind = functions_of(reading, 70'002);
    EXPECT_NE(behind.find("hold"), string::npos) << behind;
    EXPECT_EQ(behind.find('['), string::npos) << behind;
    const string thread = functions_of(reading, 70'003);
    EXPECT_NE(thread.find("[worker]"), string::npos) << thread;
    EXPECT_EQ(thread.find("[request]"), string::npos) << thread;
  }
}

TEST(Sites, TagsAreWithoutEffectWhereNothingIsMetered) {
  for (const char *off : {"", "1"}) {
    Command command{{sample("tagged")}};
    if (*off != '\0') command.environment = {{"LD_PRELOAD", library()}, {"HEAPMETER_OFF", off}};
    const Process process(command);
    EXPECT_TRUE(eventually([&] { return process.out() == "ready\n"; })) << process.err();
  }
}

TEST(Sites, HaveTheSameNameInEveryRun) {
  Playground playground;
  playground.set("HEAPMETER_SAMPLE", "every");
  const Holder one(playground, {"1000", "70"}), other(playground, {"2000", "10"});
  EXPECT_EQ(reading_of(playground, one).at("sites").at(0).at("name"),
            reading_of(playground, other).at("sites").at(0).at("name"));
}

TEST(Sites, AreSwitchedOnAndOffInALivingProcess) {
  Playground playground;
  const Holder holder(playground, {"1000", "70"});
  EXPECT_EQ(playground.run({"sites", holder.pid_text()}).exit_code, 1);
  const Outcome on = playground.run({"sites", "--sample", "every", "--for", "1h", holder.pid_text()});
  EXPECT_EQ(on.exit_code, 0) << on.err;
  EXPECT_NE(on.out.find("every allocation attributed"), string::npos) << on.out;
  EXPECT_NE(on.out.find(" to go"), string::npos) << on.out;
  const json::value reading = reading_of(playground, holder);
  EXPECT_GE(reading.at("before_live_bytes").to_number<int>(), 70'000);
  EXPECT_EQ(playground.run({"sites", "--sample", "off", holder.pid_text()}).out,
            "holder_of_bytes (" + holder.pid_text() + "): attribution is off; what was noted is forgotten\n");
  EXPECT_EQ(playground.run({"sites", holder.pid_text()}).exit_code, 1);
}

TEST(Sites, OfEveryAllocationAreMarkedInLists) {
  Playground playground;
  const Holder plain(playground, {"100", "7"});
  playground.set("HEAPMETER_SAMPLE", "every");
  const Holder dear(playground, {"100", "7"});
  for (const char *list : {"ps", "top"}) {
    const Outcome outcome =
        string(list) == "ps" ? playground.run({"ps"}) : playground.run({"top", "--once", "--ascii"});
    const std::size_t first = outcome.out.find(" *holder_o");
    EXPECT_NE(first, string::npos) << outcome.out;
    EXPECT_EQ(outcome.out.find(" *holder_o"), outcome.out.rfind(" *holder_o")) << outcome.out;
  }
}

TEST(Sites, AreNotedFromTheStartByRun) {
  Playground playground;
  const Outcome outcome =
      playground.run({"run", "--quiet", "--sites", "--", "sh", "-c", "echo $HEAPMETER_SAMPLE"});
  EXPECT_EQ(outcome.out, "every\n") << outcome.err;
  EXPECT_EQ(playground.run({"run", "--quiet", "--sites=64K", "--", "sh", "-c", "echo $HEAPMETER_SAMPLE"}).out,
            "64K\n");
  EXPECT_EQ(playground.run({"run", "--quiet", "--sites=64k", "--", "sh", "-c", "echo $HEAPMETER_SAMPLE"}).out,
            "64K\n");
  for (const string word : {"1;2", "0", "some"}) {
    const Outcome refused = playground.run({"run", "--sites=" + word, "--", "true"});
    EXPECT_EQ(refused.exit_code, 2) << word;
    EXPECT_NE(refused.err.find("such as 512K"), string::npos) << refused.err;
  }
  playground.set("HEAPMETER_SAMPLE", "some");
  const Outcome refused = playground.run({"run", "--", "true"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("HEAPMETER_SAMPLE=some"), string::npos) << refused.err;
  EXPECT_EQ(playground.run({"run", "--quiet", "--sites", "--", "true"}).exit_code, 0);
}

}  // namespace
