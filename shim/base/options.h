// SPDX-License-Identifier: MIT
//
// The environment variables of options.def, read once, by the first allocation or at start; texts are copies,
// so that a later setenv cannot change them. The report's path is absolute.
#pragma once

#include <stdint.h>

namespace heapmeter {

struct Options {
#define HEAPMETER_CHOICE(field, variable, value, yes, no, help) bool field = value;
#include "base/options.def"
#undef HEAPMETER_CHOICE
#define HEAPMETER_TEXT(field, variable, help) const char *field = nullptr;
#include "base/options.def"
#undef HEAPMETER_TEXT
#define HEAPMETER_BYTES(field, variable, value, words, help) uint64_t field = value;
#include "base/options.def"
#undef HEAPMETER_BYTES
};

namespace options {

const Options &get() noexcept;
// The file name that was executed, as the kernel was given it.
const char *program_name() noexcept;
// One line on stderr for each value that get() could not use. For the start, never for a hook.
void complain() noexcept;

}  // namespace options
}  // namespace heapmeter
