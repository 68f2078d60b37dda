// SPDX-License-Identifier: MIT
//
// What heapmeter sites writes of one reading, or of what lies between two: to the terminal, or into the files
// that were asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/json/array.hpp>

#include "flame/picture.h"
#include "lost/holding.h"
#include "sites/naming.h"
#include "sites/ranking.h"
#include "sites/together.h"
#include "symbols/namer.h"
#include "views/site_view.h"

namespace heapmeter::cli {

struct SiteOptions {
  std::string tree, focus, ignore, site, flame, svg, speedscope, pprof;
  std::int64_t rows = 0, depth = 0;  // 0: as many as is usual
  bool json = false, folded = false, repeated = false, holders = false;
  Units units;

  bool to_file() const { return !flame.empty() || !svg.empty() || !speedscope.empty() || !pprof.empty(); }
};

// Of the processes that a profile of several is of: who they are, in the order of its members.
struct SiteMembers {
  sites::Together together;  // its profile is elsewhere
  std::vector<int> pids;     // 0 for one that is elsewhere
  boost::json::array told;
};

// Who points at the blocks of these leaves, of each by itself; of as many of them, from the first on, as can
// be asked about, which it says.
using AskHolders = std::function<lost::Holding(const std::vector<std::uint32_t> &leaves, std::size_t &asked)>;

struct TakenSites {
  std::string label;                      // "name (pid)", or whose they are together
  sites::Profile profile;                 // the last reading
  std::optional<sites::Profile> earlier;  // and where what lies between is asked for, the one before
  std::optional<sites::Profile> change;
  std::shared_ptr<const SiteMembers> members = nullptr;          // of several
  std::shared_ptr<const SiteMembers> earlier_members = nullptr;  // likewise, of the reading before
  std::map<std::uint32_t, std::string> threads = {};             // by tid, where one site is shown
  AskHolders ask_holders = nullptr;                              // where a picture is to have them

  const sites::Profile &shown() const { return change ? *change : profile; }
  // Between the two, by a clock that nobody sets: where both were read here.
  std::optional<double> lapse = std::nullopt;

  double seconds() const { return !earlier ? 0 : lapse ? *lapse : profile.time - earlier->time; }
};

class SiteOutput {
 public:
  // Of a living process, or with pid 0 of one that is elsewhere, or of several.
  SiteOutput(int pid, const SiteOptions &options, sites::By by) : pid_(pid), options_(options), by_(by) {}

  void write(const TakenSites &taken);

 private:
  const sites::Naming &naming(const sites::Profile &profile);
  const sites::Naming &naming_of_members(const sites::Profile &profile);
  std::vector<std::string> advice() const;
  // Once: a series would say it below every reading.
  std::vector<std::string> untold_advice();
  flame::Holders holders_of(const TakenSites &taken, const SiteView &view) const;
  void save_pictures(const TakenSites &taken, const SiteView &shown);
  void write_site(const TakenSites &taken, const Look &look);

  const int pid_;
  const SiteOptions &options_;
  const sites::By by_;
  // Kept from one reading to the next as long as no module comes.
  std::optional<symbols::Namer> namer_;
  std::shared_ptr<const SiteMembers> members_;
  std::optional<sites::NamesOfMembers> names_of_members_;
  std::size_t modules_ = 0;
  sites::Naming naming_;
  std::set<std::string> told_;
};

}  // namespace heapmeter::cli
