// SPDX-License-Identifier: MIT
//
// The library's version, from the build.
#pragma once

namespace heapmeter {

inline constexpr const char *kVersion = HEAPMETER_VERSION;

}  // namespace heapmeter
