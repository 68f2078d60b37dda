// SPDX-License-Identifier: MIT
//
// Ten million random operations by 1, 2, 4 and 16 threads, cross-thread frees, thread churn and forks
// included: the program keeps its own tally and compares (programs/churn.cpp); here its verdict is read, and
// what eight readers see meanwhile is checked for sense.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "support/http.h"
#include "support/meter.h"

namespace heapmeter::testing {
namespace {

struct Load {
  const char *threads;
  std::vector<std::string> flags;
};

class Churn : public ::testing::TestWithParam<Load> {};

TEST_P(Churn, BooksEqualTheThreadsTallies) {
  Command command{{victim("churn"), GetParam().threads, "10000000"}};
  command.argv.insert(command.argv.end(), GetParam().flags.begin(), GetParam().flags.end());
  command.deadline = std::chrono::seconds(400);
  const Metered metered = run_metered(command);
  EXPECT_TRUE(metered.outcome.ok()) << metered.outcome;
  EXPECT_NE(metered.outcome.out.find("balanced after 10"), std::string::npos) << metered.outcome;
  EXPECT_EQ(metered.report["live_bytes"], metered.report["allocated_bytes"] - metered.report["freed_bytes"]);
  EXPECT_LT(metered.report["live_blocks"], 200) << "nearly everything was freed in the end";
}

INSTANTIATE_TEST_SUITE_P(Loads, Churn,
                         ::testing::Values(Load{"1", {"peak"}}, Load{"2", {"peak"}},
                                           Load{"4", {"peak", "forks"}}, Load{"16", {"peak", "threads"}},
                                           Load{"16", {"threads", "forks"}}),
                         [](const auto &info) {
                           std::string name = std::string("Threads") + info.param.threads;
                           for (const auto &flag : info.param.flags) name += "_" + flag;
                           return name;
                         });

TEST(Churn, UnmeteredProgramSaysSo) {
  const Outcome outcome = run({{victim("churn"), "2", "1000"}});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.out, "not metered\n");
}

// What one reader saw of a process at work: an inconsistent reading is kept as a sentence.
class Witness {
 public:
  void see(const Reading &now) {
    ++readings;
    if (now["live_bytes"] < 0 || now["live_blocks"] < 0) complain("negative live", now);
    if (now["live_blocks"] != now["allocations"] - now["frees"]) complain("blocks do not balance", now);
    if (now["live_bytes"] != now["allocated_bytes"] - now["freed_bytes"])
      complain("bytes do not balance", now);
    if (now["peak_bytes"] < now["live_bytes"]) complain("peak below live", now);
    for (const char *counter : {"allocations", "frees", "reallocations", "allocated_bytes", "freed_bytes",
                                "peak_bytes", "uptime_seconds", "monotonic_ns"}) {
      const auto value = now.fields().at(counter).to_number<double>();
      if (value < last_[counter]) complain(std::string(counter) + " went back", now);
      last_[counter] = value;
    }
    if (now["mismatches"] + now["double_frees"] + now["foreign_frees"] + now["inner_frees"] +
            now["failures"] !=
        0)
      complain("a fault", now);
  }

  int readings = 0;
  std::string complaints;

 private:
  void complain(const std::string &what, const Reading &now) {
    if (complaints.size() < 2000)
      complaints += what + " in reading " + std::to_string(readings) + ": live " +
                    std::to_string(now["live_bytes"]) + " peak " + std::to_string(now["peak_bytes"]) + "\n";
  }
  std::map<std::string, double> last_;
};

TEST(Churn, EightReadersSeeOnlySenseAndDisturbNothing) {
  Meter meter;
  Command command{{victim("churn"), "4", "40000000", "peak"}};
  command.environment = meter.environment();
  Process churn(command);
  const auto socket = meter.socket_of(churn.pid());
  std::vector<Witness> witnesses(8);
  std::vector<std::thread> readers;
  for (auto &witness : witnesses) {
    readers.emplace_back([&] {
      try {
        while (churn.running()) {
          const Answer answer = get(socket, "/v1/snapshot");
          if (answer.status == 200) witness.see(Reading(answer.json().as_object()));
        }
      } catch (const std::system_error &) {  // the socket is gone: the program ended
      }
    });
  }
  for (auto &reader : readers) reader.join();
  const Outcome outcome = churn.wait();
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_NE(outcome.out.find("balanced after 40"), std::string::npos) << outcome;
  int readings = 0;
  for (const auto &witness : witnesses) {
    EXPECT_EQ(witness.complaints, "");
    EXPECT_GT(witness.readings, 10);
    readings += witness.readings;
  }
  RecordProperty("readings", readings);
}

// A slot changes hands while it is read: what is told of a thread is then its own all the same.
TEST(Churn, ThreadsThatComeAndGoAreToldOfWhole) {
  Meter meter;
  Command command{{victim("come_and_go")}};
  command.environment = meter.environment();
  Process churn(command);
  const auto socket = meter.socket_of(churn.pid());
  int rows = 0;
  const auto see = [&](const boost::json::object &row) {
    ++rows;
    for (const char *name : {"allocations", "frees", "allocated_bytes", "freed_bytes"})
      EXPECT_LT(row.at(name).to_number<std::uint64_t>(), std::uint64_t{1} << 40) << row;
  };
  while (rows < 60'000) {
    const Answer answer = get(socket, "/v1/threads");
    ASSERT_EQ(answer.status, 200);
    const auto page = answer.json().as_object();
    see(page.at("exited").as_object());
    for (const auto &thread : page.at("threads").as_array()) see(thread.as_object());
  }
  churn.signal(SIGTERM);
  EXPECT_TRUE(churn.wait().ok());
}

}  // namespace
}  // namespace heapmeter::testing
