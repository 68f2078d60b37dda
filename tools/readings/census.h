// SPDX-License-Identifier: MIT
//
// Every metered process this user may see, asked all at once by one thread that waits for none of them: one
// that hangs keeps its last reading, and a complaint, and its question stays open until it goes on.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "client/client.h"
#include "readings/rates.h"
#include "readings/reading.h"

namespace heapmeter::cli {

struct Member {
  Endpoint endpoint;
  int local_pid = 0;  // 0 when it runs in a pid namespace we do not see
  int parent = 0;
  std::shared_ptr<const Reading> earlier = {}, reading = {};  // the last two
  // Resident bytes; and of them what is neither files' nor shared.
  std::optional<std::uint64_t> resident = {}, anonymous = {};
  std::string complaint = {};  // why the last question has no answer
  std::string comm = {};       // what the kernel calls it, where it has not said its name

  int shown_pid() const { return local_pid != 0 ? local_pid : endpoint.pid; }
  const std::string &name() const { return reading ? reading->name : comm; }
  std::optional<Rates> rates() const;
};

// The schema of ps --json.
boost::json::object to_json(const Member &member);

class Census {
 public:
  // The sockets to ask at, where that are not all that can be reached; of places that are not to be trusted,
  // lines in `refused`.
  using Finder = std::function<std::vector<Endpoint>(std::vector<std::string> &refused)>;
  // `patience`: how long a process may think before it is complained about; `turn`: at least so long may one
  // that says nothing keep others waiting for its place.
  explicit Census(std::chrono::milliseconds patience, Finder finder = {},
                  std::chrono::milliseconds turn = std::chrono::milliseconds(200))
      : patience_(patience), turn_(turn), finder_(std::move(finder)) {}

  // This one too, as long as it lives, wherever its socket is.
  void also(Endpoint endpoint) { also_ = std::move(endpoint); }

  // Finds those that came, and puts a question to everyone that has none open. Throws UserError when there is
  // only one place to look at and it is not to be trusted; of several, refused() has those that are not.
  void begin();
  // Takes answers until all are in or the time is up, or `wake` can be read; true when all are in.
  bool go_on(Deadline until, int wake = -1);

  // By pid; without those that are gone.
  std::vector<Member> members() const;
  const std::vector<std::string> &refused() const { return refused_; }

 private:
  struct Place {
    Member member;
    std::optional<Exchange> exchange = {};
    std::chrono::steady_clock::time_point asked = {};
    bool due = false, gone = false, forged = false;
    std::size_t strangers_bytes = 0;  // of another user's last answer
  };

  void find();
  void ask_those_due();
  // False when as many as there is room for are asked already.
  bool ask(Place &place, std::size_t &open, std::size_t room);
  Deadline turn_of(const Place &place) const;
  Deadline end_of_a_turn() const;
  // Gives the place of one that says nothing to those that wait; false when all have their turn still.
  bool end_a_turn(std::size_t &open);
  void advance(Place &place);
  void leave(Place &place, const NoAnswer &silence);
  void take(Place &place);
  // Of all answers of other users together; false when this one would be too much.
  bool affords(Place &place, std::size_t bytes);
  void complain();
  void drop_gone();

  std::chrono::milliseconds patience_, turn_;
  Finder finder_;
  std::optional<Endpoint> also_;
  std::list<Place> places_;
  std::vector<std::string> refused_;
  std::size_t strangers_bytes_ = 0;
};

}  // namespace heapmeter::cli
