// SPDX-License-Identifier: MIT
#include "tools/screens/screen.h"

#include <gtest/gtest.h>
#include <locale.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "tools/golden.h"
#include "top/canvas.h"
#include "verbs/commands.h"

using namespace heapmeter::testing;
using heapmeter::cli::Look;

namespace {

// Says what it does in a line, and shows nothing.
const std::set<std::string> kWithoutScreen = {"record"};

std::vector<Screen> all_screens() {
  std::vector<Screen> all;
  for (const auto &room : {screens_of_processes(), screens_of_code(), screens_of_runs(), screens_of_top()})
    all.insert(all.end(), room.begin(), room.end());
  return all;
}

std::string verb_of(const Screen &screen) { return screen.name.substr(0, screen.name.find('_')); }

void expect_within(const std::string &picture, const Look &look, const std::string &whose) {
  std::istringstream lines(picture);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(heapmeter::cli::tui::text_width(line), look.width) << whose << ": " << line;
  // Names have the letters that somebody gave them; these are what ours begin with.
  if (!look.utf8) {
    EXPECT_EQ(picture.find_first_of("\xc2\xe2"), picture.npos) << whose << ":\n" << picture;
  }
}

TEST(Screens, AreAsSomebodyHasLookedAtThem) {
  ASSERT_NE(setlocale(LC_CTYPE, "C.UTF-8"), nullptr);  // which knows how wide letters are
  setenv("TZ", "UTC", 1);
  tzset();
  for (const Screen &screen : all_screens()) {
    std::string pictures;
    for (const bool utf8 : {true, false}) {
      for (const int width : {80, 120, 200}) {
        Look look;
        look.utf8 = utf8;
        look.width = width;
        const std::string picture = screen.drawn(look);
        expect_within(picture, look, screen.name);
        const std::string title =
            "== " + screen.name + ", " + std::to_string(width) + " columns, " + (utf8 ? "UTF-8 " : "ASCII ");
        pictures += title + std::string(static_cast<std::size_t>(width) - title.size(), '=') + "\n" + picture;
      }
    }
    expect_golden("screens/" + screen.name + ".txt", pictures);
  }
}

TEST(Screens, AreThereForEveryVerb) {
  std::set<std::string> verbs, shown = kWithoutScreen;
  for (const heapmeter::cli::Command &command : heapmeter::cli::commands()) verbs.insert(command.name);
  for (const Screen &screen : all_screens()) shown.insert(verb_of(screen));
  EXPECT_EQ(verbs, shown);
}

TEST(Screens, AreAllOfTheTable) {
  std::set<std::string> known, files;
  for (const Screen &screen : all_screens()) known.insert(screen.name + ".txt");
  for (const auto &file :
       std::filesystem::directory_iterator(source_root() / "tests" / "tools" / "golden" / "screens"))
    files.insert(file.path().filename());
  EXPECT_EQ(known, files);
}

}  // namespace
