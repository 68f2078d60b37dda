// SPDX-License-Identifier: MIT
#include "run/notices.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include <stdlib.h>
#include <string.h>

#include "client/exchange.h"
#include "system/foreign_file.h"

namespace heapmeter::cli {
namespace {

namespace fs = std::filesystem;
using What = Notice::What;

constexpr std::pair<std::string_view, What> kWords[] = {
    {"counted", What::kCounted}, {"forked", What::kForked}, {"passed", What::kPassedThrough},
    {"off", What::kLeftOut},     {"exec", What::kBecomes},  {"unwritten", What::kUnwritten},
};
constexpr std::uint64_t kLongestText = 16384;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t found = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return found;
}

// The part before the next '-', which goes with it.
std::string_view taken(std::string_view &rest) {
  const std::size_t end = std::min(rest.find('-'), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

std::string error_text(std::uint64_t number) {
  const char *text = strerrordesc_np(static_cast<int>(number));
  return text == nullptr ? "an unknown error" : text;
}

std::optional<std::pair<int, Notice>> notice_of(const fs::path &path) {
  const std::string name = path.filename();
  std::string_view rest = name;
  const auto pid = number(taken(rest)), when = number(taken(rest));
  const std::string_view word = taken(rest);
  const auto known = std::find_if(std::begin(kWords), std::end(kWords),
                                  [&](const auto &each) { return each.first == word; });
  if (!pid || !when || known == std::end(kWords)) return std::nullopt;
  Notice notice{known->second, *when, std::string(rest), "", ""};
  if (notice.what == What::kBecomes) {
    const std::string text = ForeignFile::found(path).text(kLongestText).value_or("");
    const std::size_t end = std::min(text.find('\0'), text.size());
    notice.text = text.substr(0, end);
    notice.counts = text.substr(std::min(end + 1, text.size()));
  }
  if (notice.what == What::kUnwritten) notice.text = error_text(number(rest).value_or(0));
  return std::pair(static_cast<int>(*pid), std::move(notice));
}

// It is what it was told to become, or what forked it, until another word comes.
const Notice *last_but_unwritten(const std::vector<Notice> &all) {
  const auto found = std::find_if(all.rbegin(), all.rend(),
                                  [](const Notice &notice) { return notice.what != What::kUnwritten; });
  return found == all.rend() ? nullptr : &*found;
}

std::string program_of(const std::vector<Notice> &all, const Notice &last) {
  if (last.what != What::kPassedThrough) return last.text.empty() ? last.program : last.text;
  for (auto before = all.rbegin(); before != all.rend(); ++before) {
    if (before->what == What::kBecomes && before->program == last.program) return before->text;
  }
  return last.program;
}

bool lists(const char *variable, const std::string &program) {
  const char *value = getenv(variable);
  const std::string list = value == nullptr ? "" : "," + std::string(value) + ",";
  return list.find("," + program + ",") != list.npos;
}

}  // namespace

Notices read_notices(const std::string &directory) {
  Notices notices;
  std::error_code failed;
  for (const auto &entry : fs::directory_iterator(directory, failed)) {
    if (auto found = notice_of(entry.path())) notices[found->first].push_back(std::move(found->second));
  }
  for (auto &[pid, all] : notices) {
    std::sort(all.begin(), all.end(), [](const Notice &a, const Notice &b) { return a.when_ns < b.when_ns; });
  }
  return notices;
}

Unaccounted unaccounted(const Notices &notices, const std::function<bool(int)> &is_accounted,
                        const std::function<bool(const std::string &)> &is_left_out) {
  Unaccounted found;
  for (const auto &[pid, all] : notices) {
    const Notice *last = last_but_unwritten(all);
    if (last == nullptr || last->what == What::kLeftOut || is_accounted(pid)) continue;
    if (last->what == What::kCounted || last->what == What::kForked) {
      const Notice &end = all.back();
      found.unreported.push_back({pid, last->program, end.what == What::kUnwritten ? end.text : ""});
      continue;
    }
    if (is_left_out(last->program)) continue;
    const std::string program = program_of(all, *last);
    const auto known = std::find_if(found.unentered.begin(), found.unentered.end(),
                                    [&](const Unentered &each) { return each.program == program; });
    if (known != found.unentered.end()) {
      ++known->times;
    } else {
      found.unentered.push_back({pid, program, last->what == What::kPassedThrough});
    }
  }
  return found;
}

std::vector<Relative> before_becoming_another(const Notices &notices, std::vector<Unreported> &cut_short) {
  std::vector<Relative> found;
  for (const auto &[pid, all] : notices) {
    const Notice *counted = nullptr;
    for (const Notice &notice : all) {
      if (notice.what == What::kCounted || notice.what == What::kForked) counted = &notice;
      const auto add_cut_short = [&, pid = pid] {
        if (counted != nullptr)
          cut_short.push_back(
              {pid, counted->program,
               "what it took before it became " + notice.program + " is cut short, as on a full disk"});
      };
      // Not even the path had room.
      if (notice.what == What::kBecomes && notice.text.empty()) add_cut_short();
      if (notice.counts.empty()) continue;
      try {
        Relative relative = relative_of(parse_reading(notice.counts));
        relative.became_another = true;
        if (relative.reading.pid == pid && relative.own.allocations + relative.own.reallocations > 0)
          found.push_back(std::move(relative));
      } catch (const NoAnswer &) {
        add_cut_short();
      }
    }
  }
  return found;
}

bool any_became_another(const Notices &notices) {
  const auto is = [](What what) { return [what](const Notice &notice) { return notice.what == what; }; };
  return std::any_of(notices.begin(), notices.end(), [&](const auto &process) {
    const auto &all = process.second;
    const auto counted = std::find_if(all.begin(), all.end(), is(What::kCounted));
    return std::find_if(counted, all.end(), is(What::kBecomes)) != all.end();
  });
}

bool is_left_out(const std::string &program) {
  const char *only = getenv("HEAPMETER_ONLY");
  return (only != nullptr && *only != '\0' && !lists("HEAPMETER_ONLY", program)) ||
         lists("HEAPMETER_EXCEPT", program);
}

}  // namespace heapmeter::cli
