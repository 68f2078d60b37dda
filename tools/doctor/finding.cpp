// SPDX-License-Identifier: MIT
#include "doctor/finding.h"

#include <algorithm>

namespace heapmeter::cli {
namespace {

struct Kind {
  const char *code;
  Effect effect;
};

constexpr Kind kKinds[] = {
#define HEAPMETER_FINDING(code, effect) {#code, Effect::effect},
#include "doctor/findings.def"
#undef HEAPMETER_FINDING
};

const Kind &kind(Found found) { return kKinds[static_cast<std::size_t>(found)]; }

}  // namespace

Effect Finding::effect() const { return kind(found).effect; }

const char *Finding::code() const { return kind(found).code; }

bool Finding::keeps_from_reading() const {
  return effect() >= Effect::kUncounted || found == Found::k_not_served || found == Found::k_sandboxed ||
         found == Found::k_few_processes || found == Found::k_socket_directory;
}

Effect worst(const Findings &findings) {
  Effect effect = Effect::kNote;
  for (const Finding &finding : findings) effect = std::max(effect, finding.effect());
  return effect;
}

const char *effect_name(Effect effect) {
  switch (effect) {
    case Effect::kRefused:
      return "refused";
    case Effect::kUncounted:
      return "uncounted";
    case Effect::kPartly:
      return "partly";
    case Effect::kNote:
      break;
  }
  return "note";
}

Finding finding_from(Found found, const std::string &file, std::string_view sentence) {
  const std::size_t at = sentence.find("; ");
  if (at == sentence.npos) return {found, file, std::string(sentence), ""};
  return {found, file, std::string(sentence.substr(0, at)), std::string(sentence.substr(at + 2))};
}

}  // namespace heapmeter::cli
