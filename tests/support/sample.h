// SPDX-License-Identifier: MIT
//
// The mode of sampling that all rows of the matrix and all real programs run in: what HEAPMETER_TEST_SAMPLE
// says, or "", the one that is published.
#pragma once

#include <cstdlib>
#include <string>

namespace heapmeter::testing {

inline std::string sample_of_all() {
  const char *sample = std::getenv("HEAPMETER_TEST_SAMPLE");
  return sample == nullptr || std::string(sample) == "off" ? "" : sample;
}

}  // namespace heapmeter::testing
