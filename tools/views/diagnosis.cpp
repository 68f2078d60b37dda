// SPDX-License-Identifier: MIT
#include "views/diagnosis.h"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "readings/allocator_name.h"
#include "text/fit.h"
#include "text/json_text.h"
#include "views/reading.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

const char *verdict(const Diagnosis &about) {
  switch (worst(about.findings)) {
    case Effect::kRefused:
    case Effect::kUncounted:
      return "no";
    case Effect::kPartly:
      return "partly";
    case Effect::kNote:
      break;
  }
  return "yes";
}

std::string verdict_text(const Diagnosis &about) {
  const Effect effect = worst(about.findings);
  if (about.pid == 0) {
    if (effect >= Effect::kUncounted) return "cannot be metered";
    return effect == Effect::kPartly ? "can be metered in part" : "can be metered";
  }
  if (about.library.empty()) return "not metered";
  if (effect >= Effect::kUncounted) return "has the meter, which counts nothing";
  return effect == Effect::kPartly ? "metered in part" : "metered";
}

json::value text_or_null(const std::string &text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

}  // namespace

std::string diagnosis_text(const Diagnosis &about, const Paint &paint, int columns) {
  std::string text = paint.title(printable(about.subject) + ": " + verdict_text(about)) + "\n";
  if (about.pid != 0) {
    if (about.reading) {
      text += labelled(paint, "library",
                       fmt::format("{}, version {}, on {}", about.library, about.reading->version,
                                   allocator_name(*about.reading)));
      text += labelled(paint, "socket", about.socket);
    } else if (!about.library.empty()) {
      text += labelled(paint, "library", about.library);
    }
  }
  for (const Finding &finding : about.findings) {
    text += labelled(paint, effect_name(finding.effect()), printable(finding.what));
    if (!finding.advice.empty()) text += labelled(paint, "", printable(finding.advice));
  }
  return folded_lines(text, columns, kLabelled);
}

std::string diagnosis_json(const Diagnosis &about) {
  json::object object = {{"schema", 1}};
  object["target"] = about.target;
  object["verdict"] = verdict(about);
  object["program"] = text_or_null(about.program);
  object["library"] = text_or_null(about.library);
  object["pid"] = about.pid != 0 ? json::value(about.pid) : json::value(nullptr);
  object["socket"] = text_or_null(about.socket);
  object["version"] = about.reading ? json::value(about.reading->version) : json::value(nullptr);
  object["backend"] = about.reading ? json::value(about.reading->backend) : json::value(nullptr);
  json::array findings;
  for (const Finding &finding : about.findings) {
    findings.push_back(json::object{{"code", finding.code()},
                                    {"effect", effect_name(finding.effect())},
                                    {"file", text_or_null(finding.file)},
                                    {"what", finding.what},
                                    {"advice", text_or_null(finding.advice)}});
  }
  object["findings"] = std::move(findings);
  return json_text(object) + "\n";
}

}  // namespace heapmeter::cli
