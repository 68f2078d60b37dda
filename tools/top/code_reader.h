// SPDX-License-Identifier: MIT
//
// Reads and names the code of one process, on a thread of its own: names take their time, and the picture
// does not wait for them.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "readings/census.h"
#include "top/code.h"
#include "top/worker.h"

namespace heapmeter::cli::tui {

class CodeReader {
 public:
  explicit CodeReader(double interval);

  int fd() const { return worker_.fd(); }
  std::optional<Code> take() { return worker_.take(); }
  // Nobody, when there is none.
  void look_at(std::optional<Member> member);
  void set_interval(double seconds);

 private:
  struct Wish {
    std::mutex mutex;
    std::optional<Member> member;
    double interval = 1;
  };
  static void work(Worker<Code>::Shared &shared, Wish &wish);

  std::shared_ptr<Wish> wish_;
  Worker<Code> worker_;
};

}  // namespace heapmeter::cli::tui
