// SPDX-License-Identifier: MIT
//
// The figures and the code of a site as cells of a line; pure.
#pragma once

#include <string>
#include <vector>

#include <boost/json/array.hpp>

#include "views/site_view.h"

namespace heapmeter::cli {

struct SiteColumns {
  std::vector<std::string> titles;
  std::vector<std::string> cells(const sites::Values &values) const;

  const SiteView &view;
  const Look &look;
};

// What is ordered by first.
SiteColumns site_columns(const SiteView &view, const Look &look);

enum class Module { kNew, kSaid };  // just before, of other code
enum class TemplateArguments { kHidden, kShown };

// "Cache::put  cache.cpp:41" in so many letters, or all of it in 0; the module of what has no lines unless
// that was said.
std::string code_text(const symbols::Frame &frame, int width, bool utf8, Module module = Module::kNew,
                      TemplateArguments arguments = TemplateArguments::kHidden);

// Where a function without a name begins, null where nothing says.
boost::json::value begin_json(const symbols::Frame &frame);
// Of a stack, the innermost first.
boost::json::array frames_json(const sites::Stacks &stacks, const sites::Stacks::Stack &stack);

// How old a byte that it holds is, in the middle.
double age_seconds(const sites::Values &values);

// "~" before what is estimated.
std::string estimated(const sites::Profile &profile, std::string figure);

// Why there is no site to be shown, and what to do.
std::string site_nothing(const SiteView &view);

// What stands below the sites: how far they explain the whole, what was cut short, which names are missing.
std::string site_notes(const SiteView &view, const Look &look);

}  // namespace heapmeter::cli
