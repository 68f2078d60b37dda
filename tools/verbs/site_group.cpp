// SPDX-License-Identifier: MIT
#include "verbs/site_group.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include "readings/mark_store.h"
#include "readings/target.h"
#include "sites/kept.h"
#include "system/mapped_files.h"
#include "text/format.h"
#include "text/output.h"
#include "text/sample_word.h"
#include "text/terminal.h"
#include "text/user_error.h"
#include "verbs/site_reading.h"

namespace heapmeter::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct GroupNow {
  std::size_t processes = 0;
  std::vector<sites::Profile> profiles;  // of those that note it
  std::vector<int> pids;                 // likewise
  boost::json::array told;               // of all
  std::vector<std::string> threads;      // of all that note it, where some are asked for
  sites::Files files;
  std::string instead;      // why one notes nothing, where it says so
  bool unhindered = false;  // another says nothing of the kind
};

boost::json::object told(const sites::Profile &profile, int pid) {
  return {{"pid", pid != 0 ? pid : profile.pid},
          {"name", profile.name},
          {"live_bytes", profile.live_bytes},
          {"attributed", profile.mode != sites::Mode::kOff}};
}

// A path may be another file in each of them: another build, or another container's.
std::vector<std::string> files_without_build(int pid, const std::vector<symbols::Module> &modules) {
  const auto has_none = [](const symbols::Module &module) { return module.build_id.empty(); };
  if (pid == 0 || std::none_of(modules.begin(), modules.end(), has_none)) return {};
  const MappedFiles mapped(pid);
  std::vector<std::string> files;
  for (const symbols::Module &module : modules)
    files.push_back(has_none(module) ? mapped.at(module.start) : "");
  return files;
}

// Who ended meanwhile is not in it; who does not answer is said to.
GroupNow read_all(const Wanted &wanted, const std::string &thread) {
  GroupNow reading;
  std::vector<Target> targets;
  try {
    targets = choose(wanted).targets;
  } catch (const UserError &) {
    return reading;  // all have ended
  }
  for (const Target &target : targets) {
    try {
      SiteReading one = read_sites(target, thread);
      sites::Profile &profile = one.profile;
      ++reading.processes;
      reading.told.push_back(told(profile, target.local_pid));
      if (profile.mode == sites::Mode::kOff) {
        reading.unhindered |= profile.instead.empty();
        if (!profile.instead.empty()) reading.instead = profile.instead;
        continue;
      }
      reading.files[{profile.pid, profile.start_time}] =
          files_without_build(target.local_pid, profile.modules);
      reading.profiles.push_back(std::move(profile));
      reading.pids.push_back(target.local_pid);
      reading.threads.insert(reading.threads.end(), one.threads.begin(), one.threads.end());
    } catch (const ProcessEnded &) {
    } catch (const UserError &error) {
      output::note(error.what());
    }
  }
  return reading;
}

// What each did since; of who came since all that it did. Of who began to note it anew in between, nothing.
std::vector<sites::Profile> changes(const std::vector<sites::Profile> &earlier,
                                    const std::vector<sites::Profile> &later) {
  std::vector<sites::Profile> all;
  for (const sites::Profile &now : later) {
    const auto before = std::find_if(earlier.begin(), earlier.end(), [&](const sites::Profile &each) {
      return each.pid == now.pid && each.start_time == now.start_time;
    });
    if (before == earlier.end()) {
      all.push_back(now);
    } else if (before->since == now.since && before->mode == now.mode) {
      all.push_back(sites::change(*before, now));
    } else {
      // Its numbers of modules and nodes are as in the others' list.
      all.push_back(now);
      all.back().sites.clear();
      all.back().other = {};
    }
  }
  return all;
}

std::string label_of(const GroupNow &reading, const std::string &word) {
  std::string label = group_label(word, reading.processes);
  if (reading.profiles.size() < reading.processes)
    label += fmt::format(", {} of which {} attributed", reading.profiles.size(),
                         reading.profiles.size() == 1 ? "is" : "are");
  if (const sites::Profile *most = sites::largest_of(reading.profiles)) {
    const int pid = reading.pids[static_cast<std::size_t>(most - reading.profiles.data())];
    label += fmt::format(", most in {} ({})", printable(most->name), pid != 0 ? pid : most->pid);
  }
  return label;
}

// As they were at a mark.
GroupNow marked(const std::string &name) {
  const Mark mark = load_mark(name);
  if (mark.members.empty())
    throw UserError(fmt::format("the mark '{}' is of one process, {}; heapmeter diff compares any two",
                                printable(mark.name), printable(mark.process())));
  GroupNow then;
  for (sites::KeptMember &member : sites::kept_members(mark)) {
    if (member.profile.mode == sites::Mode::kOff) continue;
    then.profiles.push_back(std::move(member.profile));
    then.pids.push_back(member.pid);
  }
  if (then.profiles.empty())
    throw UserError(
        fmt::format("the mark '{}' has no sites: attribution began later; heapmeter diff {} shows "
                    "what came after that",
                    printable(mark.name), printable(name)));
  return then;
}

bool has_any_of(const std::vector<sites::Profile> &now, const std::vector<sites::Profile> &earlier) {
  return std::any_of(now.begin(), now.end(), [&](const sites::Profile &each) {
    return std::any_of(earlier.begin(), earlier.end(), [&](const sites::Profile &one) {
      return one.pid == each.pid && one.start_time == each.start_time;
    });
  });
}

[[noreturn]] void throw_none(const GroupNow &reading, const Wanted &wanted) {
  if (!reading.unhindered && !reading.instead.empty())
    throw UserError(fmt::format("{}: none of {} processes notes which code allocates: {}; {}",
                                printable(wanted.text()), format::grouped(reading.processes),
                                printable(reading.instead), what_helps_sampling(reading.instead)));
  std::string targets;
  for (const std::string &word : wanted.words) targets += fmt::format(" '{}'", printable(word));
  throw UserError(fmt::format(
      "{}: none of {} processes notes which code allocates; from now on they do after heapmeter "
      "sites{} --sample every "
      "(or --sample 512K, which costs less), and from their start with heapmeter run --sites",
      printable(wanted.text()), format::grouped(reading.processes), targets.empty() ? " …" : targets));
}

class GroupSeries {
 public:
  explicit GroupSeries(const GroupOfSites &group) : group_(group), output_(0, group.output, group.by) {}

  int run() {
    const auto step =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(group_.interval));
    auto next = Clock::now();
    GroupNow earlier;
    if (!group_.since.empty()) {
      earlier = marked(group_.since);
    } else if (is_change(group_.by)) {
      earlier = read_noted();
      earlier_read_ = Clock::now();
      std::this_thread::sleep_until(next += step);
    }
    for (std::int64_t shown = 1;; ++shown) {
      GroupNow now = read_noted();
      const auto read = Clock::now();
      if (now.processes == 0) break;
      if (shown == 1 && !group_.since.empty() && !has_any_of(now.profiles, earlier.profiles))
        throw UserError(
            fmt::format("the mark '{}' is of none of these processes; heapmeter diff compares any two",
                        printable(group_.since)));
      if (shown > 1 && !group_.output.json) output::write("\n");
      show(earlier, now, read);
      if (!group_.repeated || shown == group_.count) return kOk;
      if (group_.by == sites::By::kRate && group_.since.empty()) {
        earlier = std::move(now);
        earlier_read_ = read;
      }
      // Late by more than a step (a suspended machine): no burst to catch up.
      next = std::max(next + step, Clock::now());
      std::this_thread::sleep_until(next);
    }
    output::note(printable(group_.wanted.text()) + " has ended, all of it");
    return kOk;
  }

 private:
  GroupNow read_noted() const {
    GroupNow reading = read_all(group_.wanted, group_.thread);
    for (sites::Profile &profile : reading.profiles)
      if (group_.under_ms > 0) sites::tell_short_lived(profile, group_.under_ms);
    if (reading.processes > 0 && reading.profiles.empty()) throw_none(reading, group_.wanted);
    const bool has_threads =
        group_.thread.empty() || reading.profiles.empty() ||
        std::any_of(reading.profiles.begin(), reading.profiles.end(),
                    [](const sites::Profile &profile) { return !profile.threads.empty(); });
    if (!has_threads)
      throw_no_thread(printable(group_.wanted.text()), group_.thread, std::move(reading.threads));
    return reading;
  }

  void show(const GroupNow &earlier, GroupNow &now, Clock::time_point read) {
    const std::string word = group_.wanted.text();
    auto members = std::make_shared<SiteMembers>();
    members->pids = now.pids;
    members->told = now.told;
    TakenSites taken{label_of(now, word), {}, std::nullopt, std::nullopt};
    members->together = sites::together(now.profiles, word, now.files);
    taken.profile = members->together.profile;
    if (is_change(group_.by)) {
      auto before = std::make_shared<SiteMembers>();
      before->pids = earlier.pids;
      before->together = sites::together(earlier.profiles, word, earlier.files);
      taken.earlier = before->together.profile;
      taken.earlier_members = std::move(before);
      members->together = sites::together(changes(earlier.profiles, now.profiles), word, now.files);
      taken.change = members->together.profile;
      if (earlier_read_) taken.lapse = std::chrono::duration<double>(read - *earlier_read_).count();
    }
    taken.members = std::move(members);
    output_.write(taken);
  }

  const GroupOfSites &group_;
  SiteOutput output_;
  std::optional<Clock::time_point> earlier_read_;  // none of a mark
};

}  // namespace

int show_sites_of(const GroupOfSites &group) { return GroupSeries(group).run(); }

}  // namespace heapmeter::cli
