// SPDX-License-Identifier: MIT
#include "readings/census.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "client/own_places.h"
#include "system/process.h"
#include "system/resident.h"

namespace heapmeter::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kAtOnce = 256;
constexpr std::size_t kStrangersBytes = 16u << 20;  // some thousand processes of other users
constexpr const char *kNotAnswering = "not answering", *kNotAsked = "not asked yet, so many say nothing";

void weigh(Member &member) {
  member.resident = process::resident_bytes(member.local_pid);
  member.anonymous = process::anonymous_bytes(member.local_pid);
}

int milliseconds_until(Deadline until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

// How many may be asked at once, of which so many are: each takes two descriptors until it is connected, and
// what is read of /proc meanwhile takes some.
std::size_t room_for(std::size_t open) {
  constexpr std::size_t kEach = 2, kForOthers = 12;
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kAtOnce;
  std::error_code failure;
  const std::filesystem::directory_iterator descriptors("/proc/self/fd", failure);
  if (failure) return 1;
  const auto taken =
      static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors))) + kForOthers;
  const std::size_t left = limit.rlim_cur > taken ? limit.rlim_cur - taken : 0;
  return std::clamp<std::size_t>((left + open) / kEach, 1, kAtOnce);
}

// Whatever its directory is called.
bool same_socket(const Endpoint &a, const Endpoint &b) {
  struct stat one = {}, other = {};
  return a.file == b.file && fstat(a.directory->fd(), &one) == 0 && fstat(b.directory->fd(), &other) == 0 &&
         one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

std::optional<Rates> Member::rates() const {
  return earlier && reading ? rates_between(*earlier, *reading) : std::nullopt;
}

boost::json::object to_json(const Member &member) {
  boost::json::object object = {{"schema", 1}};
  if (member.reading) {
    object.insert(member.reading->fields.begin(), member.reading->fields.end());
  } else {
    object["pid"] = member.endpoint.pid;
    object["parent_pid"] = member.parent;
    object["start_time"] = member.endpoint.start_time;
    object["name"] = member.name();
  }
  object["local_pid"] = member.local_pid != 0 ? boost::json::value(member.local_pid) : nullptr;
  object["socket"] = member.endpoint.directory ? boost::json::value(member.endpoint.path()) : nullptr;
  object["answering"] = member.complaint.empty();
  if (!member.complaint.empty()) object["error"] = member.complaint;
  object["rss_bytes"] = member.resident ? boost::json::value(*member.resident) : nullptr;
  if (const auto rates = member.rates()) object["rates"] = to_json(*rates);
  return object;
}

void Census::begin() {
  find();
  for (Place &place : places_) {
    place.due = !place.exchange;
    // A process that hangs does not tell, but the kernel does.
    if (place.exchange) weigh(place.member);
  }
}

void Census::find() {
  refused_.clear();
  std::map<std::string, Endpoint> found;
  if (also_) found.emplace(also_->path(), *also_);
  for (Endpoint &endpoint : finder_ ? finder_(refused_) : reachable_endpoints(refused_)) {
    if (!also_ || !same_socket(endpoint, *also_)) found.emplace(endpoint.path(), std::move(endpoint));
  }
  for (Place &place : places_) {
    // The directory as opened now: it may be a new one of the same name, and the old descriptor can go.
    const auto same = found.find(place.member.endpoint.path());
    if (same == found.end()) continue;
    place.member.endpoint = same->second;
    found.erase(same);
  }
  for (auto &[path, endpoint] : found) {
    places_.push_back({{.endpoint = std::move(endpoint)}});
    Member &member = places_.back().member;
    member.local_pid = member.endpoint.local_pid();
  }
}

bool Census::go_on(Deadline until, int wake) {
  for (;;) {
    ask_those_due();
    std::vector<pollfd> wanted{{wake, POLLIN, 0}};
    std::vector<Place *> asked;
    bool retry = false;
    for (Place &place : places_) {
      if (!place.exchange) continue;
      wanted.push_back(place.exchange->wanted());
      asked.push_back(&place);
      retry = retry || wanted.back().fd < 0;
    }
    const int left = milliseconds_until(until);
    if (asked.empty() || left == 0) break;
    const int turn = milliseconds_until(std::min(until, end_of_a_turn()));
    if (poll(wanted.data(), wanted.size(), retry ? std::min(turn, Exchange::kRetryMs) : turn) < 0 &&
        errno != EINTR) {
      throw std::runtime_error(fmt::format("waiting for answers: {}", strerror(errno)));
    }
    if (wanted[0].revents != 0) break;
    for (std::size_t at = 0; at < asked.size(); ++at) {
      if (wanted[at + 1].revents != 0 || wanted[at + 1].fd < 0) advance(*asked[at]);
    }
  }
  complain();
  drop_gone();
  return std::none_of(places_.begin(), places_.end(),
                      [](const Place &place) { return place.exchange || place.due; });
}

// Those that answered the last time first: many that hang may have half of the room.
void Census::ask_those_due() {
  std::size_t open = 0;
  bool due = false;
  for (const Place &place : places_) {
    open += place.exchange ? 1 : 0;
    due = due || place.due;
  }
  if (!due) return;
  const std::size_t room = room_for(open);
  for (Place &place : places_) {
    if (place.due && place.member.complaint.empty() && !ask(place, open, room)) break;
  }
  for (Place &place : places_) {
    if (place.due && !place.member.complaint.empty() && !ask(place, open, (room + 1) / 2)) break;
  }
}

bool Census::ask(Place &place, std::size_t &open, std::size_t room) {
  if (open >= room && !end_a_turn(open)) return false;
  for (;;) {
    try {
      place.exchange.emplace(place.member.endpoint, HEAPMETER_PATH_SNAPSHOT);
      break;
    } catch (const NoAnswer &silence) {
      const bool no_descriptor = silence.why() == Silence::kLate;
      if (no_descriptor && open > 0) {
        if (!end_a_turn(open)) return false;
        continue;
      }
      place.due = false;
      leave(place, silence);
      return true;
    }
  }
  place.due = false;
  place.asked = Clock::now();
  advance(place);
  if (place.exchange) ++open;
  return true;
}

Deadline Census::turn_of(const Place &place) const { return place.asked + std::max(patience_, turn_); }

// The first of them, if anybody waits for it.
Deadline Census::end_of_a_turn() const {
  const bool awaited =
      std::any_of(places_.begin(), places_.end(), [](const Place &each) { return each.due; });
  Deadline first = Deadline::max();
  for (const Place &each : places_) {
    if (awaited && each.exchange) first = std::min(first, turn_of(each));
  }
  return first;
}

bool Census::end_a_turn(std::size_t &open) {
  const auto now = Clock::now();
  const auto hanging = std::find_if(places_.begin(), places_.end(),
                                    [&](const Place &each) { return each.exchange && now >= turn_of(each); });
  if (hanging == places_.end()) return false;
  hanging->exchange.reset();
  hanging->member.complaint = kNotAnswering;
  --open;
  return true;
}

void Census::advance(Place &place) {
  try {
    if (!place.exchange->advance()) return;
    take(place);
  } catch (const NoAnswer &silence) {
    leave(place, silence);
  }
  place.exchange.reset();
}

// One that is not who it says it is, is nobody to be listed.
void Census::leave(Place &place, const NoAnswer &silence) {
  place.forged = silence.why() == Silence::kForged;
  place.gone = place.forged || silence.why() == Silence::kGone;
  place.member.complaint = silence.what();
}

bool Census::affords(Place &place, std::size_t bytes) {
  const std::size_t others = strangers_bytes_ - place.strangers_bytes;
  if (bytes > kStrangersBytes - others) return false;
  strangers_bytes_ = others + bytes;
  place.strangers_bytes = bytes;
  return true;
}

void Census::take(Place &place) {
  Member &member = place.member;
  const bool strangers = place.exchange->is_strangers();
  if (member.local_pid == 0 || strangers) {
    const int peer = place.exchange->peer_pid();
    if (peer != 0 && process::innermost_pid(peer) == member.endpoint.pid) member.local_pid = peer;
  }
  const std::string answer = place.exchange->take_body();
  if (strangers && !affords(place, answer.size()))
    throw NoAnswer(Silence::kStrange, "other users' processes say too much");
  auto reading = std::make_shared<const Reading>(parse_reading(answer));
  if (strangers && reading->pid != member.endpoint.pid)
    throw NoAnswer(Silence::kForged, "it says that it is another process");
  const auto status = process::status(member.local_pid);
  member.parent = status ? status->parent : reading->parent_pid;
  weigh(member);
  member.earlier = std::exchange(member.reading, std::move(reading));
  member.complaint.clear();
}

void Census::complain() {
  const auto now = Clock::now();
  for (Place &place : places_) {
    if (!place.exchange || now - place.asked < patience_) continue;
    Member &member = place.member;
    member.complaint = kNotAnswering;
    // Whose name it has is known when we are let in, and the kernel says who listens.
    const auto owner = member.endpoint.directory->owner();
    if (!member.reading && !place.exchange->is_connected() && owner && *owner != geteuid())
      member.local_pid = 0;
    if (const auto status = process::status(member.local_pid)) {
      member.parent = status->parent;
    } else if (member.local_pid != 0) {
      place.gone = true;  // the kernel keeps its connection as long as somebody else has the socket
    }
  }
}

void Census::drop_gone() {
  for (const Place &place : places_) {
    if (!place.gone) continue;
    strangers_bytes_ -= place.strangers_bytes;
    if (!place.forged) remove_if_dead(place.member.endpoint);
    if (also_ && same_socket(place.member.endpoint, *also_)) also_.reset();
  }
  std::erase_if(places_, [](const Place &place) { return place.gone; });
}

std::vector<Member> Census::members() const {
  std::vector<Member> all;
  for (const Place &place : places_) {
    const bool waits = place.due && !place.member.reading;
    if (!waits && !place.member.reading && place.member.complaint.empty()) continue;
    all.push_back(place.member);
    if (!place.member.reading) all.back().comm = process::name(place.member.local_pid);
    if (waits && all.back().complaint.empty()) all.back().complaint = kNotAsked;
  }
  std::sort(all.begin(), all.end(),
            [](const Member &a, const Member &b) { return a.shown_pid() < b.shown_pid(); });
  return all;
}

}  // namespace heapmeter::cli
