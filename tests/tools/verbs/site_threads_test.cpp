// SPDX-License-Identifier: MIT
//
// What of the sites is of some threads: of blocks that live, by samples.
#include <gtest/gtest.h>

#include <csignal>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "support/meter.h"
#include "tools/schema.h"
#include "tools/tool.h"

namespace heapmeter::testing {
namespace {

namespace json = boost::json;

constexpr double kMiB = 1 << 20;

bool has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

class SitesOfThreads : public ::testing::Test {
 protected:
  SitesOfThreads() { playground_.set("HEAPMETER_SAMPLE", "every"); }

  json::value of_thread(const std::string &target, const std::string &thread) const {
    const Outcome outcome = playground_.run({"sites", target, "--thread", thread, "--json"});
    if (!outcome.ok()) throw std::runtime_error(outcome.err);
    return json::parse(outcome.out);
  }
  // What the victim's blocks come to, in MiB: those of libraries are small.
  double held(const std::string &target, const std::string &thread) const {
    double bytes = 0;
    const json::value read = of_thread(target, thread);
    for (const json::value &site : read.at("sites").as_array())
      bytes += site.at("live_bytes").to_number<double>();
    return bytes / kMiB;
  }

  Playground playground_;
};

TEST_F(SitesOfThreads, AreWhatTheyAskedForWhoeverReleasesIt) {
  const Holder program(playground_, {}, "named_threads");
  const std::string pid = program.pid_text();
  EXPECT_NEAR(held(pid, "worker-one"), 36, 0.5) << "of 40, of which another thread released 4";
  EXPECT_NEAR(held(pid, "worker-two"), 10, 0.5);
  EXPECT_NEAR(held(pid, "worker-*"), 46, 0.5);
  EXPECT_NEAR(held(pid, pid), 1, 0.5) << "the main thread, by its tid";
  EXPECT_NEAR(held(pid, "(exited)"), 20, 0.5);
  const json::value one = of_thread(pid, "worker-one");
  EXPECT_EQ(one.at("threads").as_array().size(), 1u) << one;
  EXPECT_TRUE(has(std::string(one.at("threads").at(0).as_string()), "worker-one (")) << one;
  const json::value &most = one.at("sites").at(0);
  EXPECT_TRUE(has(std::string(most.at("frames").at(0).at("function").as_string()), "keep")) << most;
  EXPECT_EQ(most.at("live_blocks").to_number<int>(), 36);
  EXPECT_TRUE(most.at("allocations").is_null()) << "which samples do not tell by thread";
  const Schema schema(read_file(source_root() / "tools" / "FORMATS.md"));
  for (const std::string &fault : schema.faults(one, "sites --json")) ADD_FAILURE() << fault;
  const Outcome text = playground_.run({"sites", pid, "--thread", "worker-*"});
  EXPECT_TRUE(has(text.out, "MiB of 2 threads\n")) << text;
  EXPECT_TRUE(has(text.out, "± 95 %") || has(text.out, "+- 95 %")) << text;
  EXPECT_TRUE(has(text.out, "one in 64 KiB allocated")) << text;
}

TEST_F(SitesOfThreads, AreToldOfSampledOnesToo) {
  playground_.set("HEAPMETER_SAMPLE", "64K");
  const Holder program(playground_, {}, "named_threads");
  EXPECT_NEAR(held(program.pid_text(), "worker-one"), 36, 0.5);
  EXPECT_NEAR(held(program.pid_text(), "(exited)"), 20, 0.5);
}

TEST_F(SitesOfThreads, GoOnInAForkedChildAsTheThreadThatForked) {
  const Holder program(playground_, {}, "named_threads");
  program.signal(SIGUSR1);
  std::string child;
  ASSERT_TRUE(eventually([&] {
    const Outcome all = playground_.run({"ps", "--json"});
    const json::value read = json::parse(all.out);
    for (const json::value &each : read.as_array()) {
      const json::value *known = each.as_object().if_contains("pid");  // once it answers
      const std::string pid = known != nullptr ? std::to_string(known->to_number<int>()) : program.pid_text();
      if (pid != program.pid_text()) child = pid;
    }
    return !child.empty();
  }));
  EXPECT_NEAR(held(child, child), 1, 0.5) << "what it had asked for before";
  EXPECT_NEAR(held(child, "(exited)"), 66, 0.5) << "whose threads are not here";
}

TEST_F(SitesOfThreads, AreToldOfSeveralProcessesTogether) {
  const Holder one(playground_, {}, "named_threads"), other(playground_, {}, "named_threads");
  EXPECT_NEAR(held("named_threads", "worker-one"), 72, 1);
  EXPECT_NEAR(held("named_threads", other.pid_text()), 1, 0.5);
  const Outcome none = playground_.run({"sites", "named_threads", "--thread", "nobody"});
  EXPECT_EQ(none.exit_code, 1) << none;
  EXPECT_TRUE(has(none.err, "named_threads has no thread 'nobody'; it has ")) << none;
}

TEST_F(SitesOfThreads, AreToldOfOneSite) {
  const Holder program(playground_, {}, "named_threads");
  const std::string pid = program.pid_text();
  const json::value one = of_thread(pid, "worker-one");
  const std::string site(one.at("sites").at(0).at("name").as_string());
  const Outcome text = playground_.run({"sites", pid, "--site", site});
  for (const char *line :
       {"\n  asked for by worker-one (", " ~36.0 MiB in ~36 blocks\n", "\n  asked for by worker-two (",
        " ~10.0 MiB in ~10 blocks\n", "\n  asked for by threads that have ended  ~20.0 MiB in ~20 blocks\n"})
    EXPECT_TRUE(has(text.out, line)) << line << text;
  EXPECT_LT(text.out.find("worker-one"), text.out.find("that have ended")) << "those that hold most first";
}

TEST_F(SitesOfThreads, SayWhichThreadsThereAre) {
  const Holder program(playground_, {}, "named_threads");
  const Outcome none = playground_.run({"sites", program.pid_text(), "--thread", "nobody"});
  EXPECT_EQ(none.exit_code, 1) << none;
  EXPECT_TRUE(has(none.err, "has no thread 'nobody'; it has named_threads, worker-one, worker-two")) << none;
  const Outcome peak =
      playground_.run({"sites", program.pid_text(), "--thread", "worker-one", "--by", "peak"});
  EXPECT_EQ(peak.exit_code, 2) << peak;
  EXPECT_TRUE(has(peak.err, "--thread is for what is live")) << peak;
}

}  // namespace
}  // namespace heapmeter::testing
