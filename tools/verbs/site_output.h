// SPDX-License-Identifier: MIT
//
// What heapmeter sites writes of one reading, or of what lies between two: to the terminal, or into the files
// that were asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "readings/target.h"
#include "sites/ranking.h"
#include "symbols/namer.h"
#include "views/site_view.h"

namespace heapmeter::cli {

struct SiteOptions {
  std::string tree, focus, ignore, site, flame, svg, speedscope, pprof;
  std::int64_t rows = 0, depth = 0;  // 0: as many as is usual
  bool json = false, folded = false, repeated = false;
  Units units;

  bool to_file() const { return !flame.empty() || !svg.empty() || !speedscope.empty() || !pprof.empty(); }
};

struct TakenSites {
  sites::Profile profile;                 // the last reading
  std::optional<sites::Profile> earlier;  // and where what lies between is asked for, the one before
  std::optional<sites::Profile> change;

  const sites::Profile &shown() const { return change ? *change : profile; }
  double seconds() const { return earlier ? profile.time - earlier->time : 0; }
};

class SiteOutput {
 public:
  SiteOutput(const Target &target, const SiteOptions &options, sites::By by)
      : target_(target), options_(options), by_(by) {}

  void write(const TakenSites &taken);

 private:
  const sites::Naming &naming(const sites::Profile &profile);
  void save_pictures(const TakenSites &taken, const SiteView &shown);
  void write_site(const sites::Profile &profile, const Look &look);

  const Target &target_;
  const SiteOptions &options_;
  const sites::By by_;
  // Kept from one reading to the next as long as no module comes.
  std::optional<symbols::Namer> namer_;
  std::size_t modules_ = 0;
  sites::Naming naming_;
};

}  // namespace heapmeter::cli
