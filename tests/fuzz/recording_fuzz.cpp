// SPDX-License-Identifier: MIT
//
// A recording of a stranger, under arbitrary bytes: as they are, and with each frame's checksum made anew, so
// that what is changed in it is read and not left out as damaged. What is taken is told as a user would see
// it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "record/recording.h"
#include "record/thinning.h"
#include "report/data.h"
#include "report/records.h"
#include "report/story.h"
#include "report/svg.h"
#include "report/text_view.h"
#include "text/user_error.h"

using namespace heapmeter::cli;

namespace {

std::size_t number_at(std::string_view bytes) {
  std::size_t number = 0;
  for (int at = 3; at >= 0; --at)
    number = number << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(at)]);
  return number;
}

std::string with_good_checksums(std::string_view text) {
  std::string good(record::kSignature);
  text.remove_prefix(std::min(text.size(), record::kSignature.size()));
  while (text.size() > record::kFrameHead) {
    const std::size_t length = std::min(number_at(text), text.size() - record::kFrameHead);
    good += record::framed(text.substr(record::kFrameHead, length));
    text.remove_prefix(record::kFrameHead + length);
  }
  return good;
}

void walk(const sites::Profile &profile) {
  for (const sites::Site &site : profile.sites) {
    for (std::uint32_t node = site.leaf; node != 0; node = profile.node(node).parent) {
      if (profile.node(node).parent >= node) abort();
      if (profile.node(node).module >= static_cast<int>(profile.modules.size())) abort();
    }
    sites::site_name(profile, site);
  }
}

void tell(std::string_view text) {
  record::Recording recording(record::source_of(text));
  const report::Story story = report::story_of(recording);
  for (const report::Life &life : story.lives) {
    for (const sites::Profile &taking : life.takings) walk(taking);
  }
  const auto lives = report::told(story);
  report::text(story, lives, {});
  report::svg(story, lives);
  report::to_json(story, lives);
  report::page(story, lives);
  record::Recording again(record::source_of(text));
  std::size_t lines = 0;
  report::csv(again, [&](std::string_view) { ++lines; });
  if (lines != story.readings + 1) abort();
  record::thin(record::source_of(text), text.size() / 2, [](std::string_view) { return true; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::string_view text(reinterpret_cast<const char *>(data), size);
  try {
    record::is_recording(text, "a file");
  } catch (const UserError &) {
  }
  tell(text);
  tell(with_good_checksums(text));
  return 0;
}
