// SPDX-License-Identifier: MIT
//
// Reads a running program and what it starts, as often as it costs little: for the shape of it over time, for
// the case that one ends without a report of its own, and for what was live together; and looks at what it
// becomes or starts that is not counted.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "readings/census.h"
#include "run/live_sites.h"
#include "run/relative.h"
#include "run/shape.h"
#include "run/uncounted.h"
#include "verdicts/observed.h"

namespace heapmeter::cli {

class Watcher {
 public:
  using Clock = std::chrono::steady_clock;
  // `follow`: also what it starts is to be counted; it is known by the HEAPMETER_RUN that only this run has,
  // or where there is none ("" here) by its parents.
  // `sites`: which code holds what is noted, and read, too.
  Watcher(int pid, bool follow, std::string directory, bool sites = false);
  // Ends the watch.
  void stop();

  struct Last {
    Relative relative;
    Clock::time_point taken = {}, seen = {};
    verdicts::Watched watched = {};
  };
  struct Span {
    double from = 0, to = 0;  // seconds since the start
  };
  // These after the end.
  const Last *last() const;
  // The last readings of all other programs, and of those that the program itself was before.
  std::vector<const Last *> others() const;
  const std::vector<LiveSites> &sites() const { return sites_reader_.taken(); }
  const Shape &shape() const { return shape_; }        // of the program itself
  const Shape &together() const { return together_; }  // of all
  std::uint64_t most_together() const { return most_together_; }
  // The program that grew most beside malloc while it was watched, if one did.
  std::optional<verdicts::Grower> grower() const;
  // When it had the highest live bytes that its last reading knows of.
  const std::optional<Span> &peak_time() const { return peak_time_; }
  const std::vector<Uncounted> &uncounted() const { return uncounted_.found(); }

 private:
  // A program in a process: exec begins another one.
  using Key = std::tuple<int, std::uint64_t, std::uint64_t>;

  void watch(std::stop_token stopped);
  void find_itself();
  std::vector<Endpoint> ours();
  bool is_ours(const Endpoint &endpoint);
  void read_all();
  void note(const Member &member, double now);
  void note_itself(const Reading &reading, double now);
  double seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

  const int pid_;
  const bool follow_, sites_;
  const std::string directory_;
  const Clock::time_point started_ = Clock::now();
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<Endpoint> itself_;
  std::set<int> family_;
  std::map<std::string, bool> known_;  // sockets by path: whether they are of this run
  Census census_;
  std::map<Key, Last> lasts_;
  std::optional<Key> last_;
  LiveSitesReader sites_reader_;
  Shape shape_, together_;
  std::uint64_t most_together_ = 0;
  double read_until_ = 0;
  std::optional<Span> peak_time_;
  UncountedPrograms uncounted_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace heapmeter::cli
