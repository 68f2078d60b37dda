// SPDX-License-Identifier: MIT
//
// Names documented in tools/VERBS.md and FORMATS.md are those there are. What is printed as JSON has
// schema_test.cpp.
#include <gtest/gtest.h>

#include <sstream>

#include "doctor/finding.h"
#include "support/meter.h"
#include "tools/tool.h"
#include "views/reading_csv.h"

using namespace heapmeter::testing;

namespace {

TEST(Readme, DocumentsEveryFindingWithItsEffect) {
  const std::string text = read_file(source_root() / "tools" / "VERBS.md");
  for (const auto &[code, effect] : {
#define HEAPMETER_FINDING(code, effect) \
  std::pair(#code, heapmeter::cli::effect_name(heapmeter::cli::Effect::effect)),
#include "doctor/findings.def"
#undef HEAPMETER_FINDING
       }) {
    EXPECT_NE(text.find(std::string("\n| `") + code + "` | " + effect + " |"), std::string::npos) << code;
  }
}

// The names in the first column of the table below "## CSV".
TEST(Readme, DocumentsTheColumnsOfCsv) {
  const std::string text = read_file(source_root() / "tools" / "FORMATS.md");
  const std::string section = text.substr(text.find("\n## CSV\n"));
  const std::string header = heapmeter::cli::csv_header();
  std::istringstream names(header.substr(0, header.find(",live_bytes,")));
  for (std::string name; std::getline(names, name, ',');)
    EXPECT_NE(section.find("`" + name + "`"), std::string::npos) << name;
}

}  // namespace
