// SPDX-License-Identifier: MIT
#include "targets/group_mark.h"

#include <optional>

#include "client/page.h"
#include "readings/marked_process.h"
#include "system/process.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

bool lives(const Target &target) { return target.local_pid == 0 || !process::ended(target.local_pid); }

}  // namespace

Mark mark_of(const Chosen &chosen, const std::string &name, const MarkOne &mark_one) {
  if (!chosen.is_group) return mark_one(chosen.only(), name);
  std::vector<Mark> members;
  std::optional<UserError> last;
  for (const Target &target : chosen.targets) {
    try {
      members.push_back(mark_one(target, name));
    } catch (const UserError &error) {
      if (lives(target)) throw;
      last = error;
    }
  }
  if (members.empty()) throw *last;
  const Wanted &wanted = chosen.wanted;
  return group_mark(std::move(members), name, wanted.text(),
                    {{"word", wanted.words.empty() ? "" : wanted.words[0]},
                     {"cgroup", wanted.cgroup},
                     {"below", wanted.has_below() ? wanted.below : 0}});
}

Chosen marked_now(const Mark &mark) {
  if (mark.members.empty()) return {{marked_process(mark)}, false, {}};
  const boost::json::object *group = page::object(mark.file, "group");
  Wanted wanted;
  if (const std::string word = page::long_text(*group, "word", "a mark"); !word.empty())
    wanted.words = {word};
  wanted.cgroup = page::long_text(*group, "cgroup", "a mark");
  if (const std::uint64_t below = page::number(*group, "below", "a mark"); below != 0)
    wanted.below = static_cast<std::int64_t>(below);
  Chosen chosen = choose(wanted);
  chosen.is_group = true;
  return chosen;
}

}  // namespace heapmeter::cli
