// SPDX-License-Identifier: MIT
//
// A picture against the one in tests/tools/golden/, which a person has looked at. To write those of all
// screens anew: HEAPMETER_UPDATE_GOLDEN=1 meson test -C build tools_screens; look at the difference before
// you keep it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "support/meter.h"
#include "support/temp_dir.h"

namespace heapmeter::testing {

inline void expect_golden(const std::string &name, const std::string &picture) {
  const auto file = source_root() / "tests" / "tools" / "golden" / name;
  if (getenv("HEAPMETER_UPDATE_GOLDEN") != nullptr) write_file(file, picture);
  ASSERT_TRUE(std::filesystem::exists(file)) << file << " is missing; HEAPMETER_UPDATE_GOLDEN=1 writes it";
  EXPECT_EQ(picture, read_file(file));
}

}  // namespace heapmeter::testing
