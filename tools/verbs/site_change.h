// SPDX-License-Identifier: MIT
//
// Which code holds more or less between two marks, named, and drawn.
#pragma once

#include <optional>
#include <string>

#include "readings/mark.h"
#include "sites/naming.h"
#include "views/site_difference.h"

namespace heapmeter::cli {

class SiteChange {
 public:
  SiteChange(const Mark &before, const Mark &after, bool same_process);

  // As a page, and as a picture, where a path is given. Throws UserError when there is nothing to draw.
  void save(const std::string &flame, const std::string &svg, double seconds) const;

  SiteDifference difference;

 private:
  // A reading with the names of its code.
  struct Named {
    std::optional<sites::Profile> profile;
    sites::NamedStacks named;
  };
  static void name_stacks(Named &marked, const Mark &mark);
  void read_groups(const Mark &before, const Mark &after);
  SiteView picture_view(const Named &marked, double seconds) const;

  Named before_, after_;
  std::string label_;
};

}  // namespace heapmeter::cli
