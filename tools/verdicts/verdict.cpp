// SPDX-License-Identifier: MIT
#include "verdicts/verdict.h"

#include <cstddef>

namespace heapmeter::cli::verdicts {
namespace {

struct Known {
  const char *code;
  bool alarm;
};
constexpr Known kKnown[] = {
#define HEAPMETER_VERDICT(code, alarm, meaning) {#code, alarm},
#include "verdicts/verdicts.def"
#undef HEAPMETER_VERDICT
};

}  // namespace

const char *code(Kind kind) { return kKnown[static_cast<std::size_t>(kind)].code; }
bool is_alarm(Kind kind) { return kKnown[static_cast<std::size_t>(kind)].alarm; }

}  // namespace heapmeter::cli::verdicts
