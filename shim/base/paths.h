// SPDX-License-Identifier: MIT
//
// The paths that the user chose, kept as they were at the start. Each function copies its value into memory
// of its own and returns that; null when nothing was chosen, or what cannot be used: then `fault` is what to
// say.
#pragma once

namespace heapmeter::paths {

const char *directory(const char *value, const char *&fault) noexcept;
const char *runtime_directory(const char *value, const char *&fault) noexcept;
// "stderr", or a path from the root on: the program may live elsewhere by the time it ends.
const char *report(const char *value, const char *&fault) noexcept;

const char *run(const char *value, const char *&fault) noexcept;

}  // namespace heapmeter::paths
