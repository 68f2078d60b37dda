// SPDX-License-Identifier: MIT
//
// Which call stacks hold and allocate what, as a process tells it: addresses without names.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "symbols/frame.h"

namespace heapmeter::cli::sites {

enum class Mode { kOff, kEvery, kSampled };

struct Values {
  std::uint64_t live_bytes = 0, live_blocks = 0, allocated_bytes = 0, allocations = 0, reallocations = 0,
                peak_bytes = 0, peak_blocks = 0, temporary = 0, live_samples = 0;
  double byte_ms = 0;  // of the live bytes, each times as long as it is there
  std::uint64_t oldest_ms = 0;
  double variance_bytes = 0;  // of live_bytes, where that is an estimate

  Values &operator+=(const Values &other);
  // Signed, from then on; the errors of both add up.
  Values &operator-=(const Values &other);
};

// A return address in one certain chain of callers.
struct Node {
  std::uint32_t parent = 0;  // 0: none; node k is the k-th, from 1 on
  int module = 0;
  std::uint64_t offset = 0;
};
inline constexpr int kNoModule = -1;  // the offset is the address
inline constexpr int kMark = -2;      // no address, but something to be said of the stack
inline constexpr std::uint64_t kCutShort = 1;
inline constexpr std::uint64_t kFirstTag = 16;  // and the number of its name
// What stands for a stack whose outer frames are not known.
inline constexpr const char *kCutShortName = "(stack cut short)";

struct Site {
  std::uint32_t leaf = 0;
  Values values;
};

// So many blocks of the site with that leaf lived less than 2^doubling milliseconds, and no less than half of
// that; an estimate.
struct Lived {
  std::uint32_t leaf = 0;
  unsigned doubling = 0;
  std::uint64_t blocks = 0;
};
inline constexpr unsigned kMostDoublings = 32;

// What of a site is live and of that thread, by samples; 0: of threads that have ended.
struct HeldByThread {
  std::uint32_t leaf = 0, tid = 0;
  std::uint64_t blocks = 0, bytes = 0, samples = 0;
  double variance_bytes = 0;
};

struct Profile {
  int pid = 0;
  std::uint64_t start_time = 0;
  std::string name;
  double time = 0;  // seconds since 1970, as the next two
  Mode mode = Mode::kOff;
  std::uint64_t mean_bytes = 0;
  double since = 0, until = 0;
  std::string instead;  // why the mode is not the one that was asked for
  // Of the whole process, exact.
  std::uint64_t live_bytes = 0, live_blocks = 0, allocations = 0, allocated_bytes = 0;
  std::uint64_t peak_bytes = 0, peak_error_bytes = 0;  // likewise, since it started
  std::uint64_t peak_live_bytes = 0;                   // live at the highest since attribution began
  double peak_live_time = 0;                           // when that was; 0: not known, or of several processes
  Values before;                                       // live blocks that are older than attribution
  Values other;                                        // attributed to no site, for want of room
  // What a mark had no room for, and the largest site of it.
  Values left_out;
  std::uint64_t left_out_sites = 0, left_out_most_bytes = 0;
  std::uint64_t captures = 0, cut_short = 0, limit_bytes = 0, sites_bytes = 0;
  bool has_peaks = false, has_temporary = false, has_ages = false;
  std::uint64_t temporary_ms = 0;  // what lived less is temporary; 0: what the very next call freed
  std::vector<symbols::Module> modules;
  std::vector<Node> nodes;
  std::vector<Site> sites;
  std::vector<Lived> lifetimes;
  std::vector<HeldByThread> held_by_threads;
  // Only what is of these threads, as people know them: live figures are then by samples, others none.
  bool of_threads = false;
  std::vector<std::string> threads;
  Values of_all_threads;          // what the samples of these and all others come to
  std::vector<std::string> tags;  // of the program's own naming; number k is the k-th, from 1 on

  // Whether what is live at a site is an estimate.
  bool is_estimate() const { return mode == Mode::kSampled || of_threads; }
  const Node &node(std::uint32_t number) const { return nodes[number - 1]; }
};

// Where it says why it notes no code, or not all: what would not help is then not to be advised.
void refuse_if_it_cannot(const std::string &who, const Profile &profile);

// Of one process of several.
struct KeptMember {
  Profile profile;
  int pid = 0;  // where it lives here
};

// What a mark says, in the place of a function: "[parser]" of a tag.
std::string mark_text(const Profile &profile, const Node &mark);

// Of the site with that leaf, in order.
std::span<const Lived> lived_by(const Profile &profile, std::uint32_t leaf);

// Sixteen hexadecimal digits, the same for the same return addresses in every run: of build-ids and offsets.
// A file without a build-id is known by its name without directories; of several such files in the profile
// one is, and the others by their paths.
class SiteNames {
 public:
  explicit SiteNames(const Profile &profile);
  std::string of(const Site &site) const;
  const std::string &file(int module) const { return files_[static_cast<std::size_t>(module)]; }

 private:
  const Profile &profile_;
  std::vector<std::string> files_;  // what each module is known by
};

std::string site_name(const Profile &profile, const Site &site);

}  // namespace heapmeter::cli::sites
